package dev.pgportage.pg;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A publication on the source, by its name: makes, inspects and drops it.
 *
 * <p>Publishing a table whose replica identity is NOTHING makes the application's UPDATE and DELETE
 * fail, and publishing a partitioned table publishes all its partitions: which tables may be
 * published is the caller's to know. Source: PostgreSQL manual, "CREATE PUBLICATION".
 *
 * @param name the publication's name
 */
public record Publication(String name) {
  private static final int LOCK_SECONDS = 30;

  /**
   * A table to publish.
   *
   * @param name the table
   * @param partitioned whether it is a partitioned table, all of whose partitions are published
   */
  public record Member(QualifiedName name, boolean partitioned) {
    private String sql() {
      return partitioned ? name.sql() : "ONLY " + name.sql();
    }
  }

  /**
   * Creates it for these tables, changes of partitions under the partitions' own names.
   *
   * <p>PostgreSQL 12 cannot publish partitioned tables: give it their leaf partitions only.
   *
   * @param source in auto-commit mode
   * @throws MigrationException PUBLICATION_TAKEN if the name is taken, STALLED if a table stays
   *     locked, PRIVILEGE_MISSING if the role does not own a table or may not create publications
   */
  public void create(Connection source, List<Member> members) {
    String what = "Creating the publication " + name;
    try {
      String options =
          ServerVersion.of(source).isAtLeast(13)
              ? "publish = 'insert, update, delete, truncate', publish_via_partition_root = false"
              : "publish = 'insert, update, delete, truncate'";
      String tables = members.stream().map(Member::sql).collect(Collectors.joining(", "));
      Sql.execute(source, "SET lock_timeout = '" + LOCK_SECONDS + "s'");
      Sql.execute(
          source,
          "CREATE PUBLICATION "
              + Quoting.identifier(name)
              + (members.isEmpty() ? "" : " FOR TABLE " + tables)
              + (" WITH (" + options + ")"));
      Sql.execute(source, "SET lock_timeout = 0");
    } catch (SQLException e) {
      boolean taken = SqlStates.is(e, SqlStates.DUPLICATE_OBJECT);
      throw taken
          ? SqlFailures.translate(e, ErrorCode.PUBLICATION_TAKEN, what + " on the source")
          : failure(e, what);
    }
  }

  /** What it was made for, by OID: tables, and partitioned tables with all their partitions. */
  public Map<Long, Member> members(Connection source) throws SQLException {
    var members = new TreeMap<Long, Member>();
    Sql.query(
        source,
        """
        SELECT c.oid::int8, n.nspname, c.relname, c.relkind = 'p'
        FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid
        JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE p.pubname = ?
        """,
        row ->
            members.put(
                row.getLong(1),
                new Member(
                    new QualifiedName(row.getString(2), row.getString(3)), row.getBoolean(4))),
        name);
    return members;
  }

  /**
   * Adds a table, unless there is another one, or none, of that name by now.
   *
   * @param source in auto-commit mode
   * @throws MigrationException as {@link #create}
   */
  public void add(Connection source, Member member, long oid) {
    try {
      boolean same =
          Sql.queryLong(
                  source,
                  "SELECT count(*) FROM pg_class WHERE oid = ?::oid AND oid = to_regclass(?)",
                  oid,
                  member.name().sql())
              > 0;
      if (same) {
        alter(source, "ADD TABLE " + member.sql());
      }
    } catch (SQLException e) {
      throw failure(e, "Adding " + member.name() + " to the publication " + name);
    }
  }

  /**
   * Takes a table out, if it is in.
   *
   * @param source in auto-commit mode
   * @throws MigrationException as {@link #create}
   */
  public void remove(Connection source, Member member) {
    try {
      alter(source, "DROP TABLE " + member.sql());
    } catch (SQLException e) {
      throw failure(e, "Taking " + member.name() + " out of the publication " + name);
    }
  }

  private void alter(Connection source, String what) throws SQLException {
    Sql.execute(source, "SET lock_timeout = '" + LOCK_SECONDS + "s'");
    Sql.execute(source, "ALTER PUBLICATION " + Quoting.identifier(name) + " " + what);
    Sql.execute(source, "SET lock_timeout = 0");
  }

  private static MigrationException failure(SQLException error, String what) {
    if (SqlStates.is(error, SqlStates.LOCK_NOT_AVAILABLE)) {
      return new MigrationException(
          ErrorCode.STALLED,
          "%s waited %d s for a table locked by VACUUM, CREATE INDEX or ALTER TABLE"
              .formatted(what, LOCK_SECONDS),
          error);
    }
    return SqlFailures.translate(error, ErrorCode.SQL_FAILED, what + " on the source");
  }

  /** Whether it exists. */
  public boolean exists(Connection source) throws SQLException {
    return Sql.queryText(source, "SELECT 1 FROM pg_publication WHERE pubname = ?", name)
        .isPresent();
  }

  /** The ordinary tables whose changes it publishes, partitions of published tables included. */
  public Set<QualifiedName> tables(Connection source) throws SQLException {
    return new TreeSet<>(
        Sql.query(
            source,
            "SELECT schemaname, tablename FROM pg_publication_tables WHERE pubname = ?",
            row -> new QualifiedName(row.getString(1), row.getString(2)),
            name));
  }

  /** The statement that drops it; does nothing if it is not there. */
  public String dropSql() {
    return "DROP PUBLICATION IF EXISTS " + Quoting.identifier(name);
  }

  /** Drops it, if it is there. */
  public void drop(Connection source) {
    try {
      Sql.execute(source, dropSql());
    } catch (SQLException e) {
      throw SqlFailures.translate(
          e, ErrorCode.SQL_FAILED, "Dropping the publication " + name + " on the source");
    }
  }
}
