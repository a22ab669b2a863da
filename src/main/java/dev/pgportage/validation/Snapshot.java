package dev.pgportage.validation;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * One state of a database that any number of sessions read at once.
 *
 * <p>Thread-safe. Source: PostgreSQL manual, "Snapshot Synchronization Functions".
 */
public final class Snapshot implements AutoCloseable {
  private final Database database;
  private final String name;
  private final @Nullable Connection holder;

  private Snapshot(Database database, String name, @Nullable Connection holder) {
    this.database = database;
    this.name = name;
    this.holder = holder;
  }

  /** The present state; it lasts until this is closed. */
  public static Snapshot take(Database database) {
    Connection holder = database.open("snapshot");
    try {
      begin(holder);
      String name = Sql.queryText(holder, "SELECT pg_export_snapshot()").orElseThrow();
      return new Snapshot(database, name, holder);
    } catch (SQLException e) {
      closeAfter(holder, e);
      throw SqlFailures.translate(
          e, ErrorCode.SQL_FAILED, "Taking a snapshot of the " + database.side());
    }
  }

  /**
   * A state exported by somebody else, who keeps it alive: a replication session that has just
   * created its slot, say.
   *
   * @param name as PostgreSQL gave it
   */
  public static Snapshot exported(Database database, String name) {
    return new Snapshot(database, name, null);
  }

  /**
   * Opens a session within a read-only transaction that sees this state; the caller's to close.
   *
   * @throws MigrationException SNAPSHOT_LOST if whoever exported it is gone
   */
  Connection open() {
    Connection connection = database.open("validation");
    try {
      begin(connection);
      Sql.execute(connection, "SET TRANSACTION SNAPSHOT " + Quoting.literal(name));
      return connection;
    } catch (SQLException e) {
      closeAfter(connection, e);
      throw SqlFailures.translate(
          e, ErrorCode.SNAPSHOT_LOST, "Reading a snapshot of the " + database.side());
    }
  }

  Side side() {
    return database.side();
  }

  /** Gives the state up, if it was taken here; sessions already within it keep it. */
  @Override
  public void close() {
    if (holder == null) {
      return;
    }
    try {
      holder.close();
    } catch (SQLException e) {
      throw SqlFailures.translate(
          e, ErrorCode.CONNECTION_LOST, "Giving up a snapshot of the " + database.side());
    }
  }

  private static void begin(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    Sql.execute(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
  }

  private static void closeAfter(Connection connection, SQLException first) {
    try {
      connection.close();
    } catch (SQLException e) {
      first.addSuppressed(e);
    }
  }
}
