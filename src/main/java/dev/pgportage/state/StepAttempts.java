package dev.pgportage.state;

import dev.pgportage.ErrorCode;
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
 * Every time a step of a migration was begun, by whom, and how it ended: the audit trail. Nothing
 * is ever taken out of it before the whole state goes.
 */
public final class StepAttempts {
  /** How one attempt at a step ended. */
  public enum Outcome {
    /** It has not, or its process has not been missed yet. */
    RUNNING,
    /** The step is done. */
    DONE,
    /** With an error. */
    FAILED,
    /** Somebody asked to stop. */
    INTERRUPTED,
    /** Its process died, or lost its connections, and could not say. */
    ABANDONED
  }

  /**
   * One attempt.
   *
   * @param step the step's name
   * @param run which turn at the migration it belongs to; grows with every one
   * @param holder host and process
   * @param startedAt when it was begun
   * @param finishedAt when it ended; for an abandoned one, when that was noticed
   * @param outcome how it ended
   * @param errorCode the error's code
   * @param error the error as printed
   */
  public record Attempt(
      String step,
      long run,
      Optional<String> holder,
      Instant startedAt,
      Optional<Instant> finishedAt,
      Outcome outcome,
      Optional<String> errorCode,
      Optional<String> error) {}

  private final String migration;

  /** The attempts of a migration. */
  public StepAttempts(String migration) {
    this.migration = migration;
  }

  /** All attempts, the oldest first. */
  public List<Attempt> all(Connection connection) throws SQLException {
    return Sql.query(
        connection,
        """
        SELECT step, run_epoch, holder, started_at, finished_at, outcome, error_code, error
        FROM pgportage.step_attempt WHERE migration = ? ORDER BY id
        """,
        StepAttempts::attemptOf,
        migration);
  }

  /** Notes a new attempt; one that is still open belongs to nobody any more. */
  void begin(Connection connection, Run run, String step) throws SQLException {
    Sql.update(
        connection,
        """
        UPDATE pgportage.step_attempt SET outcome = 'abandoned', finished_at = clock_timestamp()
        WHERE migration = ? AND outcome = 'running'
        """,
        migration);
    Sql.update(
        connection,
        """
        INSERT INTO pgportage.step_attempt (migration, step, run_epoch, holder)
        SELECT name, ?, ?, run_holder FROM pgportage.migration WHERE name = ?
        """,
        step,
        run.epoch(),
        migration);
  }

  void done(Connection connection, Run run, String step) throws SQLException {
    finish(connection, run, step, Outcome.DONE, null);
  }

  void failed(Connection connection, Run run, String step, MigrationException failure)
      throws SQLException {
    boolean asked = failure.code() == ErrorCode.INTERRUPTED;
    finish(connection, run, step, asked ? Outcome.INTERRUPTED : Outcome.FAILED, failure);
  }

  private void finish(
      Connection connection,
      Run run,
      String step,
      Outcome outcome,
      @Nullable MigrationException failure)
      throws SQLException {
    Sql.update(
        connection,
        """
        UPDATE pgportage.step_attempt
        SET outcome = ?, finished_at = clock_timestamp(), error_code = ?, error = ?
        WHERE migration = ? AND step = ? AND run_epoch = ? AND outcome = 'running'
        """,
        outcome.name().toLowerCase(Locale.ROOT),
        failure == null ? null : failure.code().name(),
        failure == null ? null : failure.display(),
        migration,
        step,
        run.epoch());
  }

  private static Attempt attemptOf(ResultSet row) throws SQLException {
    return new Attempt(
        row.getString(1),
        row.getLong(2),
        Optional.ofNullable(row.getString(3)),
        row.getTimestamp(4).toInstant(),
        Optional.ofNullable(row.getTimestamp(5)).map(Timestamp::toInstant),
        Outcome.valueOf(row.getString(6).toUpperCase(Locale.ROOT)),
        Optional.ofNullable(row.getString(7)),
        Optional.ofNullable(row.getString(8)));
  }
}
