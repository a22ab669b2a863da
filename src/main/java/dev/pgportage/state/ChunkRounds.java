package dev.pgportage.state;

import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * Rounds of chunks that workers on other machines do: what there is to do, and what came of it.
 *
 * <p>A round belongs to one run's turn and is one load or one proof. It is open for as long as its
 * row is there: {@link ChunkClaims} refuses every commit after that. Stateless but for its run;
 * safe with any number of connections.
 */
public final class ChunkRounds {
  private static final int ROWS_AT_ONCE = 1000;
  private static final int TAKEN_AT_ONCE = 5000;

  private final Run run;

  /** The rounds of one run. */
  public ChunkRounds(Run run) {
    this.run = run;
  }

  /** Of which servers a chunk takes a session while it is done. */
  public enum Sides {
    /** One of each. */
    BOTH,
    /** One of the source. */
    SOURCE,
    /** One of the target. */
    TARGET;

    /** Whether it takes one of the source. */
    public boolean source() {
      return this != TARGET;
    }

    /** Whether it takes one of the target. */
    public boolean target() {
      return this != SOURCE;
    }
  }

  /**
   * What a round is about.
   *
   * @param kind what is done with its chunks, one word
   * @param terms what all its chunks share, as whoever does them reads it
   * @param sourceSessions how many of its chunks may be under way at once on the source
   * @param targetSessions the same on the target
   */
  public record Round(String kind, String terms, int sourceSessions, int targetSessions) {}

  /**
   * One chunk to do.
   *
   * @param number its number in the round
   * @param subject which of the round's subjects it is a part of
   * @param part which part
   * @param sides which servers it is done on
   */
  public record Chunk(int number, int subject, int part, Sides sides) {}

  /**
   * A chunk that is done.
   *
   * @param number its number in the round
   * @param outcome what came of it, as whoever did it wrote it
   */
  public record Done(int number, String outcome) {}

  /**
   * A round that is open.
   *
   * @param id its number
   * @param epoch of the run whose it is
   * @param round what it is about
   * @param held whether nothing is to be read at the moment
   */
  public record Open(long id, long epoch, Round round, boolean held) {}

  /**
   * Opens a round, in one commit; what former runs left of theirs is closed.
   *
   * @param connection in auto-commit mode
   * @param subjects what the chunks are parts of, as whoever does them reads it
   * @return its number
   */
  public long open(Connection connection, Round round, List<String> subjects, List<Chunk> chunks)
      throws SQLException {
    connection.setAutoCommit(false);
    try {
      Fencing.check(connection, run);
      Sql.update(connection, "DELETE FROM pgportage.round WHERE migration = ?", run.migration());
      long id =
          Sql.queryLong(
              connection,
              """
              INSERT INTO pgportage.round
                (migration, run_epoch, kind, terms, source_sessions, target_sessions)
              VALUES (?, ?, ?, ?, ?, ?) RETURNING id
              """,
              run.migration(),
              run.epoch(),
              round.kind(),
              round.terms(),
              round.sourceSessions(),
              round.targetSessions());
      addSubjects(connection, id, subjects);
      addChunks(connection, id, chunks);
      connection.commit();
      return id;
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  private static void addSubjects(Connection connection, long round, List<String> subjects)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO pgportage.round_subject (round, number, text) VALUES (?, ?, ?)")) {
      for (int i = 0; i < subjects.size(); i++) {
        insert.setLong(1, round);
        insert.setInt(2, i);
        insert.setString(3, subjects.get(i));
        insert.addBatch();
        send(insert, i + 1);
      }
      insert.executeBatch();
    }
  }

