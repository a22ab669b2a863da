package dev.pgportage.cdc;

import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The temporary tables changes are copied into before one statement applies them: one for each
 * table that needs one, made when first needed, emptied by each commit. Not thread-safe.
 *
 * <p>Columns: {@code g} tells runs within one transaction apart, {@code n} counts copies, {@code
 * k0…} are the key the row has on the target, {@code v0…} the values, typed as the target's
 * columns.
 */
final class StagingTables {
  /** Each commit visits every one of them, so there must not be too many. */
  private static final int LIMIT = 200;

  private final Connection connection;
  private final Map<TargetTable, String> names = new HashMap<>();
  private final Set<TargetTable> uncommitted = new HashSet<>();
  private int made;
  private int generation;

  StagingTables(Connection connection) {
    this.connection = connection;
  }

  /** The staging table of a table, made if need be. */
  String of(TargetTable table) throws SQLException {
    String known = names.get(table);
    if (known != null) {
      return known;
    }
    String name = "pg_temp.pgportage_stage_" + ++made;
    var columns = new ArrayList<>(List.of("0 AS g", "0::bigint AS n"));
    for (int i = 0; i < table.key().size(); i++) {
      columns.add("t." + table.column(table.key().get(i)) + " AS k" + i);
    }
    for (int i = 0; i < table.size(); i++) {
      columns.add("t." + table.column(i) + " AS v" + i);
    }
    Sql.execute(
        connection,
        """
        CREATE TEMPORARY TABLE %s ON COMMIT DELETE ROWS AS SELECT %s FROM ONLY %s AS t WITH NO DATA
        """
            .formatted(name, String.join(", ", columns), table.sql()));
    keepStorage(table, name);
    names.put(table, name);
    uncommitted.add(table);
    return name;
  }

  /** A value would be compressed here, and stay so, where its column wants it as it is. */
  private void keepStorage(TargetTable table, String name) throws SQLException {
    for (Storage found : storages(table)) {
      for (int i = 0; i < table.size(); i++) {
        if (table.column(i).equals(Quoting.identifier(found.column))) {
          Sql.execute(
              connection,
              "ALTER TABLE %s ALTER COLUMN v%d SET STORAGE %s".formatted(name, i, found.word));
        }
      }
    }
  }

  private record Storage(String column, String word) {}

  private List<Storage> storages(TargetTable table) throws SQLException {
    return Sql.query(
        connection,
        """
        SELECT a.attname, CASE a.attstorage
            WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END
        FROM pg_attribute a
        JOIN pg_type t ON t.oid = a.atttypid
        JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = ? AND c.relname = ? AND a.attnum > 0 AND NOT a.attisdropped
          AND a.attstorage <> t.typstorage
        """,
        row -> new Storage(row.getString(1), row.getString(2)),
        table.table().name().schema(),
        table.table().name().name());
  }

  /** A number no rows staged in this transaction have. */
  int nextGeneration() {
    return ++generation;
  }

  /** Empties the tables within a transaction that goes on. */
  void empty() throws SQLException {
    if (!names.isEmpty()) {
      Sql.execute(connection, "TRUNCATE " + String.join(", ", names.values()));
    }
  }

  /** The transaction that may have made some is committed. */
  void committed() throws SQLException {
    uncommitted.clear();
    generation = 0;
    if (names.size() > LIMIT) {
      Sql.execute(connection, "DROP TABLE " + String.join(", ", names.values()));
      connection.commit();
      names.clear();
    }
  }

  /** The transaction that may have made some is gone, and so are they. */
  void rolledBack() {
    uncommitted.forEach(names::remove);
    uncommitted.clear();
    generation = 0;
  }
}
