package dev.pgportage.validation;

import dev.pgportage.schema.Column;
import dev.pgportage.schema.Table;
import java.util.List;

/** The columns of a table's key. */
final class KeyColumns {
  private KeyColumns() {}

  /** The columns in the key's order; none without a key. */
  static List<Column> of(Table table) {
    return table.key().map(Table.Key::columns).orElse(List.of()).stream()
        .map(name -> table.columns().stream().filter(c -> c.name().equals(name)).findFirst())
        .map(column -> column.orElseThrow())
        .toList();
  }

  /**
   * Whether a key's text, read as its type again, finds the row by the index: types of PostgreSQL's
   * own, which are read as they are printed and whose operators are in pg_catalog.
   */
  static boolean canBeLookedFor(Table table) {
    List<Column> key = of(table);
    return !key.isEmpty() && key.stream().allMatch(RowText::isReadAsPrinted);
  }
}
