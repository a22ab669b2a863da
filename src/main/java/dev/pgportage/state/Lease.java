package dev.pgportage.state;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * The exclusive right to run a migration, held by an advisory lock of a session of its own.
 * Thread-safe.
 */
public final class Lease implements AutoCloseable {
  private static final int ANSWER_SECONDS = 10;

  private final Connection session;
  private final Run run;

  Lease(Connection session, Run run) {
    this.session = session;
    this.run = run;
  }

  /** This process's turn. */
  public Run run() {
    return run;
  }

  /**
   * Makes sure that the lock is still held.
   *
   * @throws MigrationException CONNECTION_LOST if its session is gone; whether another process took
   *     over meanwhile shows when it is taken again
   */
  public synchronized void check() {
    try {
      if (session.isValid(ANSWER_SECONDS)) {
        return;
      }
    } catch (SQLException e) {
      throw lost(e);
    }
    throw lost(null);
  }

  private MigrationException lost(@org.jspecify.annotations.Nullable SQLException cause) {
    return new MigrationException(
        ErrorCode.CONNECTION_LOST,
        "The session that held the lease of " + run.migration() + " on the target is gone",
        cause);
  }

  /** Lets the next process have its turn. */
  @Override
  public synchronized void close() {
    try {
      session.close();
    } catch (SQLException e) {
      // The session is gone either way, and the lock with it.
      return;
    }
  }
}
