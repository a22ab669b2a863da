package dev.pgportage.config;

import dev.pgportage.config.MigrationConfig.Cutover.Reverse;
import java.time.Duration;

/** The keys of the section {@code cutover} that say how clients are led, and back. */
final class SwitchSettings {
  static final String NONE = "none";

  static final Setting<Reverse> REVERSE =
      Setting.of(
          "cutover.reverse",
          Kind.word(Reverse.class),
          "on",
          "on: from the cutover's first moment on changes flow back to the source, so that"
              + " 'rollback' loses nothing; the cutover is refused if that is not possible. off:"
              + " there is no way back after the cutover.");
  static final Setting<String> COMMAND =
      Setting.absent(
          "cutover.command",
          Kind.text("a command for /bin/sh", "(?s).+"),
          NONE,
          "Run when the writes move, with what it has to know in its environment (docs/guide.md).");
  static final Setting<String> WEBHOOK =
      Setting.absent(
          "cutover.webhook",
          Kind.text("an address of http or https", "none|https?://[^/].*"),
          NONE,
          "Sent the same as a JSON document by POST when the writes move; tried again until"
              + " cutover.hook_timeout.");
  static final Setting<String> HEADER =
      Setting.absent(
          "cutover.webhook_header",
          Kind.text(
              "NAME: VALUE, best from the environment: ${SWITCH_HEADER}", "none|[!-9;-~]+: ?.+"),
          NONE,
          "A header of these requests, such as Authorization.");
  static final Setting<Duration> TIMEOUT =
      Setting.of(
          "cutover.hook_timeout",
          Kind.time("100ms", "10min"),
          "30s",
          "How long each hook may take; for a PgBouncer's PAUSE, how long its clients' transactions"
              + " may.");
  static final Setting<String> PGBOUNCER =
      Setting.of(
          "cutover.pgbouncer",
          Kind.texts(
              "a list of URLs of admin consoles (postgresql://admin@host:6432/pgbouncer), each with"
                  + " the path of that PgBouncer's configuration behind a blank, where pgportage can"
                  + " write it",
              "\\S+( .+)?"),
          "[]",
          "PgBouncers that are paused before the fence, led to the other database once it is open,"
              + " and resumed: clients see a pause.");
  static final Setting<String> DATABASE =
      Setting.absent(
          "cutover.pgbouncer_database",
          Kind.text("a name in its [databases]", ".+"),
          "the source database's name",
          "What the database is called in these PgBouncers.");

  private SwitchSettings() {}
}
