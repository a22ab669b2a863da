package dev.pgportage.cutover;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.ServerVersion;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How many rows were ever written to each table of the source, by the server's own statistics: they
 * also tell of tables whose changes the WAL does not hold, and of large objects, which a read-only
 * transaction may write before PostgreSQL 16. Empty before PostgreSQL 15, whose statistics may come
 * late.
 *
 * <p>A session adds its figures when it is idle or ends, so that a write may show only after
 * seconds: what is found is certain, what is not found is not. Source: PostgreSQL manual,
 * "pg_stat_all_tables".
 *
 * @param rows by table
 */
record WriteCounters(Map<QualifiedName, Long> rows) {
  private static final int VERSION = 15;

  /** Copies the map. */
  WriteCounters {
    rows = Map.copyOf(rows);
  }

  /**
   * Reads them; what this program writes itself is left out, and extensions' tables, some of which
   * the server writes.
   */
  static WriteCounters read(Connection session) throws SQLException {
    if (!ServerVersion.of(session).isAtLeast(VERSION)) {
      return new WriteCounters(Map.of());
    }
    return new WriteCounters(
        Sql.query(
                session,
                """
                SELECT s.schemaname, s.relname, s.n_tup_ins + s.n_tup_upd + s.n_tup_del
                FROM pg_stat_user_tables s
                WHERE NOT starts_with(s.schemaname, 'pg_temp_') AND s.schemaname <> 'pgportage'
                AND NOT EXISTS (
                  SELECT FROM pg_depend d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = s.relid AND d.deptype = 'e')
                UNION ALL
                SELECT s.schemaname, s.relname, s.n_tup_ins + s.n_tup_upd + s.n_tup_del
                FROM pg_stat_sys_tables s
                WHERE s.relid IN (
                  'pg_largeobject'::regclass, 'pg_largeobject_metadata'::regclass)
                """,
                row ->
                    Map.entry(
                        new QualifiedName(row.getString(1), row.getString(2)), row.getLong(3)))
            .stream()
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
  }

  /** The tables that were written to since the former reading. */
  List<QualifiedName> writtenSince(WriteCounters former) {
    return rows.entrySet().stream()
        .filter(table -> table.getValue() > former.rows.getOrDefault(table.getKey(), 0L))
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }
}
