package dev.pgportage.cdc;

import dev.pgportage.pgoutput.Message.Former;
import dev.pgportage.pgoutput.Tuple;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The net change of a table without a key: how many more or fewer there are of each row. An update
 * is a row less and a row more.
 */
final class BagChanges implements TableChanges {
  /**
   * Some equal rows.
   *
   * @param row the row
   * @param count how many, positive
   */
  record Copies(NetRow row, long count) {}

  private final ReplicatedTable table;
  private final Map<RowKey, Copies> balance = new LinkedHashMap<>();

  /** Rows of a table to which nothing else happened yet: so they need not be counted. */
  private final NewRows added = new NewRows();

  private boolean truncated;

  BagChanges(ReplicatedTable table) {
    this.table = table;
  }

  @Override
  public ReplicatedTable table() {
    return table;
  }

  @Override
  public void insert(Tuple row) {
    if (!added.add(row)) {
      countNew(row);
    }
  }

  private void countNew(Tuple row) {
    add(NetRow.of(row), 1);
  }

  /** From now on rows go as well, so those that were only added are counted. */
  private void count() {
    added.close(this::countNew);
  }

  @Override
  public void update(Former former, @Nullable Tuple old, Tuple row) {
    if (former != Former.FULL || old == null) {
      throw TableChanges.contradiction(table, "does not tell the whole former row");
    }
    count();
    add(NetRow.of(old), -1);
    add(NetRow.merge(row, null, old), 1);
  }

  @Override
  public void delete(Former former, Tuple old) {
    if (former != Former.FULL) {
      throw TableChanges.contradiction(table, "does not tell the whole former row");
    }
    count();
    add(NetRow.of(old), -1);
  }

  @Override
  public void truncate() {
    added.clear();
    balance.clear();
    truncated = true;
  }

  @Override
  public boolean isTruncated() {
    return truncated;
  }

  @Override
  public boolean touchesTarget() {
    return balance.values().stream().anyMatch(copies -> copies.count < 0);
  }

  /** The rows the target has too many of. */
  List<Copies> deletes() {
    var deletes = new ArrayList<Copies>();
    for (Copies copies : balance.values()) {
      if (copies.count < 0) {
        deletes.add(new Copies(copies.row, -copies.count));
      }
    }
    if (truncated && !deletes.isEmpty()) {
      throw TableChanges.contradiction(table, "is of a row that was truncated before");
    }
    return deletes;
  }

  /** The rows the target has too few of, if nothing else happened to the table. */
  NewRows added() {
    return added;
  }

  /** The rows the target has too few of, but for {@link #added}. */
  List<Copies> inserts() {
    return balance.values().stream().filter(copies -> copies.count > 0).toList();
  }

  private void add(NetRow row, long count) {
    RowKey image = RowKey.of(table.identity(), column -> whole(row, column));
    balance.merge(
        image,
        new Copies(row, count),
        (a, b) -> a.count + b.count == 0 ? null : new Copies(a.row, a.count + b.count));
  }

  private Tuple whole(NetRow row, int column) {
    Tuple source = row.source(column);
    if (source == null) {
      throw TableChanges.contradiction(table, "leaves out a value of a row without a key");
    }
    return source;
  }
}