  private static void addChunks(Connection connection, long round, List<Chunk> chunks)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            """
            INSERT INTO pgportage.round_chunk (round, number, subject, part, sides)
            VALUES (?, ?, ?, ?, ?)
            """)) {
      for (int i = 0; i < chunks.size(); i++) {
        Chunk chunk = chunks.get(i);
        insert.setLong(1, round);
        insert.setInt(2, chunk.number());
        insert.setInt(3, chunk.subject());
        insert.setInt(4, chunk.part());
        insert.setString(5, chunk.sides().name());
        insert.addBatch();
        send(insert, i + 1);
      }
      insert.executeBatch();
    }
  }

  private static void send(PreparedStatement insert, int rows) throws SQLException {
    if (rows % ROWS_AT_ONCE == 0) {
      insert.executeBatch();
    }
  }

  /** Says whether nothing is to be read at the moment. */
  public void hold(Connection connection, long round, boolean held) throws SQLException {
    Sql.update(connection, "UPDATE pgportage.round SET held = ? WHERE id = ?", held, round);
  }

  /** Takes what has been done since it was last asked for; what is taken is not told again. */
  public List<Done> take(Connection connection, long round) throws SQLException {
    return Sql.query(
        connection,
        """
        DELETE FROM pgportage.round_chunk
        WHERE round = ? AND number IN (
          SELECT number FROM pgportage.round_chunk
          WHERE round = ? AND outcome IS NOT NULL LIMIT ?)
        RETURNING number, outcome
        """,
        row -> new Done(row.getInt(1), row.getString(2)),
        round,
        round,
        TAKEN_AT_ONCE);
  }

  /** Why a round cannot go on, as whoever met it wrote it; empty while it can. */
  public Optional<String> failure(Connection connection, long round) throws SQLException {
    return Sql.queryText(connection, "SELECT failure FROM pgportage.round WHERE id = ?", round);
  }

  /**
   * Closes a round: when this returns, nothing of it can be committed any more. Sessions of the
   * target that still hold a chunk of it are ended first: they may belong to a process that sleeps.
   */
  public void close(Connection connection, long round) throws SQLException {
    Sql.query(
        connection,
        """
        SELECT pg_terminate_backend(a.pid) FROM pgportage.round_chunk c
        JOIN pg_stat_activity a ON a.pid = c.backend_pid AND a.backend_start = c.backend_start
        WHERE c.round = ? AND c.outcome IS NULL AND a.pid <> pg_backend_pid()
        """,
        row -> row.getString(1),
        round);
    Sql.update(connection, "DELETE FROM pgportage.round WHERE id = ?", round);
  }

  /** The open round of a migration, if there is one and the run whose it is has its turn still. */
  public static Optional<Open> current(Connection connection, String migration)
      throws SQLException {
    if (Sql.queryText(connection, "SELECT to_regclass('pgportage.round')::text").isEmpty()) {
      return Optional.empty();
    }
    return Sql.queryFirst(
        connection,
        """
        SELECT r.id, r.run_epoch, r.kind, r.terms, r.source_sessions, r.target_sessions, r.held
        FROM pgportage.round r
        JOIN pgportage.migration m ON m.name = r.migration AND m.run_epoch = r.run_epoch
        WHERE r.migration = ? ORDER BY r.id DESC LIMIT 1
        """,
        ChunkRounds::openOf,
        migration);
  }

  private static Open openOf(ResultSet row) throws SQLException {
    return new Open(
        row.getLong(1),
        row.getLong(2),
        new Round(row.getString(3), row.getString(4), row.getInt(5), row.getInt(6)),
        row.getBoolean(7));
  }

  /** What of a round is not done. */
  public static List<Chunk> waiting(Connection connection, long round) throws SQLException {
    return Sql.query(
        connection,
        """
        SELECT number, subject, part, sides FROM pgportage.round_chunk
        WHERE round = ? AND outcome IS NULL ORDER BY number
        """,
        row ->
            new Chunk(row.getInt(1), row.getInt(2), row.getInt(3), Sides.valueOf(row.getString(4))),
        round);
  }

  /** What a chunk is a part of. */
  public static Optional<String> subject(Connection connection, long round, int number)
      throws SQLException {
    return Sql.queryText(
        connection,
        "SELECT text FROM pgportage.round_subject WHERE round = ? AND number = ?",
        round,
        number);
  }
}
