package dev.pgportage.telemetry;

import java.time.Instant;

/**
 * Something that happened and that a person may want to know afterwards.
 *
 * @param at when, by this machine's clock
 * @param level how much it matters
 * @param kind a stable word for programs, such as {@code load.table-done}
 * @param message one sentence for people; no row values, no secrets
 */
public record Event(Instant at, Level level, String kind, String message) {
  /** How much an event matters. */
  public enum Level {
    /** The usual course. */
    INFO,
    /** Something to look at; the migration goes on. */
    WARNING,
    /** The migration stops here. */
    ERROR
  }

  /** An event of the usual course, now. */
  public static Event info(String kind, String message) {
    return new Event(Instant.now(), Level.INFO, kind, message);
  }

  /** An event to look at, now. */
  public static Event error(String kind, String message) {
    return new Event(Instant.now(), Level.ERROR, kind, message);
  }

  /** Something a person should look at, now. */
  public static Event warning(String kind, String message) {
    return new Event(Instant.now(), Level.WARNING, kind, message);
  }
}
