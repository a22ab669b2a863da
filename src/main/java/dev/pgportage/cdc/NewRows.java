package dev.pgportage.cdc;

import dev.pgportage.pgoutput.Tuple;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

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
  private boolean closed;

  /** Takes one row, and where it is in its message. */
  @FunctionalInterface
  interface RowConsumer<E extends Exception> {
    void accept(byte[] bytes, int begin) throws E;
  }

  /**
   * Adds a row, unless these are closed.
   *
   * @return whether it was added
   */
  // The very array: messages that came together lie in one.
  @SuppressWarnings("ReferenceEquality")
  boolean add(Tuple row) {
    if (closed) {
      return false;
    }
    if (messages.isEmpty() || messages.getLast() != row.bytes()) {
      messages.add(row.bytes());
    }
    if (size == places.length) {
      places = Arrays.copyOf(places, size * 2);
    }
    places[size++] = ((long) (messages.size() - 1) << Integer.SIZE) | row.begin();
    return true;
  }

  /** Hands over what is there; takes nothing any more. */
  void close(Consumer<Tuple> rest) {
    if (!closed) {
      closed = true;
      forEach((bytes, begin) -> rest.accept(Tuple.at(bytes, begin)));
      clear();
    }
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
