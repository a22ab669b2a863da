package dev.pgportage.cdc;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pgoutput.Tuple;
import dev.pgportage.schema.Column;
import dev.pgportage.schema.Column.Identity;
import dev.pgportage.schema.Table;
import dev.pgportage.schema.Table.ReplicaIdentity;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A streamed table as changes refer to it: its columns in the order they are sent, and which of
 * them are the key. Compared by identity.
 *
 * <p>Without a key, which only REPLICA IDENTITY FULL allows, its rows are a multiset.
 */
final class ReplicatedTable {
  private final Table table;
  private final Lsn snapshot;
  private final List<Column> columns;
  private final List<Integer> key;

  /** The same, for what is done with every change. */
  private final int[] keyColumns;

  /**
   * A table and the point its loaded rows are of.
   *
   * @param snapshot changes of transactions that committed before it are on the target already
   */
  ReplicatedTable(Table table, Lsn snapshot) {
    this.table = table;
    this.snapshot = snapshot;
    this.columns = table.writtenColumns();
    List<String> names = table.writtenColumnNames();
    List<Integer> indexes =
        table.key().map(k -> k.columns().stream().map(names::indexOf).toList()).orElse(List.of());
    // A generated column is not sent, so a key with one in it tells nothing.
    this.key = indexes.contains(-1) ? List.of() : indexes;
    this.keyColumns = key.stream().mapToInt(Integer::intValue).toArray();
    if (key.isEmpty() && table.replicaIdentity() != ReplicaIdentity.FULL) {
      throw new MigrationException(
          ErrorCode.ASSESSMENT_BLOCKED,
          "Table " + table.name() + " has no key its changed rows could be told by",
          "Run: ALTER TABLE " + table.name().sql() + " REPLICA IDENTITY FULL;",
          null);
    }
  }

  QualifiedName name() {
    return table.name();
  }

  Table table() {
    return table;
  }

  Lsn snapshot() {
    return snapshot;
  }

  /** The columns of each tuple. */
  List<Column> columns() {
    return columns;
  }

  /** Which columns are the key, in its order; empty for a multiset. */
  List<Integer> key() {
    return key;
  }

  boolean isKeyed() {
    return !key.isEmpty();
  }

  /**
   * The key of a row; columns it leaves out are those of its former version.
   *
   * @return null if the key is not told
   */
  @Nullable RowKey keyOf(Tuple row, @Nullable Tuple old) {
    return RowKey.of(keyColumns, row, old);
  }

  /** Which columns make up the identity of a row: the key, or all of them. */
  List<Integer> identity() {
    return isKeyed() ? key : IntStream.range(0, columns.size()).boxed().toList();
  }

  /** Whether UPDATE may not set the column. */
  boolean isAlwaysIdentity(int column) {
    return columns.get(column).identity() == Identity.ALWAYS;
  }

  /** The table and its key's columns, for messages. */
  String describe() {
    String names =
        key.stream()
            .map(i -> Quoting.identifierIfNeeded(columns.get(i).name()))
            .collect(Collectors.joining(", "));
    return "table " + name() + (isKeyed() ? " (key: " + names + ")" : " (no key)");
  }

  @Override
  public String toString() {
    return name().toString();
  }
}
