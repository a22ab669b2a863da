package dev.pgportage.config;

import java.time.Duration;

/** The settings of what ends a run before it does harm. */
final class SafetySettings {
  static final Setting<Duration> STALL_AFTER =
      Setting.of(
          "safety.stall_after",
          Kind.time("1s", "1d"),
          "1min",
          "Without any progress for so long, what is waited for is looked up on both sides and told;"
              + " again at growing intervals.");
  static final Setting<Duration> STALL_LIMIT =
      Setting.of(
          "safety.stall_limit",
          Kind.time("1s", "30d"),
          "1h",
          "Without any progress for so long the run ends with STALLED.");
  static final Setting<Long> MAX_WAL =
      Setting.of(
          "safety.max_wal",
          Kind.size("0B", "1000TB"),
          "100GB",
          "How much WAL the slot may hold back on the source, in every phase; at half of it there is"
              + " a warning. 0B: no limit.");
  static final Setting<MigrationConfig.Safety.WalAction> ON_MAX_WAL =
      Setting.of(
          "safety.on_max_wal",
          Kind.word(MigrationConfig.Safety.WalAction.class),
          "stop",
          "What is done at safety.max_wal. stop: the run ends with SOURCE_ENDANGERED, and the slot"
              + " keeps what it holds; release: the slot is dropped as well, so that the source is"
              + " safe, and the migration has to be begun anew.");
  static final Setting<Long> MAX_TARGET_SIZE =
      Setting.of(
          "safety.max_target_size",
          Kind.size("0B", "1000TB"),
          "0B",
          "How large the target's database may become, since a server does not tell how much room"
              + " its disk has; at nine tenths of it there is a warning. 0B: no limit.");

  private SafetySettings() {}
}
