package dev.pgportage.validation;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.ExportedSnapshot;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * One session on either side, each within its snapshot, asked the same question at the same time.
 *
 * <p>Used by one thread at a time, but for {@link #cancel}. Once a question failed or was cancelled
 * the pair is of no use any more.
 */
final class SessionPair implements AutoCloseable {
  private final Connection source;
  private final Connection target;
  private final Instant readAt;
  private final ExecutorService other;
  private final AtomicReference<@Nullable MigrationException> failure = new AtomicReference<>();

  private SessionPair(Connection source, Connection target, Instant readAt, String name) {
    this.readAt = readAt;
    this.source = source;
    this.target = target;
    this.other = Executors.newSingleThreadExecutor(task -> new Thread(task, name + "-target"));
  }

  /** Something both sides are asked. */
  interface Question<T> {
    /** Asks one side. */
    T ask(Connection connection) throws SQLException;
  }

  /** A way to ask about something. */
  interface Asking<Q, T> {
    /** Asks one side. */
    T ask(Connection connection, Q about) throws SQLException;
  }

  /** What both sides answered. */
  record Answers<T>(T source, T target) {}

  /** Opens both sessions. */
  static SessionPair open(ExportedSnapshot source, ExportedSnapshot target, String name) {
    Connection first = source.open("validation");
    try {
      return new SessionPair(first, target.open("validation"), target.takenAt(), name);
    } catch (RuntimeException e) {
      try {
        first.close();
      } catch (SQLException closing) {
        e.addSuppressed(closing);
      }
      throw e;
    }
  }

  /** When both snapshots were there. */
  Instant readAt() {
    return readAt;
  }

  /**
   * Asks both sides at once and waits for both; if one fails, the other is cancelled.
   *
   * @param what what is being done, as the start of a sentence: "Comparing public.orders"
   */
  <T> Answers<T> ask(String what, Question<T> question) {
    return both(what, question, question);
  }

  /** Asks the sides about different things in the same way. */
  <Q, T> Answers<T> ask(String what, Q ofSource, Q ofTarget, Asking<Q, T> asking) {
    return both(
        what,
        connection -> asking.ask(connection, ofSource),
        connection -> asking.ask(connection, ofTarget));
  }

  private <T> Answers<T> both(String what, Question<T> sourceQuestion, Question<T> targetQuestion) {
    throwFailure();
    var answer =
        CompletableFuture.supplyAsync(() -> ask(Side.TARGET, target, what, targetQuestion), other);
    @Nullable T ofSource = ask(Side.SOURCE, source, what, sourceQuestion);
    @Nullable T ofTarget = answer.join();
    throwFailure();
    if (ofSource == null || ofTarget == null) {
      throw new IllegalStateException("A side gave no answer");
    }
    return new Answers<>(ofSource, ofTarget);
  }

  /** Makes a running question fail with this, and every later one; from any thread. */
  void cancel(MigrationException reason) {
    if (failure.compareAndSet(null, reason)) {
      cancel(source);
      cancel(target);
    }
  }

  /**
   * Asks for one table's rows within a savepoint of each side, so that its locks are released
   * afterwards: a TRUNCATE or ALTER TABLE then waits for one table, not for the whole validation.
   */
  <T> T within(String what, java.util.function.Supplier<T> questions) {
    ask(what, connection -> run(connection, "SAVEPOINT compared"));
    T result = questions.get();
    ask(what, connection -> run(connection, "ROLLBACK TO SAVEPOINT compared"));
    return result;
  }

  /** Ends both sessions. */
  @Override
  public void close() {
    other.shutdown();
    try (source;
        target) {
      source.rollback();
      target.rollback();
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.CONNECTION_LOST, "Ending a comparison's sessions");
    }
  }

  private static Boolean run(Connection connection, String sql) throws SQLException {
    Sql.execute(connection, sql);
    return Boolean.TRUE;
  }

  private <T> @Nullable T ask(Side side, Connection connection, String what, Question<T> question) {
    try {
      return question.ask(connection);
    } catch (SQLException e) {
      cancel(Failures.of(e, what + " on the " + side));
    } catch (MigrationException e) {
      cancel(e);
    } catch (RuntimeException e) {
      cancel(new MigrationException(ErrorCode.INTERNAL, what + " on the " + side, e));
    }
    return null;
  }

  private void throwFailure() {
    MigrationException known = failure.get();
    if (known != null) {
      throw known;
    }
  }

  private static void cancel(Connection connection) {
    try {
      connection.unwrap(PGConnection.class).cancelQuery();
    } catch (SQLException e) {
      // The session is gone, and its question with it.
      return;
    }
  }
}
