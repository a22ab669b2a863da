package dev.pgportage.pgoutput;

import java.nio.charset.StandardCharsets;

/**
 * One row as the source sent it: a view of the message's own bytes, one slice a column.
 *
 * <p>Immutable as long as nobody writes to {@link #bytes()}; thread-safe then.
 */
public final class Tuple {
  private static final int NULL = -1;
  private static final int UNCHANGED = -2;

  private final byte[] message;
  private final int[] starts;
  private final int[] lengths;

  private Tuple(byte[] message, int[] starts, int[] lengths) {
    this.message = message;
    this.starts = starts;
    this.lengths = lengths;
  }

  /**
   * Reads TupleData:
   *
   * <pre>
   *  Int16  number of columns; then for each:
   *    Byte1('n')  the value is NULL
   *    Byte1('u')  an unchanged TOASTed value, not sent
   *    Byte1('t')  Int32 length, Byten the value in text format
   *    Byte1('b')  Int32 length, Byten the value in binary format (only if asked for: never)
   * </pre>
   */
  static Tuple read(WireReader in) {
    int columns = in.int16();
    int[] starts = new int[columns];
    int[] lengths = new int[columns];
    for (int i = 0; i < columns; i++) {
      byte kind = in.int8();
      switch (kind) {
        case 'n' -> lengths[i] = NULL;
        case 'u' -> lengths[i] = UNCHANGED;
        case 't' -> {
          lengths[i] = in.length();
          starts[i] = in.skip(lengths[i]);
        }
        default -> throw in.violation("column of unknown kind " + kind);
      }
    }
    return new Tuple(in.bytes(), starts, lengths);
  }

  /** The number of columns. */
  public int size() {
    return lengths.length;
  }

  /** Whether the column is NULL. */
  public boolean isNull(int column) {
    return lengths[column] == NULL;
  }

  /** Whether the column's TOASTed value was not changed, and so not sent. */
  public boolean isUnchanged(int column) {
    return lengths[column] == UNCHANGED;
  }

  /** The bytes all values lie in; not to be written to. */
  public byte[] bytes() {
    return message;
  }

  /** Where in {@link #bytes()} the column's text begins. */
  public int start(int column) {
    return starts[column];
  }

  /** How many bytes the column's text has; negative if there is none. */
  public int length(int column) {
    return lengths[column];
  }

  /**
   * The column's text.
   *
   * @throws IllegalStateException if it is NULL or was not sent
   */
  public String text(int column) {
    if (lengths[column] < 0) {
      throw new IllegalStateException("Column " + column + " has no text");
    }
    return new String(message, starts[column], lengths[column], StandardCharsets.UTF_8);
  }

  /** The number of columns only: a row's values must not reach a message. */
  @Override
  public String toString() {
    return "Tuple of " + size();
  }
}
