package dev.pgportage.telemetry;

import java.util.List;
import java.util.Locale;

/**
 * What monitoring systems can read of a migration: names, units and labels, as {@code
 * docs/metrics.md} lists them. Every one also has the label {@code migration}.
 */
public enum Metric {
  /** Whether the state on the target could be read. */
  STATE_READABLE(Type.GAUGE, "", "1 if the state on the target could be read, else 0"),
  /** Whether a process runs the migration. */
  RUNNING(Type.GAUGE, "", "1 if a process runs the migration, else 0"),
  /** The phase. */
  PHASE(Type.GAUGE, "", "1 for the phase the migration is in", "phase"),
  /** Since when the phase lasts. */
  PHASE_SINCE(Type.GAUGE, "seconds", "when the phase began, in seconds since 1970"),
  /** Where a step stands. */
  STEP_STATUS(Type.GAUGE, "", "0 pending, 1 running, 2 done, 3 failed", "step"),
  /** How often a step was begun. */
  STEP_ATTEMPTS(Type.GAUGE, "", "how often the step was begun", "step"),
  /** Tables by their load. */
  LOAD_TABLES(Type.GAUGE, "", "tables by the state of their load", "state"),
  /** Rows loaded. */
  LOAD_ROWS(Type.GAUGE, "", "rows on the target by the load's ledger"),
  /** Rows expected. */
  LOAD_PLANNED_ROWS(Type.GAUGE, "", "rows expected, an estimate"),
  /** Bytes copied by this process. */
  LOAD_COPIED(Type.GAUGE, "bytes", "copied since this process began"),
  /** Bytes expected. */
  LOAD_PLANNED(Type.GAUGE, "bytes", "expected, an estimate"),
  /** The lag in time. */
  LAG(
      Type.GAUGE,
      "seconds",
      "age of the newest change known to be applied; by the running process"),
  /** The lag in WAL. */
  LAG_WAL(Type.GAUGE, "bytes", "WAL between the source's position and the applied one"),
  /** WAL the slot keeps. */
  RETAINED_WAL(Type.GAUGE, "bytes", "WAL the slot holds back on the source"),
  /** Whether the slot lives. */
  SLOT_USABLE(Type.GAUGE, "", "0 if the source has removed WAL the slot needs, else 1"),
  /** A figure that tells whether the migration does harm. */
  SAFETY(
      Type.GAUGE,
      "",
      "what could harm a server, in the unit docs/operations.md names: WAL held back, ages,"
          + " connections, the spool",
      "gauge"),
  /** Where that is too much. */
  SAFETY_LIMIT(
      Type.GAUGE, "", "where pgportage_safety is too much; none where there is no limit", "gauge"),
  /** Transactions applied. */
  APPLIED_TRANSACTIONS(Type.COUNTER, "", "source transactions applied"),
  /** Changes applied. */
  APPLIED_CHANGES(
      Type.COUNTER,
      "",
      "rows changed on the source and applied, and tables truncated",
      "operation"),
  /** Bytes of the stream applied. */
  APPLIED(Type.COUNTER, "bytes", "size of the stream's messages that were applied"),
  /** Tables by their last proof. */
  VALIDATION_TABLES(Type.GAUGE, "", "tables by their newest comparison", "result"),
  /** Tables by how far they are proven. */
  PROOF_TABLES(
      Type.GAUGE,
      "",
      "tables by how far they are proven: proven, changed, recopied, differs, open",
      "state"),
  /** Rows proven. */
  VALIDATION_ROWS(Type.GAUGE, "", "source rows in the newest comparisons"),
  /** Rows that differ. */
  VALIDATION_DIFFERENCES(
      Type.GAUGE, "", "missing, extra and differing rows in the newest comparisons"),
  /** Whether a change of the schema waits. */
  SCHEMA_CHANGE_WAITING(Type.GAUGE, "", "1 if a change of the source's schema waits, else 0"),
  /** Events by level. */
  EVENTS(Type.COUNTER, "", "events", "level"),
  /** Messages sent. */
  NOTIFICATIONS_SENT(Type.COUNTER, "", "messages a channel took", "channel"),
  /** Whether a channel fails. */
  CHANNEL_FAILING(Type.GAUGE, "", "1 if a channel takes no messages, else 0", "channel");

  /** How a metric behaves. */
  public enum Type {
    /** Goes up and down. */
    GAUGE,
    /** Only grows. */
    COUNTER
  }

  private final Type type;
  private final String unit;
  private final String meaning;

  @SuppressWarnings("ImmutableEnumChecker") // Made by List.of.
  private final List<String> labels;

  Metric(Type type, String unit, String meaning, String... labels) {
    this.type = type;
    this.unit = unit;
    this.meaning = meaning;
    this.labels = List.of(labels);
  }

  /** How it behaves. */
  public Type type() {
    return type;
  }

  /** Its unit, {@code seconds} or {@code bytes}; empty for a plain number. */
  public String unit() {
    return unit;
  }

  /** What it tells. */
  public String meaning() {
    return meaning;
  }

  /** The names of its labels, beside {@code migration}. */
  public List<String> labels() {
    return labels;
  }

  /** The name without unit and suffix, such as {@code pgportage_lag}. */
  String base() {
    return "pgportage_" + name().toLowerCase(Locale.ROOT);
  }

  /** Its name as Prometheus has it, such as {@code pgportage_lag_seconds}. */
  public String exposed() {
    return base() + (unit.isEmpty() ? "" : "_" + unit) + (type == Type.COUNTER ? "_total" : "");
  }
}
