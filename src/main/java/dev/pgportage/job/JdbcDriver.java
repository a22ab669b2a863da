package dev.pgportage.job;

import java.sql.SQLException;
import org.postgresql.Driver;

/**
 * The driver of this job's class loader: every job of a cluster's process has one of its own, and
 * the last worker of a job must take it out of the process, or the job's classes stay in memory.
 * Thread-safe.
 */
final class JdbcDriver {
  private static int users;

  private JdbcDriver() {}

  /** Makes it known, for another user. */
  static synchronized void use() {
    try {
      if (users++ == 0 && !Driver.isRegistered()) {
        Driver.register();
      }
    } catch (SQLException e) {
      throw new IllegalStateException("The driver cannot be registered", e);
    }
  }

  /** Lets it go, if this was the last user. */
  static synchronized void release() {
    try {
      if (--users == 0 && Driver.isRegistered()) {
        Driver.deregister();
      }
    } catch (SQLException e) {
      throw new IllegalStateException("The driver cannot be deregistered", e);
    }
  }
}
