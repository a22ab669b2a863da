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

  /** Takes one column's bytes; a negative length is NULL. */
  @FunctionalInterface
  public interface ValueConsumer<E extends Exception> {
    /** Takes it; the bytes are others' too, and must not be written to. */
    void accept(byte[] bytes, int start, int length) throws E;
  }

  private final byte[] message;
  private final int begin;

  /** For each column where it begins and how long it is; one array, since rows come by millions. */
  private final int[] slices;

  private final int weight;

  private Tuple(byte[] message, int begin, int[] slices, int weight) {
    this.message = message;
    this.begin = begin;
    this.slices = slices;
    this.weight = weight;
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
    int begin = in.position();
    int columns = in.int16();
    int[] slices = new int[columns * 2];
    int weight = 0;
    for (int i = 0; i < slices.length; i += 2) {
      byte kind = in.int8();
      switch (kind) {
        case 'n' -> slices[i + 1] = NULL;
        case 'u' -> slices[i + 1] = UNCHANGED;
        case 't' -> {
          slices[i + 1] = in.length();
          slices[i] = in.skip(slices[i + 1]);
          weight += slices[i + 1];
        }
        default -> throw in.violation("column of unknown kind " + kind);
      }
    }
    return new Tuple(in.bytes(), begin, slices, weight);
  }

  /**
   * A tuple that was read before, again.
   *
   * @param bytes its {@link #bytes()}
   * @param begin its {@link #begin()}
   */
  public static Tuple at(byte[] bytes, int begin) {
    return read(new WireReader(bytes, begin, bytes.length));
  }

  /**
   * Hands out the columns of a tuple that was read before, one after the other, without making it
   * again.
   *
   * @param bytes its {@link #bytes()}
   * @param begin its {@link #begin()}; every column of it must have been sent
   */
  public static <E extends Exception> void forEach(
      byte[] bytes, int begin, ValueConsumer<E> consumer) throws E {
    int columns = ((bytes[begin] & 0xFF) << 8) | (bytes[begin + 1] & 0xFF);
    int at = begin + Short.BYTES;
    for (int i = 0; i < columns; i++) {
      if (bytes[at++] == 'n') {
        consumer.accept(bytes, at, NULL);
      } else {
        int length = WireReader.int32(bytes, at);
        at += Integer.BYTES;
        consumer.accept(bytes, at, length);
        at += length;
      }
    }
  }

  /** The number of columns. */
  public int size() {
    return slices.length / 2;
  }

  /** Whether the column is NULL. */
  public boolean isNull(int column) {
    return length(column) == NULL;
  }

  /** Whether the column's TOASTed value was not changed, and so not sent. */
  public boolean isUnchanged(int column) {
    return length(column) == UNCHANGED;
  }

  /** How many bytes its values take together. */
  public int weight() {
    return weight;
  }

  /** The bytes all values lie in, others' too; not to be written to. */
  public byte[] bytes() {
    return message;
  }

  /** Where in {@link #bytes()} it begins. */
  public int begin() {
    return begin;
  }

  /** Where in {@link #bytes()} the column's text begins. */
  public int start(int column) {
    return slices[2 * column];
  }

  /** How many bytes the column's text has; negative if there is none. */
  public int length(int column) {
    return slices[2 * column + 1];
  }

  /**
   * The column's text.
   *
   * @throws IllegalStateException if it is NULL or was not sent
   */
  public String text(int column) {
    if (length(column) < 0) {
      throw new IllegalStateException("Column " + column + " has no text");
    }
    return new String(message, start(column), length(column), StandardCharsets.UTF_8);
  }

  /** The number of columns only: a row's values must not reach a message. */
  @Override
  public String toString() {
    return "Tuple of " + size();
  }
}
