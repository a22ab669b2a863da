package dev.pgportage.cdc;

import java.util.List;

/**
 * What the stream changed of one table after a position. Keys are values of the user's: never for
 * messages, logs or the state.
 */
public sealed interface Touched {
  /** Nothing. */
  record Nothing() implements Touched {}

  /**
   * No row but those with these keys, former and present ones.
   *
   * @param keys one list per key: the texts of its columns, in the order of {@code Table.key}
   */
  record Rows(List<List<String>> keys) implements Touched {
    /** Copies the list. */
    public Rows {
      keys = List.copyOf(keys);
    }
  }

  /** Nobody knows which rows: all may be. */
  record Everything() implements Touched {}
}
