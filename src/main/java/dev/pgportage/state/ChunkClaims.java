package dev.pgportage.state;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/**
 * Who does a chunk of a round: each try is a claim of its own, and only the last one's can be
 * committed. Whoever is given a chunk takes it over from a try that was given up for lost, and ends
 * that one's session on the target: its process may only sleep.
 *
 * <p>Stateless; safe with any number of connections.
 */
public final class ChunkClaims {
  private static final Duration TO_END = Duration.ofSeconds(10);
  private static final long MOMENT_MILLIS = 50;

  private ChunkClaims() {}

  /**
   * One try at a chunk.
   *
   * @param round the round
   * @param number the chunk's number in it
   * @param attempt grows with each try, whoever makes it
   */
  public record Claim(long round, int number, int attempt) {}

  /**
   * Claims a chunk for the session at hand, whoever has it.
   *
   * @param connection the session of the target that will commit it, outside of a transaction
   * @return empty if it is done, or its round is closed
   */
  public static Optional<Claim> take(Connection connection, long round, int number)
      throws SQLException {
    endFormer(connection, round, number);
    return claim(connection, round, number, "");
  }

  /**
   * Claims a chunk once more after a failure.
   *
   * @return empty if somebody else has it now, it is done, or its round is closed
   */
  public static Optional<Claim> again(Connection connection, Claim former) throws SQLException {
    String ours = " AND attempt = " + former.attempt();
    return claim(connection, former.round(), former.number(), ours);
  }

  private static Optional<Claim> claim(
      Connection connection, long round, int number, String condition) throws SQLException {
    return Sql.queryFirst(
        connection,
        """
        UPDATE pgportage.round_chunk
        SET attempt = attempt + 1, backend_pid = pg_backend_pid(),
          backend_start = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())
        WHERE round = ? AND number = ? AND outcome IS NULL%s
        RETURNING attempt
        """
            .formatted(condition),
        row -> new Claim(round, number, row.getInt(1)),
        round,
        number);
  }

  private static void endFormer(Connection connection, long round, int number) throws SQLException {
    long until = System.nanoTime() + TO_END.toNanos();
    while (ended(connection, round, number) > 0) {
      if (System.nanoTime() - until > 0) {
        throw new MigrationException(
            ErrorCode.CONNECTION_LOST,
            "A session of the target that was given up for lost does not end");
      }
      try {
        Thread.sleep(MOMENT_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new MigrationException(ErrorCode.INTERRUPTED, "Taking a chunk was interrupted", e);
      }
    }
  }

  /** Ends the session that has a chunk; returns how many there were to end. */
  private static long ended(Connection connection, long round, int number) throws SQLException {
    // Within a transaction the activity stays as it was first seen.
    Sql.query(connection, "SELECT pg_stat_clear_snapshot()::text", row -> row.getString(1));
    return Sql.queryLong(
        connection,
        """
        SELECT count(pg_terminate_backend(a.pid)) FROM pgportage.round_chunk c
        JOIN pg_stat_activity a ON a.pid = c.backend_pid AND a.backend_start = c.backend_start
        WHERE c.round = ? AND c.number = ? AND c.outcome IS NULL AND a.pid <> pg_backend_pid()
        """,
        round,
        number);
  }

  /**
   * Notes what came of a chunk, in the transaction that it came to be in: the last statement before
   * its commit.
   *
   * @throws MigrationException LEASE_LOST if somebody else has it now, or its round is closed
   */
  public static void seal(Connection transaction, Claim claim, String outcome) throws SQLException {
    boolean open =
        Sql.queryFirst(
                transaction,
                """
                SELECT 1 FROM pgportage.round r
                JOIN pgportage.migration m ON m.name = r.migration AND m.run_epoch = r.run_epoch
                WHERE r.id = ? FOR SHARE
                """,
                row -> row.getInt(1),
                claim.round())
            .isPresent();
    boolean ours =
        open
            && Sql.update(
                    transaction,
                    """
                    UPDATE pgportage.round_chunk SET outcome = ?
                    WHERE round = ? AND number = ? AND attempt = ? AND outcome IS NULL
                    """,
                    outcome,
                    claim.round(),
                    claim.number(),
                    claim.attempt())
                == 1;
    if (!ours) {
      throw new MigrationException(
          ErrorCode.LEASE_LOST,
          "Chunk " + claim.number() + " was given to another worker, or is not wanted any more");
    }
  }

  /** Notes why a round cannot go on; the first word counts. */
  public static void fail(Connection connection, long round, String failure) throws SQLException {
    Sql.update(
        connection,
        "UPDATE pgportage.round SET failure = coalesce(failure, ?) WHERE id = ?",
        failure,
        round);
  }
}
