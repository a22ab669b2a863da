package dev.pgportage.config;

import dev.pgportage.config.MigrationConfig.Spool.WhenLost;

/** The keys of section {@code spool}. */
final class SpoolKeys {
  static final Setting<String> DIRECTORY =
      Setting.of(
          "spool.directory",
          Kind.text("a directory of this machine; ~ is the user's home", "(?s).+"),
          "~/.local/state/pgportage",
          "Where received changes wait while rows are loaded, or the target is slow or down. They"
              + " are rows: only this user can read the files.");
  static final Setting<Long> SIZE =
      Setting.of(
          "spool.max_size",
          Kind.size("0B", "100TB"),
          "10GB",
          "How large the spool may become, of all streams together; then the source keeps its WAL. 0B: it always does, and"
              + " large transactions, too, until they commit.");
  static final Setting<Long> KEEP_FREE =
      Setting.of(
          "spool.keep_free",
          Kind.size("0B", "100TB"),
          "2GB",
          "How much of the disk the spool leaves free.");
  static final Setting<Long> BEGINS_AT =
      Setting.of(
          "spool.begin_at",
          Kind.size("0B", "100TB"),
          "256MB",
          "How much WAL the target must be behind, with apply.batch_size waiting, before changes go"
              + " to the spool while they are applied.");
  static final Setting<WhenLost> WHEN_LOST =
      Setting.of(
          "spool.when_lost",
          Kind.word(WhenLost.class),
          "stop",
          "What is done on a machine where a spool that is needed is not. stop: the migration ends"
              + " with SPOOL_LOST; reload: every table is emptied and loaded again.");

  private SpoolKeys() {}
}
