package dev.pgportage.load;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.Table;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The target's tables as a load finds and empties them. Stateless. */
final class TargetTables {
  private TargetTables() {}

  /** The types of all columns of all tables, as {@code format_type} prints them. */
  static Map<QualifiedName, Map<String, String>> columns(Connection target) throws SQLException {
    var tables = new HashMap<QualifiedName, Map<String, String>>();
    Sql.query(
        target,
        """
        SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_attribute a
          ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        WHERE c.relkind IN ('r', 'p')
        """,
        row -> {
          var name = new QualifiedName(row.getString(1), row.getString(2));
          var columns = tables.computeIfAbsent(name, _ -> new HashMap<>());
          if (row.getString(3) != null) {
            columns.put(row.getString(3), row.getString(4));
          }
          return name;
        });
    return tables;
  }

  /**
   * Checks that the target can take a table's rows.
   *
   * @throws MigrationException SCHEMA_DIFFERS if the table or a column is missing
   */
  static void requireColumns(Table table, Map<QualifiedName, Map<String, String>> target) {
    Map<String, String> columns = target.get(table.name());
    if (columns == null) {
      throw differs("Table " + table.name() + " is not on the target");
    }
    List<String> missing =
        table.writtenColumnNames().stream().filter(name -> !columns.containsKey(name)).toList();
    if (!missing.isEmpty()) {
      throw differs("Table " + table.name() + " on the target cannot take columns " + missing);
    }
    // COPY without a list would expect values for them.
    if (table.writtenColumns().isEmpty() && !columns.isEmpty()) {
      throw differs(
          "Table " + table.name() + " has no columns on the source, but some on the target");
    }
  }

  private static MigrationException differs(String what) {
    return new MigrationException(ErrorCode.SCHEMA_DIFFERS, what);
  }

  /**
   * Checks that a table about to be loaded holds nothing.
   *
   * @throws MigrationException TARGET_NOT_EMPTY if it does
   */
  static void requireEmpty(Connection target, QualifiedName table) throws SQLException {
    if (Sql.queryText(target, "SELECT 1 FROM ONLY " + table.sql() + " LIMIT 1").isPresent()) {
      throw new MigrationException(
          ErrorCode.TARGET_NOT_EMPTY, "Table " + table + " on the target holds rows already");
    }
  }

  /**
   * Empties a table in the transaction at hand, by TRUNCATE where that is allowed: not to every
   * role, and not while a foreign key of another table points there.
   *
   * <p>Waits first for every session that may still write there, such as one given up for lost.
   */
  static void empty(Connection target, QualifiedName table) throws SQLException {
    Sql.execute(target, "LOCK TABLE ONLY " + table.sql() + " IN SHARE ROW EXCLUSIVE MODE");
    if (mayTruncate(target, table)) {
      truncate(target, table);
    } else {
      Sql.execute(target, "DELETE FROM ONLY " + table.sql());
    }
  }

  /** Empties a table for rows that are frozen as they come. */
  static void truncate(Connection target, QualifiedName table) throws SQLException {
    Sql.execute(target, "TRUNCATE ONLY " + table.sql());
  }

  /** Whether this role may TRUNCATE a table, and no foreign key of another one points there. */
  static boolean mayTruncate(Connection target, QualifiedName table) throws SQLException {
    return Sql.queryFirst(
            target,
            """
            SELECT has_table_privilege(c.oid, 'TRUNCATE') AND NOT EXISTS (
              SELECT FROM pg_constraint f
              WHERE f.contype = 'f' AND f.confrelid = c.oid AND f.conrelid <> c.oid)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ? AND c.relname = ?
            """,
            row -> row.getBoolean(1),
            table.schema(),
            table.name())
        .orElse(false);
  }
}
