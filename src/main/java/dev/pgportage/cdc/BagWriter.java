package dev.pgportage.cdc;

import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Applies the net change of a table without a key. A row to delete is found by the text of all its
 * columns, which also tells NULL from the empty string and works for types without equality; of
 * equal rows just so many go as did on the source.
 */
final class BagWriter {
  private final Connection connection;
  private final StagingTables staging;

  BagWriter(Connection connection, StagingTables staging) {
    this.connection = connection;
    this.staging = staging;
  }

  void write(TargetTable table, BagChanges changes) throws SQLException {
    delete(table, changes);
    insert(table, changes);
  }

  private void delete(TargetTable table, BagChanges changes) throws SQLException {
    var deletes = changes.deletes();
    if (deletes.isEmpty()) {
      return;
    }
    String stage = staging.of(table);
    int generation = staging.nextGeneration();
    String columns = table.size() == 0 ? "" : ", " + table.columns(i -> "v" + i);
    long expected = 0;
    try (var copy =
        new CopyRows(connection, "COPY " + stage + " (g, n" + columns + ") FROM STDIN")) {
      for (BagChanges.Copies copies : deletes) {
        copy.number(generation).number(copies.count());
        addAll(copy, copies.row());
        expected += copies.count();
      }
      copy.finish();
    }
    long deleted = Sql.update(connection, deleteSql(table, stage, generation));
    Counted.require(table, "delete", expected, deleted);
  }

  private static String deleteSql(TargetTable table, String stage, int generation) {
    return """
        WITH wanted AS (
          SELECT ROW(%2$s)::text COLLATE "C" AS image, s.n FROM %4$s AS s WHERE s.g = %5$d
        ), found AS (
          SELECT t.ctid AS place, w.n, row_number() OVER (PARTITION BY w.image ORDER BY t.ctid) AS nth
          FROM ONLY %1$s AS t JOIN wanted AS w ON ROW(%3$s)::text COLLATE "C" = w.image
        )
        DELETE FROM ONLY %1$s AS t USING found AS f WHERE t.ctid = f.place AND f.nth <= f.n
        """
        .formatted(
            table.sql(),
            table.columns(i -> "s.v" + i),
            table.columns(i -> "t." + table.column(i)),
            stage,
            generation);
  }

  private void insert(TargetTable table, BagChanges changes) throws SQLException {
    var inserts = changes.inserts();
    NewRows added = changes.added();
    if (inserts.isEmpty() && added.isEmpty()) {
      return;
    }
    long expected = added.size();
    try (var copy = new CopyRows(connection, table.copySql())) {
      added.forEach(copy::row);
      for (BagChanges.Copies copies : inserts) {
        for (long i = 0; i < copies.count(); i++) {
          addAll(copy, copies.row());
        }
        expected += copies.count();
      }
      Counted.require(table, "insert", expected, copy.finish());
    }
  }

  private static void addAll(CopyRows copy, NetRow row) throws SQLException {
    for (int i = 0; i < row.size(); i++) {
      copy.column(row.known(i), i);
    }
    copy.endRow();
  }
}
