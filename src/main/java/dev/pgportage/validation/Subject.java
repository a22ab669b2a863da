package dev.pgportage.validation;

import dev.pgportage.schema.Column;
import dev.pgportage.schema.Table;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A table and what of it is compared.
 *
 * @param table as the source has it
 * @param portion all of it, or some rows
 */
public record Subject(Table table, Portion portion) {
  /** So many rows are read one after the other in the time one is found by its key. */
  private static final int ROWS_READ_PER_KEY = 8;

  /** All of a table. */
  public static Subject whole(Table table) {
    return new Subject(table, new Portion.Whole());
  }

  /**
   * The rows of a table with some keys; all of it where that is as fast, or where values of the
   * key's types cannot be looked for by their texts.
   *
   * @param rows how many rows the table had when it was last read
   * @param keys one list per key: the texts of its columns, in the order of the table's key
   */
  public static Subject rows(Table table, long rows, List<List<String>> keys) {
    boolean isMost = (long) keys.size() * ROWS_READ_PER_KEY > rows;
    return isMost || !KeyColumns.canBeLookedFor(table)
        ? whole(table)
        : new Subject(table, new Portion.Rows(keys));
  }

  /**
   * The same without rows that were touched in between the moments both sides are read at.
   *
   * @param keys as in {@link #rows}
   * @return empty if these rows cannot be told from the others
   */
  public Optional<Subject> without(List<List<String>> keys) {
    if (!KeyColumns.canBeLookedFor(table)) {
      return Optional.empty();
    }
    return Optional.of(
        switch (portion) {
          case Portion.Rows(List<List<String>> wanted) -> {
            var rest = new LinkedHashSet<>(wanted);
            rest.removeAll(Set.copyOf(keys));
            yield new Subject(table, new Portion.Rows(List.copyOf(rest)));
          }
          default -> new Subject(table, new Portion.Except(portion, keys));
        });
  }

  /** About how many rows are read. */
  public long estimatedRows() {
    return portion instanceof Portion.Rows(List<List<String>> keys)
        ? keys.size()
        : (long) Math.max(0, table.estimatedRows());
  }

  /** About how many bytes are read. */
  public long estimatedBytes() {
    double rows = Math.max(1, table.estimatedRows());
    return portion instanceof Portion.Rows(List<List<String>> keys)
        ? (long) Math.min((double) table.bytes(), keys.size() * Math.max(1.0, table.bytes() / rows))
        : table.bytes();
  }

  /** The columns rows are told apart by; none if they are not. */
  List<Column> key() {
    return KeyColumns.of(table);
  }
}
