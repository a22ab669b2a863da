package dev.pgportage.cdc;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.state.ApplyProgress;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.state.TableChangeLog;
import dev.pgportage.telemetry.ApplyCounters;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import org.postgresql.PGConnection;

/**
 * The applier's session on the target: one transaction for each batch, with the position it leads
 * to. Owns its connection. Not thread-safe, but for {@link #abort}.
 */
final class TargetSession implements AutoCloseable {
  private final Connection connection;
  private final int stream;
  private final ApplyProgress progress;
  private final TableChangeLog changes;
  private final StagingTables staging;
  private final ChangeWriter writer;
  private boolean begun;

  private TargetSession(Connection connection, ReplicationSettings settings) {
    this.connection = connection;
    this.stream = settings.share().stream();
    this.progress = new ApplyProgress(settings.run());
    this.changes = new TableChangeLog(settings.run().migration());
    this.staging = new StagingTables(connection);
    this.writer = new ChangeWriter(connection, staging);
  }

  /** Opens the session. */
  static TargetSession open(ReplicationSettings settings) {
    Connection connection = settings.target().open("apply");
    try {
      // A flushed position must be true even if the target's power fails.
      Sql.execute(connection, "SET synchronous_commit = on");
      if (settings.replicaRole()) {
        Sql.execute(connection, "SET session_replication_role = replica");
      }
      // A plan kept for a few staged rows is a bad one for many, and the other way round.
      connection.unwrap(PGConnection.class).setPrepareThreshold(0);
      connection.setAutoCommit(false);
      return new TargetSession(connection, settings);
    } catch (SQLException e) {
      try {
        connection.close();
      } catch (SQLException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw failure(e, "Preparing the applier's session");
    }
  }

  /** Writes changes within the transaction, beginning it if need be. */
  void write(NetChanges changes) {
    try {
      if (begun) {
        staging.empty();
      } else {
        Sql.execute(connection, "SET CONSTRAINTS ALL DEFERRED");
        begun = true;
      }
    } catch (SQLException e) {
      throw failure(e, "Beginning a transaction");
    }
    writer.write(changes);
  }

  /**
   * Saves the position and commits everything written since the last time.
   *
   * @param more how much that is
   * @param touched tables to be noted as changed
   */
  void commit(Lsn position, ApplyCounters more, Set<QualifiedName> touched) {
    try {
      progress.save(connection, stream, position, more);
      changes.note(connection, touched, position);
      CrashPoint.APPLY_BEFORE_COMMIT.pass();
      connection.commit();
      begun = false;
      staging.committed();
      CrashPoint.APPLY_AFTER_COMMIT.pass();
    } catch (SQLException e) {
      throw writer.failure(e);
    }
  }

  /** Undoes what was written since the last commit. */
  void rollback() {
    try {
      connection.rollback();
      staging.rolledBack();
      begun = false;
    } catch (SQLException e) {
      throw failure(e, "Rolling back");
    }
  }

  /** Ends the session from another thread, whatever it is doing. */
  void abort() {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      throw failure(e, "Ending the applier's session");
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw failure(e, "Closing the applier's session");
    }
  }

  private static MigrationException failure(SQLException error, String what) {
    return SqlFailures.translate(error, ErrorCode.APPLY_FAILED, what + " on the target");
  }
}
