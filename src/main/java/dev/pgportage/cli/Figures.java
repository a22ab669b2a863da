package dev.pgportage.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

/** Numbers as people read them. */
final class Figures {
  private static final List<String> UNITS = List.of("B", "kB", "MB", "GB", "TB", "PB");
  private static final int KILO = 1024;
  private static final int MINUTE = 60;
  private static final int HOUR = 3600;

  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());

  private Figures() {}

  /** {@code 1,234,567}. */
  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** {@code 1 row}, {@code 1,234 rows}: a noun whose plural ends in s. */
  static String number(long number, String noun) {
    return count(number) + " " + noun + (number == 1 ? "" : "s");
  }

  /** {@code 1.5 GB}; powers of 1024, as PostgreSQL counts. */
  static String bytes(long number) {
    return bytes((double) number);
  }

  /** The same for an average. */
  static String bytes(double number) {
    double value = number;
    int unit = 0;
    while (Math.abs(value) >= KILO && unit < UNITS.size() - 1) {
      value /= KILO;
      unit++;
    }
    String format = unit == 0 || value >= 100 ? "%.0f %s" : "%.1f %s";
    return String.format(Locale.ROOT, format, value, UNITS.get(unit));
  }

  /** {@code 2026-11-23 21:57:09Z}: a moment, in UTC. */
  static String moment(Instant at) {
    return at.truncatedTo(ChronoUnit.SECONDS).toString().replace('T', ' ');
  }

  /** {@code 21:57:09}: a moment of today, by this machine's clock. */
  static String clock(Instant at) {
    return CLOCK.format(at);
  }

  /** {@code 340 ms}, {@code 4.2 s}, {@code 3 min 20 s}, {@code 2 h 5 min}. */
  static String time(Duration duration) {
    double seconds = duration.toMillis() / 1000.0;
    if (seconds < 1) {
      return duration.toMillis() + " ms";
    }
    if (seconds < MINUTE) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    long whole = Math.round(seconds);
    return whole < HOUR
        ? whole / MINUTE + " min " + whole % MINUTE + " s"
        : whole / HOUR + " h " + whole % HOUR / MINUTE + " min";
  }

  /** {@code 45 %}; 100 only if it is all of it. */
  static String percent(double share) {
    long percent = share >= 1 ? 100 : Math.min(99, Math.round(share * 100));
    return percent + " %";
  }
}
