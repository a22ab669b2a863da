package dev.pgportage.state;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/**
 * What the source's schema looked like when the plan was made, and the change of it that waits for
 * somebody's approval.
 *
 * <p>Stateless; each call uses the connection it is given.
 */
public final class SchemaChanges {
  /**
   * A change that waits.
   *
   * @param digest of everything that would be done
   * @param position the applied LSN at which replication waits
   * @param since when it was first shown
   * @param statements what would be done, JSON
   * @param approved whether somebody approved just this
   */
  public record Pending(
      String digest, Lsn position, Instant since, String statements, boolean approved) {}

  private final String migration;

  /** The changes of one migration. */
  public SchemaChanges(String migration) {
    this.migration = migration;
  }

  /** How the source looked when the present plan was made, JSON; empty before that. */
  public Optional<String> shape(Connection connection) throws SQLException {
    return Sql.queryText(
        connection, "SELECT shape FROM pgportage.source_shape WHERE migration = ?", migration);
  }

  /** Keeps how the source looks, within the transaction that keeps the plan made of it. */
  public void saveShape(Connection transaction, Run run, String shape) throws SQLException {
    Fencing.check(transaction, run);
    Sql.update(
        transaction,
        """
        INSERT INTO pgportage.source_shape (migration, shape) VALUES (?, ?)
        ON CONFLICT (migration) DO UPDATE SET shape = excluded.shape
        """,
        migration,
        shape);
  }

  /** The change that waits, if one does. */
  public Optional<Pending> pending(Connection connection) throws SQLException {
    return Sql.queryFirst(
        connection,
        """
        SELECT digest, position, since, statements, approved_at IS NOT NULL
        FROM pgportage.schema_change WHERE migration = ?
        """,
        row ->
            new Pending(
                row.getString(1),
                Lsn.parse(row.getString(2)),
                row.getTimestamp(3).toInstant(),
                row.getString(4),
                row.getBoolean(5)),
        migration);
  }

  /** Lets a change wait; an approval of another one does not hold for it. */
  public void await(Connection connection, Run run, String digest, Lsn position, String statements)
      throws SQLException {
    Fencing.check(connection, run);
    Sql.update(
        connection,
        """
        INSERT INTO pgportage.schema_change AS c (migration, digest, position, statements)
        VALUES (?, ?, ?::pg_lsn, ?)
        ON CONFLICT (migration) DO UPDATE
        SET digest = excluded.digest, position = excluded.position,
            statements = excluded.statements, since = now(), approved_at = NULL
        WHERE c.digest <> excluded.digest
        """,
        migration,
        digest,
        position.toString(),
        statements);
  }

  /** Approves the change that waits; false if it is not this one any more. */
  public boolean approve(Connection connection, String digest) throws SQLException {
    return Sql.update(
            connection,
            """
            UPDATE pgportage.schema_change SET approved_at = coalesce(approved_at, now())
            WHERE migration = ? AND digest = ?
            """,
            migration,
            digest)
        > 0;
  }

  /** Nothing waits any more; within the transaction that makes the change. */
  public void settle(Connection transaction, Run run) throws SQLException {
    Fencing.check(transaction, run);
    Sql.update(transaction, "DELETE FROM pgportage.schema_change WHERE migration = ?", migration);
  }
}
