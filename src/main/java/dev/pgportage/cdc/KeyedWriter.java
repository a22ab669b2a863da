package dev.pgportage.cdc;

import dev.pgportage.cdc.KeyedChanges.Lineage;
import dev.pgportage.cdc.KeyedChanges.Shape;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Applies the net change of a table with a key: deletes, then updates, then inserts.
 *
 * <p>Two ways of updating. <em>In place</em> is one UPDATE for each shape; it fails on values
 * swapped under an immediate unique constraint, which PostgreSQL checks row by row. <em>By
 * replacing</em> takes all changed rows out and puts them back, so that no old value is in the way
 * of a new one.
 */
final class KeyedWriter {
  /** An identity column GENERATED ALWAYS changed, which UPDATE cannot do. */
  static final class NeedsReplacing extends Exception {
    private static final long serialVersionUID = 1;
    private final transient TargetTable table;

    NeedsReplacing(TargetTable table) {
      this.table = table;
    }

    QualifiedName table() {
      return table.table().name();
    }
  }

  private record Staged(String stage, int generation) {
    String from() {
      return stage + " AS s WHERE s.g = " + generation;
    }
  }

  private final Connection connection;
  private final StagingTables staging;

  KeyedWriter(Connection connection, StagingTables staging) {
    this.connection = connection;
    this.staging = staging;
  }

  void writeInPlace(TargetTable table, KeyedChanges changes) throws SQLException, NeedsReplacing {
    var updates = changes.updates();
    for (Shape shape : updates.keySet()) {
      if (shape.moved() && table.key().stream().anyMatch(table.table()::isAlwaysIdentity)) {
        throw new NeedsReplacing(table);
      }
    }
    delete(table, changes.deletes());
    for (var update : updates.entrySet()) {
      Shape shape = update.getKey();
      if (WideUpdates.suit(table, shape, update.getValue())) {
        WideUpdates.write(table, shape, update.getValue(), connection);
      } else {
        Staged staged = stage(table, shape, update.getValue());
        update(table, shape, staged, update.getValue().size());
      }
    }
    insert(table, changes);
  }

  void writeByReplacing(TargetTable table, KeyedChanges changes) throws SQLException {
    delete(table, changes.deletes());
    var replaced = new ArrayList<Staged>();
    for (var update : changes.updates().entrySet()) {
      Staged staged = stage(table, update.getKey(), update.getValue());
      int rows = update.getValue().size();
      complete(table, update.getKey(), staged, rows);
      deleteStaged(table, staged, rows);
      replaced.add(staged);
    }
    for (Staged staged : replaced) {
      Sql.update(
          connection,
          "INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s"
              .formatted(
                  table.sql(),
                  table.columns(table::column),
                  table.columns(i -> "s.v" + i),
                  staged.from()));
    }
    insert(table, changes);
  }

  private void delete(TargetTable table, Set<RowKey> keys) throws SQLException {
    if (keys.isEmpty()) {
      return;
    }
    var staged = new Staged(staging.of(table), staging.nextGeneration());
    String sql = "COPY %s (g, %s) FROM STDIN".formatted(staged.stage, keyNames(table));
    try (var copy = new CopyRows(connection, sql)) {
      for (RowKey key : keys) {
        copy.number(staged.generation);
        key.forEach(copy);
        copy.endRow();
      }
      copy.finish();
    }
    deleteStaged(table, staged, keys.size());
  }

  private void deleteStaged(TargetTable table, Staged staged, int rows) throws SQLException {
    int deleted =
        Sql.update(
            connection,
            "DELETE FROM ONLY %s AS t USING %s AND %s"
                .formatted(table.sql(), staged.from(), table.keyMatches()));
    Counted.require(table, "delete", rows, deleted);
  }

  /** Copies the rows of one shape: the key each has on the target, and the values known of it. */
  private Staged stage(TargetTable table, Shape shape, List<Lineage> lineages) throws SQLException {
    var staged = new Staged(staging.of(table), staging.nextGeneration());
    String values = shape.present().stream().mapToObj(i -> ", v" + i).collect(Collectors.joining());
    String sql = "COPY %s (g, %s%s) FROM STDIN".formatted(staged.stage, keyNames(table), values);
    try (var copy = new CopyRows(connection, sql)) {
      for (Lineage lineage : lineages) {
        copy.number(staged.generation);
        RowKey origin = lineage.origin();
        if (origin == null) {
          throw new IllegalStateException("An inserted row is no update");
        }
        origin.forEach(copy);
        for (int i = shape.present().nextSetBit(0); i >= 0; i = shape.present().nextSetBit(i + 1)) {
          copy.column(lineage.row().known(i), i);
        }
        copy.endRow();
      }
      copy.finish();
    }
    return staged;
  }

  private void update(TargetTable table, Shape shape, Staged staged, int rows)
      throws SQLException, NeedsReplacing {
    var assignments = new ArrayList<String>();
    var conditions = new ArrayList<String>();
    for (int i = shape.present().nextSetBit(0); i >= 0; i = shape.present().nextSetBit(i + 1)) {
      boolean isKey = table.key().contains(i);
      if (isKey && !shape.moved()) {
        continue;
      }
      if (table.table().isAlwaysIdentity(i)) {
        conditions.add(" AND t.%s IS NOT DISTINCT FROM s.v%d".formatted(table.column(i), i));
      } else {
        assignments.add("%s = s.v%d".formatted(table.column(i), i));
      }
    }
    String where = staged.from() + " AND " + table.keyMatches() + String.join("", conditions);
    long updated =
        assignments.isEmpty()
            // Nothing to set, but the rows must be there all the same.
            ? Sql.queryLong(
                connection, "SELECT count(*) FROM ONLY %s AS t, %s".formatted(table.sql(), where))
            : Sql.update(
                connection,
                "UPDATE ONLY %s AS t SET %s FROM %s"
                    .formatted(table.sql(), String.join(", ", assignments), where));
    if (updated != rows && !conditions.isEmpty()) {
      throw new NeedsReplacing(table);
    }
    Counted.require(table, "update", rows, updated);
  }

  /** Fills in the values that were left out, from the rows that are about to go. */
  private void complete(TargetTable table, Shape shape, Staged staged, int rows)
      throws SQLException {
    String missing =
        IntStream.range(0, table.size())
            .filter(i -> !shape.present().get(i))
            .mapToObj(i -> "v%d = t.%s".formatted(i, table.column(i)))
            .collect(Collectors.joining(", "));
    if (missing.isEmpty()) {
      return;
    }
    int completed =
        Sql.update(
            connection,
            "UPDATE %s AS s SET %s FROM ONLY %s AS t WHERE s.g = %d AND %s"
                .formatted(
                    staged.stage, missing, table.sql(), staged.generation, table.keyMatches()));
    Counted.require(table, "update", rows, completed);
  }

  private void insert(TargetTable table, KeyedChanges changes) throws SQLException {
    NewRows added = changes.added();
    List<NetRow> rows = changes.inserts();
    if (rows.isEmpty() && added.isEmpty()) {
      return;
    }
    try (var copy = new CopyRows(connection, table.copySql())) {
      added.forEach(copy::row);
      for (NetRow row : rows) {
        for (int i = 0; i < row.size(); i++) {
          copy.column(row.known(i), i);
        }
        copy.endRow();
      }
      Counted.require(table, "insert", rows.size() + added.size(), copy.finish());
    }
  }

  private static String keyNames(TargetTable table) {
    return IntStream.range(0, table.key().size())
        .mapToObj(i -> "k" + i)
        .collect(Collectors.joining(", "));
  }
}
