package dev.pgportage.load;

import java.util.List;

/**
 * The keys of rows that were touched on the source between two snapshots: inserted, updated (the
 * former key and the new one), or deleted.
 *
 * @param columns the key's columns, all of built-in types
 * @param keys for each key the columns' values as text
 */
public record TouchedKeys(List<String> columns, List<List<String>> keys) {
  /** Copies the columns; the keys are many, and must not be changed any more. */
  public TouchedKeys {
    columns = List.copyOf(columns);
  }

  /** How many there are. */
  public int size() {
    return keys.size();
  }
}
