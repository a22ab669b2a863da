package dev.pgportage.pg;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A position in the source's write-ahead log: a byte offset, written as two hexadecimal halves.
 *
 * <p>Ordered as unsigned 64-bit numbers. Source: PostgreSQL manual, "pg_lsn Type".
 *
 * @param value the offset in bytes, unsigned
 */
public record Lsn(long value) implements Comparable<Lsn> {
  /** The position before everything: {@code 0/0}. */
  public static final Lsn ZERO = new Lsn(0);

  /** The position after everything. */
  public static final Lsn MAX = new Lsn(-1);

  private static final Pattern FORM = Pattern.compile("([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})");

  /**
   * Reads PostgreSQL's text form, such as {@code 16/B374D848}.
   *
   * @throws IllegalArgumentException if the text has another form (never 0/0 instead)
   */
  public static Lsn parse(String text) {
    var matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("Not an LSN: '" + text + "'");
    }
    long high = Long.parseLong(matcher.group(1), 16);
    long low = Long.parseLong(matcher.group(2), 16);
    return new Lsn(high << 32 | low);
  }

  /** Bytes from another position to this one; negative if the other is ahead. */
  public long bytesSince(Lsn other) {
    return value - other.value;
  }

  /** Whether this position lies before the other. */
  public boolean isBefore(Lsn other) {
    return compareTo(other) < 0;
  }

  /** The greater of two positions. */
  public static Lsn max(Lsn a, Lsn b) {
    return a.isBefore(b) ? b : a;
  }

  @Override
  public int compareTo(Lsn other) {
    return Long.compareUnsigned(value, other.value);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%X/%X", value >>> 32, value & 0xFFFFFFFFL);
  }
}
