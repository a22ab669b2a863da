package dev.pgportage.cdc;

import dev.pgportage.pgoutput.Tuple;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The text of some columns of a row, as one value to compare by: for each column its length (-1 for
 * NULL) and its bytes. Immutable.
 *
 * <p>Ordered by that: shorter texts first, so that numbers without a sign, dates and identifiers of
 * one length come as their own types would order them. No meaning beyond that.
 */
final class RowKey implements Comparable<RowKey> {
  private final byte[] bytes;
  private final int hash;

  private RowKey(byte[] bytes) {
    this.bytes = bytes;
    this.hash = Arrays.hashCode(bytes);
  }

  /**
   * Copies the columns' texts.
   *
   * @param source gives the tuple that holds a column's value
   */
  static RowKey of(List<Integer> columns, IntFunction<Tuple> source) {
    int size = 0;
    for (int column : columns) {
      size += Integer.BYTES + Math.max(0, source.apply(column).length(column));
    }
    var buffer = ByteBuffer.allocate(size);
    for (int column : columns) {
      Tuple tuple = source.apply(column);
      int length = tuple.length(column);
      buffer.putInt(length);
      if (length > 0) {
        buffer.put(tuple.bytes(), tuple.start(column), length);
      }
    }
    return new RowKey(buffer.array());
  }

  /**
   * Copies the key of a row; columns it leaves out are those of its former version.
   *
   * @return null if the key is not told
   */
  static @Nullable RowKey of(int[] columns, Tuple row, @Nullable Tuple old) {
    int size = 0;
    for (int column : columns) {
      int length = holder(row, old, column).length(column);
      if (length < 0) {
        return null;
      }
      size += Integer.BYTES + length;
    }
    byte[] bytes = new byte[size];
    int at = 0;
    for (int column : columns) {
      Tuple tuple = holder(row, old, column);
      int length = tuple.length(column);
      bytes[at] = (byte) (length >> 24);
      bytes[at + 1] = (byte) (length >> 16);
      bytes[at + 2] = (byte) (length >> 8);
      bytes[at + 3] = (byte) length;
      System.arraycopy(tuple.bytes(), tuple.start(column), bytes, at + Integer.BYTES, length);
      at += Integer.BYTES + length;
    }
    return new RowKey(bytes);
  }

  private static Tuple holder(Tuple row, @Nullable Tuple old, int column) {
    return old != null && row.isUnchanged(column) ? old : row;
  }

  /** How many bytes it takes. */
  int size() {
    return bytes.length;
  }

  /** Hands out the columns one after the other. */
  <E extends Exception> void forEach(Tuple.ValueConsumer<E> consumer) throws E {
    var buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      int length = buffer.getInt();
      int start = buffer.position();
      consumer.accept(bytes, start, length);
      buffer.position(start + Math.max(0, length));
    }
  }

  /** The columns as text; of a key none is NULL. */
  List<String> texts() {
    var texts = new ArrayList<String>();
    forEach(
        (bytes, start, length) ->
            texts.add(new String(bytes, start, length, StandardCharsets.UTF_8)));
    return texts;
  }

  @Override
  public int compareTo(RowKey other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RowKey key && hash == key.hash && Arrays.equals(bytes, key.bytes);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  /** Its size only: a row's values must not reach a message. */
  @Override
  public String toString() {
    return "RowKey of " + bytes.length + " bytes";
  }
}
