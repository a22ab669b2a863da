package dev.pgportage.state;

import dev.pgportage.MigrationException;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a migration: which are done, since when, with what outcome. The audit trail, and
 * what a resumed run goes by.
 */
public final class StepLog {
  /** Where a step stands. */
  public enum Status {
    /** Not begun yet; never kept, only told. */
    PENDING,
    /** Running, or left so by a process that died. */
    RUNNING,
    /** Finished; its outcome holds. */
    DONE,
    /** Ended with an error. */
    FAILED;

    private String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * One step as it was last left.
   *
   * @param name its name
   * @param status where it stands
   * @param attempts how often it was begun
   * @param startedAt when it was last begun
   * @param finishedAt when it ended
   * @param outcome what it left for later steps, JSON
   * @param error the error it ended with, as printed
   */
  public record Step(
      String name,
      Status status,
      int attempts,
      Optional<Instant> startedAt,
      Optional<Instant> finishedAt,
      Optional<String> outcome,
      Optional<String> error) {
    /** A step that was not begun yet. */
    public static Step pending(String name) {
      return new Step(
          name,
          Status.PENDING,
          0,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());
    }
  }

  private final String migration;

  /** The steps of a migration. */
  public StepLog(String migration) {
    this.migration = migration;
  }

  /** All steps that were ever begun, in their order, without what they left: that may be long. */
  public List<Step> all(Connection connection) throws SQLException {
    return Sql.query(
        connection,
        """
        SELECT name, status, attempts, started_at, finished_at, NULL, error
        FROM pgportage.step WHERE migration = ? ORDER BY ordinal
        """,
        StepLog::stepOf,
        migration);
  }

  /** One step, if it was ever begun. */
  public Optional<Step> find(Connection connection, String name) throws SQLException {
    return Sql.queryFirst(
        connection,
        """
        SELECT name, status, attempts, started_at, finished_at, outcome, error
        FROM pgportage.step WHERE migration = ? AND name = ?
        """,
        StepLog::stepOf,
        migration,
        name);
  }

  /**
   * What a step left.
   *
   * @param digest changes with it
   * @param outcome JSON
   */
  public record Left(String digest, String outcome) {}

  /** What a step left, if its digest is not the one that is known. */
  public Optional<Left> left(Connection connection, String name, String known) throws SQLException {
    return Sql.queryFirst(
        connection,
        """
        SELECT md5(outcome), outcome FROM pgportage.step
        WHERE migration = ? AND name = ? AND md5(outcome) <> ?
        """,
        row -> new Left(row.getString(1), row.getString(2)),
        migration,
        name,
        known);
  }

  /** Whether a step is done. */
  public boolean isDone(Connection connection, String name) throws SQLException {
    return isDone(connection, name, "");
  }

  /**
   * Whether a step is done, once every transaction that may yet say so has ended; in auto-commit
   * mode.
   */
  public boolean isSettled(Connection connection, String name) throws SQLException {
    return isDone(connection, name, " FOR UPDATE");
  }

  private boolean isDone(Connection connection, String name, String locking) throws SQLException {
    return Sql.queryText(
            connection,
            "SELECT status FROM pgportage.step WHERE migration = ? AND name = ?" + locking,
            migration,
            name)
        .filter(Status.DONE.label()::equals)
        .isPresent();
  }

  /** Notes that a step begins, for the first time or again. */
  public void begin(Connection connection, Run run, String name, int ordinal) throws SQLException {
    Fencing.check(connection, run);
    new StepAttempts(migration).begin(connection, run, name);
    Sql.update(
        connection,
        """
        INSERT INTO pgportage.step (migration, name, ordinal, status, attempts, started_at)
        VALUES (?, ?, ?, 'running', 1, now())
        ON CONFLICT (migration, name) DO UPDATE
        SET status = 'running', attempts = step.attempts + 1, started_at = now(),
            finished_at = NULL, error = NULL
        """,
        migration,
        name,
        ordinal);
  }

  /** Notes that a step is done and what it leaves for later steps. */
  public void done(Connection connection, Run run, String name, String outcome)
      throws SQLException {
    Fencing.check(connection, run);
    finish(connection, name, Status.DONE, outcome, null);
    new StepAttempts(migration).done(connection, run, name);
  }

  /** Notes that a step failed, unless it is done: what failed then came after it. */
  public void failed(Connection connection, Run run, String name, MigrationException failure)
      throws SQLException {
    if (!isSettled(connection, name)) {
      finish(connection, name, Status.FAILED, null, failure.display());
      new StepAttempts(migration).failed(connection, run, name, failure);
    }
  }

  /** Forgets a step, so that it is run again. */
  public void forget(Connection connection, Run run, String name) throws SQLException {
    Fencing.check(connection, run);
    Sql.update(
        connection, "DELETE FROM pgportage.step WHERE migration = ? AND name = ?", migration, name);
  }

  private void finish(
      Connection connection,
      String name,
      Status status,
      @Nullable String outcome,
      @Nullable String error)
      throws SQLException {
    Sql.update(
        connection,
        """
        UPDATE pgportage.step SET status = ?, outcome = ?, error = ?, finished_at = now()
        WHERE migration = ? AND name = ?
        """,
        status.label(),
        outcome,
        error,
        migration,
        name);
  }

  private static Step stepOf(ResultSet row) throws SQLException {
    return new Step(
        row.getString(1),
        Status.valueOf(row.getString(2).toUpperCase(Locale.ROOT)),
        row.getInt(3),
        Optional.ofNullable(row.getTimestamp(4)).map(Timestamp::toInstant),
        Optional.ofNullable(row.getTimestamp(5)).map(Timestamp::toInstant),
        Optional.ofNullable(row.getString(6)),
        Optional.ofNullable(row.getString(7)));
  }
}
