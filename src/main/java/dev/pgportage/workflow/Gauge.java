package dev.pgportage.workflow;

import java.util.Locale;

/**
 * One of the figures that tell whether a migration does harm, as it was read.
 *
 * @param name a stable word, such as {@code wal-retained}
 * @param title the same for people
 * @param value the figure
 * @param warning from where on there is a warning
 * @param limit from where on the run ends; 0 for never
 * @param unit {@code bytes}, {@code ms}, {@code transactions} or {@code connections}
 * @param level what the figure means
 */
public record Gauge(
    String name, String title, long value, long warning, long limit, String unit, Level level) {
  /** What a figure means. */
  public enum Level {
    /** Nothing. */
    OK,
    /** It is to be watched. */
    WARNING,
    /** It is beyond its limit. */
    DANGER
  }

  static Gauge of(String name, long value, long warning, long limit, String unit) {
    Level level = Level.OK;
    if (limit > 0 && value > limit) {
      level = Level.DANGER;
    } else if (warning > 0 && value > warning) {
      level = Level.WARNING;
    }
    return new Gauge(name, title(name), value, warning, limit, unit, level);
  }

  private static String title(String name) {
    return switch (name) {
      case SafetyReading.WAL -> "WAL held back";
      case SafetyReading.SLOT_AGE -> "Age of the slot's catalog snapshot";
      case SafetyReading.SNAPSHOT_AGE -> "Age of the load's snapshot";
      case SafetyReading.CONNECTIONS -> "Connections to the source";
      case SafetyReading.REPLICA_LAG -> "Standbys of the source behind by";
      case SafetyReading.TARGET_SIZE -> "Size of the target";
      case SafetyReading.SPOOL -> "Spool";
      default -> name;
    };
  }

  /** The figure and its limit for people, without the name. */
  public String text() {
    return String.format(
        Locale.ROOT,
        "%,d %s (limit %s)",
        value,
        unit,
        limit == 0 ? "none" : String.format(Locale.ROOT, "%,d", limit));
  }
}
