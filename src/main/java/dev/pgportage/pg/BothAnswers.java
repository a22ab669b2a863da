package dev.pgportage.pg;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * What both servers answered to the same question, asked of them at the same time.
 *
 * @param source the source's answer
 * @param target the target's
 */
public record BothAnswers<T>(T source, T target) {
  /** A question of one or more statements; used by two threads at once. */
  @FunctionalInterface
  public interface Question<T> {
    /** Asks one server. */
    T ask(Connection connection) throws SQLException;
  }

  /**
   * Asks both; neither connection may be used meanwhile.
   *
   * @throws SQLException why one of them did not answer, the source first; both are done then
   */
  public static <T> BothAnswers<T> of(Connection source, Connection target, Question<T> question)
      throws SQLException {
    var there = new FutureTask<>(() -> question.ask(target));
    // Not a virtual one: once any of those has read a socket, the JVM takes 0.3 s longer to end.
    Thread thread = Thread.ofPlatform().daemon().name("target-answer").start(there);
    T here;
    try {
      here = question.ask(source);
    } catch (SQLException | RuntimeException e) {
      thread.interrupt();
      join(thread);
      throw e;
    }
    return new BothAnswers<>(here, answer(there));
  }

  private static <T> T answer(FutureTask<T> there) throws SQLException {
    try {
      return there.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SQLException failure) {
        throw failure;
      }
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new MigrationException(ErrorCode.INTERNAL, "Asking the target: " + e.getCause(), e);
    } catch (InterruptedException e) {
      there.cancel(true);
      throw interrupted(e);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      thread.interrupt();
      throw interrupted(e);
    }
  }

  private static MigrationException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new MigrationException(ErrorCode.INTERRUPTED, "Asking both servers was stopped", e);
  }
}
