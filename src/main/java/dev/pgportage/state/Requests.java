package dev.pgportage.state;

import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What other processes ask of the one that runs the migration, such as {@code cutover}: posted
 * here, carried out there.
 */
public final class Requests {
  /** The parameters of a request that has nothing to say. */
  public static final String NONE = "{}";

  /**
   * One request.
   *
   * @param id its number
   * @param kind what is asked
   * @param parameters how it is asked, a JSON object in the kind's own form
   * @param taken whether the running process has begun it
   * @param finished whether it is carried out, or failed
   * @param outcome what came of it, JSON, if it succeeded
   * @param error the error as printed, if it failed
   */
  public record Request(
      long id,
      RequestKind kind,
      String parameters,
      boolean taken,
      boolean finished,
      Optional<String> outcome,
      Optional<String> error) {
    /** Whether somebody else has the outcome, and so nobody can have it any more. */
    public boolean isTold() {
      return finished && outcome.isEmpty() && error.isEmpty();
    }
  }

  /**
   * A request as it is remembered.
   *
   * @param kind what was asked
   * @param at when
   * @param finishedAt when it was carried out, or failed
   * @param error the error as printed, if it failed
   */
  public record Past(
      RequestKind kind, Instant at, Optional<Instant> finishedAt, Optional<String> error) {}

  private final String migration;

  /** The requests to a migration. */
  public Requests(String migration) {
    this.migration = migration;
  }

  /**
   * Asks for something; returns the request's number.
   *
   * @param parameters a JSON object in the kind's own form; {@link #NONE} if there is nothing to
   *     say
   */
  public long post(Connection connection, RequestKind kind, String parameters) throws SQLException {
    return Sql.queryLong(
        connection,
        """
        INSERT INTO pgportage.request (migration, kind, parameters) VALUES (?, ?, ?) RETURNING id
        """,
        migration,
        kind.label(),
        parameters);
  }

  /**
   * Somebody else's request.
   *
   * @param id its number
   * @param waitedAt when whoever asked was last heard of
   * @param left whether that is so long ago that nobody waits for it any more
   */
  public record Same(long id, Instant waitedAt, boolean left) {}

  /** The newest one that asks for just that and is neither carried out nor failed. */
  public Optional<Same> unfinished(Connection connection, RequestKind kind, String parameters)
      throws SQLException {
    return Sql.queryFirst(
        connection,
        """
        SELECT id, waited_at, waited_at < clock_timestamp() - interval '5 s' FROM pgportage.request
        WHERE migration = ? AND kind = ? AND parameters = ? AND finished_at IS NULL
        ORDER BY id DESC LIMIT 1
        """,
        row -> new Same(row.getLong(1), row.getTimestamp(2).toInstant(), row.getBoolean(3)),
        migration,
        kind.label(),
        parameters);
  }

  /** Whoever asked waits still. */
  public void waiting(Connection connection, long id) throws SQLException {
    Sql.update(
        connection,
        """
        UPDATE pgportage.request SET waited_at = now()
        WHERE id = ? AND finished_at IS NULL AND waited_at < now() - interval '1 s'
        """,
        id);
  }

  /** Whether there is one that nobody has taken. */
  public boolean isWaiting(Connection connection) throws SQLException {
    return Sql.queryLong(
            connection,
            """
            SELECT count(*) FROM pgportage.request
            WHERE migration = ? AND taken_at IS NULL AND finished_at IS NULL
            """,
            migration)
        > 0;
  }

  /** Takes the oldest request nobody has taken, if there is one. */
  public Optional<Request> take(Connection connection) throws SQLException {
    return Sql.queryFirst(
        connection,
        """
        UPDATE pgportage.request SET taken_at = now()
        WHERE id = (SELECT min(id) FROM pgportage.request
                    WHERE migration = ? AND taken_at IS NULL AND finished_at IS NULL)
        RETURNING id, kind, parameters
        """,
        row ->
            new Request(
                row.getLong(1),
                RequestKind.of(row.getString(2)),
                row.getString(3),
                true,
                false,
                Optional.empty(),
                Optional.empty()),
        migration);
  }

  /** Notes what came of a request: an outcome or an error. */
  public void finish(
      Connection connection, long id, @Nullable String outcome, @Nullable String error)
      throws SQLException {
    Sql.update(
        connection,
        "UPDATE pgportage.request SET finished_at = now(), outcome = ?, error = ? WHERE id = ?",
        outcome,
        error,
        id);
  }

  /**
   * Withdraws what a new attempt must not carry out: requests that a former one took and did not
   * finish, and those of commands that may be gone. A cutover somebody asked for last week is
   * nobody's wish today.
   *
   * @param kept the one request, not yet taken, that the attempt is made for; 0 if there is none
   * @param error what whoever asked is told, in the form of {@link #finish}
   */
  public void withdrawUnfinished(Connection connection, long kept, String error)
      throws SQLException {
    Sql.update(
        connection,
        """
        UPDATE pgportage.request SET finished_at = now(), error = ?
        WHERE migration = ? AND finished_at IS NULL AND (taken_at IS NOT NULL OR id <> ?)
        """,
        error,
        migration,
        kept);
  }

  /** Removes a request's outcome, once whoever asked has it: it may hold keys of users' rows. */
  public void forget(Connection connection, long id) throws SQLException {
    Sql.update(connection, "UPDATE pgportage.request SET outcome = NULL WHERE id = ?", id);
  }

  /** Everything that was ever asked, the oldest first. */
  public List<Past> all(Connection connection) throws SQLException {
    return Sql.query(
        connection,
        """
        SELECT kind, requested_at, finished_at, error FROM pgportage.request
        WHERE migration = ? ORDER BY id
        """,
        row ->
            new Past(
                RequestKind.of(row.getString(1)),
                row.getTimestamp(2).toInstant(),
                Optional.ofNullable(row.getTimestamp(3)).map(Timestamp::toInstant),
                Optional.ofNullable(row.getString(4))),
        migration);
  }

  /** A request as it stands now. */
  public Request read(Connection connection, long id) throws SQLException {
    return Sql.queryFirst(
            connection,
            """
            SELECT kind, parameters, taken_at IS NOT NULL, finished_at IS NOT NULL, outcome, error
            FROM pgportage.request WHERE id = ?
            """,
            row ->
                new Request(
                    id,
                    RequestKind.of(row.getString(1)),
                    row.getString(2),
                    row.getBoolean(3),
                    row.getBoolean(4),
                    Optional.ofNullable(row.getString(5)),
                    Optional.ofNullable(row.getString(6))),
            id)
        .orElseThrow();
  }
}
