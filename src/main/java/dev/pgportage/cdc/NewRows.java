package dev.pgportage.cdc;

import dev.pgportage.pgoutput.Tuple;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * New rows of one table, kept as places in the messages they came in: an object for each would keep
 * the collector busy. Not thread-safe.
 */
final class NewRows {
  private static final int FIRST = 64;

  private final List<byte[]> messages = new ArrayList<>();

  /** For each row which message, and where in it. */
  private long[] places = new long[FIRST];

  private int size;

  /** Takes one row, and where it is in its message. */
  @FunctionalInterface
  interface RowConsumer<E extends Exception> {
    void accept(byte[] bytes, int begin) throws E;
  }

  // The very array: messages that came together lie in one.
  @SuppressWarnings("ReferenceEquality")
  void add(Tuple row) {
    if (messages.isEmpty() || messages.getLast() != row.bytes()) {
      messages.add(row.bytes());
    }
    if (size == places.length) {
      places = Arrays.copyOf(places, size * 2);
    }
    places[size++] = ((long) (messages.size() - 1) << Integer.SIZE) | row.begin();
  }

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  <E extends Exception> void forEach(RowConsumer<E> consumer) throws E {
    for (int i = 0; i < size; i++) {
      long place = places[i];
      consumer.accept(messages.get((int) (place >> Integer.SIZE)), (int) place);
    }
  }

  void clear() {
    messages.clear();
    places = new long[FIRST];
    size = 0;
  }
}
