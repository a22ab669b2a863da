package dev.pgportage.cdc;

import dev.pgportage.pgoutput.Message.Former;
import dev.pgportage.pgoutput.Tuple;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run of changes, over one or more transactions or a part of a large one, comes to: per
 * table the rows deleted, changed and inserted, once each. Not thread-safe.
 *
 * <p>A TRUNCATE drops what the table's changes came to before it and is done before what comes
 * after; other tables do not mind. So the order is always: truncate, delete, update, insert.
 */
final class NetChanges {
  /** What one kept change costs beside its values: maps, keys and slices. */
  private static final int OVERHEAD = 400;

  private final Map<ReplicatedTable, TableChanges> tables = new LinkedHashMap<>();
  private @Nullable TableChanges last;
  private long bytes;
  private long changes;

  void insert(ReplicatedTable table, Tuple row) {
    of(table).insert(row);
    count(row);
  }

  void update(ReplicatedTable table, Former former, @Nullable Tuple old, Tuple row) {
    of(table).update(former, old, row);
    count(row);
  }

  void delete(ReplicatedTable table, Former former, Tuple old) {
    of(table).delete(former, old);
    count(old);
  }

  void truncate(List<ReplicatedTable> truncated) {
    truncated.forEach(table -> of(table).truncate());
    changes++;
  }

  boolean isEmpty() {
    return changes == 0;
  }

  /** How many changes were taken in. */
  long changes() {
    return changes;
  }

  /** About how much memory they hold. */
  long bytes() {
    return bytes;
  }

  /** The tables to be emptied first. */
  List<ReplicatedTable> truncated() {
    return tables.values().stream()
        .filter(TableChanges::isTruncated)
        .map(TableChanges::table)
        .toList();
  }

  /** The net change of each table, in the order they were first touched. */
  Collection<TableChanges> tables() {
    return tables.values();
  }

  /**
   * Counts bytes of messages that are none of them: a kept row keeps those that came along with it.
   */
  void alsoKeep(int size) {
    bytes += isEmpty() ? 0 : size;
  }

  private TableChanges of(ReplicatedTable table) {
    TableChanges found = last;
    if (found == null || found.table() != table) {
      found = tables.computeIfAbsent(table, TableChanges::of);
      last = found;
    }
    return found;
  }

  private void count(Tuple row) {
    bytes += row.weight() + OVERHEAD;
    changes++;
  }
}
