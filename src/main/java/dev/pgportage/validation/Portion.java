package dev.pgportage.validation;

import java.util.List;

/** What of a table is compared. */
public sealed interface Portion {
  /** All its rows. */
  record Whole() implements Portion {}

  /**
   * The rows with some keys, wherever they are: what changed since a proof.
   *
   * @param keys one list per key: the texts of its columns, in the order of the table's key
   */
  record Rows(List<List<String>> keys) implements Portion {
    /** Copies the list. */
    public Rows {
      keys = List.copyOf(keys);
    }
  }

  /**
   * The rows a condition holds for, on each side.
   *
   * @param sql what could stand behind WHERE; the table is called {@code t}
   */
  record Condition(String sql) implements Portion {}

  /**
   * The rows of another portion but for those with some keys.
   *
   * @param other all rows, or those a condition holds for
   * @param keys as in {@link Rows}
   */
  record Except(Portion other, List<List<String>> keys) implements Portion {
    /** Copies the list. */
    public Except {
      keys = List.copyOf(keys);
    }
  }
}
