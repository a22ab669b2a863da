package dev.pgportage.demo;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * The demonstration's own look at both databases: plain SQL, none of it the product's, so that it
 * would see what the product's validation does not.
 */
public final class DemoProof {
  private DemoProof() {}

  private record Content(long rows, String hash) {}

  /**
   * Fixes what a session sees, so that others may write on.
   *
   * @return the same session
   */
  static Connection freeze(Connection session) throws SQLException {
    Sql.execute(session, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    Sql.queryLong(session, "SELECT count(*) FROM pg_class");
    return session;
  }

  /** Every table of the source beside the target's. */
  static List<DemoReport.Table> compare(Connection source, Connection target) throws SQLException {
    var result = new ArrayList<DemoReport.Table>();
    for (QualifiedName table : tables(source)) {
      Content one = content(source, table);
      Content other = content(target, table);
      result.add(
          new DemoReport.Table(table.toString(), one.rows, other.rows, one.hash, other.hash));
    }
    Content one = largeObjects(source);
    Content other = largeObjects(target);
    result.add(new DemoReport.Table("(large objects)", one.rows, other.rows, one.hash, other.hash));
    return result;
  }

  /** The transactions that the application was told of and that a database does not have. */
  public static Set<UUID> lost(Set<UUID> acknowledged, Connection database) throws SQLException {
    var lost = new HashSet<>(acknowledged);
    Sql.query(database, "SELECT tx FROM shop.committed", row -> row.getObject(1, UUID.class))
        .forEach(lost::remove);
    return lost;
  }

  /** Slots, publications, settings and schemas of a migration that a database still has. */
  static Set<String> traces(Connection database) throws SQLException {
    return new TreeSet<>(
        Sql.query(
            database,
            """
            SELECT 'slot ' || slot_name FROM pg_replication_slots
            UNION ALL SELECT 'publication ' || pubname FROM pg_publication
            UNION ALL SELECT 'setting ' || setconfig::text FROM pg_db_role_setting
             WHERE setdatabase <> 0
            UNION ALL SELECT 'schema ' || nspname FROM pg_namespace
             WHERE nspname LIKE 'pgportage%'
            """,
            row -> row.getString(1)));
  }

  private static List<QualifiedName> tables(Connection database) throws SQLException {
    return Sql.query(
        database,
        """
        SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind = 'r' AND n.nspname IN ('shop', 'audit', 'public') ORDER BY 1, 2
        """,
        row -> new QualifiedName(row.getString(1), row.getString(2)));
  }

  private static Content content(Connection database, QualifiedName table) throws SQLException {
    return Sql.queryFirst(
            database,
            """
            SELECT count(*), to_hex((coalesce(sum(hashtextextended(t::text, 0)), 0)
                                     %% 9223372036854775807)::bigint)
              FROM ONLY %s AS t
            """
                .formatted(table.sql()),
            row -> new Content(row.getLong(1), row.getString(2)))
        .orElseThrow();
  }

  private static Content largeObjects(Connection database) throws SQLException {
    return Sql.queryFirst(
            database,
            """
            SELECT count(*), left(md5(string_agg(oid || ':' || md5(lo_get(oid)), ',' ORDER BY oid)),
                                  16)
              FROM pg_largeobject_metadata
            """,
            row -> new Content(row.getLong(1), String.valueOf(row.getString(2))))
        .orElseThrow();
  }
}
