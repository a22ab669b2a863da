package dev.pgportage.pg;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session that keeps a snapshot of its database exported until it is closed.
 *
 * <p>It speaks to the server from time to time, so that no firewall or NAT gateway takes the idle
 * connection for dead, which a slot's own exported snapshot cannot stand: the next command on a
 * replication session ends it. Owns its connection and one thread; thread-safe. Source: PostgreSQL
 * manual, "Snapshot Synchronization Functions".
 */
public final class ExportedSnapshot implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ExportedSnapshot.class);
  private static final Duration INTERVAL = Duration.ofSeconds(30);

  private final Database database;
  private final Connection connection;
  private final Snapshot snapshot;
  private final Instant takenAt = Instant.now();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread keeper = new Thread(this::keep, "snapshot-keeper");
  private volatile @Nullable MigrationException lost;

  private ExportedSnapshot(Database database, Connection connection, Snapshot snapshot) {
    this.database = database;
    this.connection = connection;
    this.snapshot = snapshot;
    keeper.setDaemon(true);
    keeper.start();
  }

  /**
   * Takes a snapshot of a database as it is now. Its consistent point only says where about it is:
   * nothing but a slot's creation can say it exactly, so nothing may be replicated from there on.
   */
  public static ExportedSnapshot take(Database database) {
    Connection connection = database.open("snapshot");
    try {
      Lsn before = position(connection);
      Sql.execute(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
      return new ExportedSnapshot(database, connection, new Snapshot(export(connection), before));
    } catch (SQLException e) {
      throw failed(database, connection, e);
    }
  }

  /**
   * Exports another session's snapshot again, so that the other session is free.
   *
   * @throws MigrationException SNAPSHOT_LOST if it is gone
   */
  public static ExportedSnapshot adopt(Database source, Snapshot other) {
    Connection connection = source.open("snapshot");
    try {
      other.begin(connection);
      return new ExportedSnapshot(
          source, connection, new Snapshot(export(connection), other.consistentPoint()));
    } catch (SQLException e) {
      throw failed(source, connection, e);
    } catch (RuntimeException e) {
      closeAfter(connection, e);
      throw e;
    }
  }

  /** The snapshot, to be used by other sessions until this one is closed. */
  public Snapshot snapshot() {
    return snapshot;
  }

  /** When it had been taken, by the clock of this machine. */
  public Instant takenAt() {
    return takenAt;
  }

  /** The side it shows. */
  public Side side() {
    return database.side();
  }

  /**
   * Opens another session within a read-only transaction that sees the snapshot; the caller's to
   * close, and alive even when this is closed.
   *
   * @throws MigrationException SNAPSHOT_LOST if this one's session is gone
   */
  public Connection open(String purpose) {
    Connection other = database.open(purpose);
    try {
      other.setAutoCommit(false);
      Sql.execute(other, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
      snapshot.enter(other);
      return other;
    } catch (SQLException e) {
      closeAfter(other, e);
      throw SqlFailures.translate(
          e, ErrorCode.SQL_FAILED, "Using a snapshot of the " + database.side());
    } catch (RuntimeException e) {
      closeAfter(other, e);
      throw e;
    }
  }

  /**
   * Checks that the snapshot was there when it was last looked at.
   *
   * @throws MigrationException SNAPSHOT_LOST if the session was seen to have ended
   */
  public void requireAlive() {
    MigrationException failure = lost;
    if (failure != null) {
      throw failure;
    }
  }

  /** Ends the session, and with it the snapshot for whoever has not begun to use it. */
  @Override
  public void close() {
    closing.countDown();
    try {
      connection.close();
    } catch (SQLException e) {
      throw SqlFailures.translate(
          e, ErrorCode.CONNECTION_LOST, "Closing the session that holds the snapshot");
    }
  }

  private void keep() {
    try {
      while (!closing.await(INTERVAL.toSeconds(), TimeUnit.SECONDS)) {
        Sql.queryLong(connection, "SELECT 1");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SQLException e) {
      if (closing.getCount() > 0) {
        String what = "The session that holds the exported snapshot ended";
        lost =
            new MigrationException(
                ErrorCode.SNAPSHOT_LOST, what + ": " + SqlFailures.describe(e), e);
        LOG.warn(what);
      }
    }
  }

  private static Lsn position(Connection connection) throws SQLException {
    return Lsn.parse(
        Sql.queryText(
                connection,
                """
                SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
                            ELSE pg_current_wal_insert_lsn() END
                """)
            .orElse("0/0"));
  }

  private static String export(Connection connection) throws SQLException {
    return Sql.queryText(connection, "SELECT pg_export_snapshot()").orElseThrow();
  }

  private static MigrationException failed(
      Database database, Connection connection, SQLException error) {
    closeAfter(connection, error);
    return SqlFailures.translate(
        error, ErrorCode.SQL_FAILED, "Exporting a snapshot on the " + database.side());
  }

  private static void closeAfter(Connection connection, Exception first) {
    try {
      connection.close();
    } catch (SQLException e) {
      first.addSuppressed(e);
    }
  }
}
