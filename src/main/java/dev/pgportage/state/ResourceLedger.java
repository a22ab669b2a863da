package dev.pgportage.state;

import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;

/**
 * Everything a migration made or changed outside its own state, each with the SQL that takes it
 * back; written before the thing is made.
 */
public final class ResourceLedger {
  /**
   * One thing made or about to be made.
   *
   * @param id its number in the ledger
   * @param side where it is
   * @param kind such as {@code slot}, {@code publication}, {@code fence}
   * @param name its name
   * @param undoSql what takes it back; safe to run when it was never made
   * @param made whether it is known to have been made
   */
  public record Resource(
      long id, Side side, String kind, String name, String undoSql, boolean made) {}

  private final String migration;

  /** The ledger of a migration. */
  public ResourceLedger(String migration) {
    this.migration = migration;
  }

  /** Notes what is about to be made, and commits. */
  public Resource plan(Connection connection, Side side, String kind, String name, String undoSql)
      throws SQLException {
    long id =
        Sql.queryLong(
            connection,
            """
            INSERT INTO pgportage.resource (migration, side, kind, name, undo_sql)
            VALUES (?, ?, ?, ?, ?) RETURNING id
            """,
            migration,
            side.toString(),
            kind,
            name,
            undoSql);
    return new Resource(id, side, kind, name, undoSql, false);
  }

  /** Notes that it was made. */
  public void made(Connection connection, Resource resource) throws SQLException {
    made(connection, List.of(resource));
  }

  /** Notes that they were made, all or none. */
  public void made(Connection connection, List<Resource> resources) throws SQLException {
    note(connection, "made_at", resources);
  }

  /** Notes that it is gone again. */
  public void undone(Connection connection, Resource resource) throws SQLException {
    undone(connection, List.of(resource));
  }

  /** Notes that they are gone again, all or none. */
  public void undone(Connection connection, List<Resource> resources) throws SQLException {
    note(connection, "undone_at", resources);
  }

  private static void note(Connection connection, String column, List<Resource> resources)
      throws SQLException {
    Long[] ids = resources.stream().map(Resource::id).toArray(Long[]::new);
    Sql.update(
        connection,
        "UPDATE pgportage.resource SET " + column + " = now() WHERE id = ANY (?)",
        (Object) ids);
  }

  /** What was made, or may have been made, and is not taken back yet; the newest first. */
  public List<Resource> open(Connection connection) throws SQLException {
    return Sql.query(
        connection,
        """
        SELECT id, side, kind, name, undo_sql, made_at IS NOT NULL FROM pgportage.resource
        WHERE migration = ? AND undone_at IS NULL ORDER BY id DESC
        """,
        ResourceLedger::resourceOf,
        migration);
  }

  /** The open resources of one kind; the newest first. */
  public List<Resource> open(Connection connection, String kind) throws SQLException {
    return open(connection).stream().filter(resource -> resource.kind().equals(kind)).toList();
  }

  private static Resource resourceOf(ResultSet row) throws SQLException {
    return new Resource(
        row.getLong(1),
        Side.valueOf(row.getString(2).toUpperCase(Locale.ROOT)),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        row.getBoolean(6));
  }
}
