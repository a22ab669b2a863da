package dev.pgportage.telemetry;

import dev.pgportage.pg.QualifiedName;

/**
 * Who watches a migration: the terminal, the state's event log, tests. Called from many threads;
 * implementations must be thread-safe, quick, and must not throw.
 */
public interface Monitor {
  /** Something happened. */
  void event(Event event);

  /** Bytes and rows of one table's load moved on; the figures are totals. */
  default void loading(QualifiedName table, Progress.Reading total) {}

  /**
   * A comparison got on.
   *
   * @param ofTable how far this table is: done once its bytes are those planned
   * @param total of all tables of this validation
   */
  default void validating(QualifiedName table, Progress.Reading ofTable, Progress.Reading total) {}

  /** The lag was measured anew. */
  default void lag(Lag lag) {}

  /** Watches nothing. */
  static Monitor none() {
    return _ -> {};
  }
}
