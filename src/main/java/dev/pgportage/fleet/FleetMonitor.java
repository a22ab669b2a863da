package dev.pgportage.fleet;

import dev.pgportage.telemetry.Monitor;

/** Who watches a fleet. Called from many threads; must be thread-safe, quick, and not throw. */
public interface FleetMonitor {
  /** Who watches one of its migrations. */
  Monitor of(String migration);

  /** A migration waits for its turn to load. */
  default void waiting(String migration) {}

  /** A migration's run has ended. */
  default void ended(MemberResult<?> result) {}

  /** Watches nothing. */
  static FleetMonitor none() {
    return _ -> Monitor.none();
  }
}
