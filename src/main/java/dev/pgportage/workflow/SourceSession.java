package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A session on the source for those who only look: opened when it is first needed and kept. A
 * source that did not answer is left alone for a while, since asking it may take as long each time.
 *
 * <p>Not thread-safe. A fence leaves the session alone: it is named after the migration.
 */
final class SourceSession implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofSeconds(15);

  private final Database source;
  private @Nullable Connection open;
  private @Nullable MigrationException failure;
  private long failedAt;

  SourceSession(MigrationConfig config) {
    source = new Database(config.source(), Databases.application(config.name()));
  }

  /** What is asked over the session. */
  @FunctionalInterface
  interface Question<T> {
    T ask(Connection connection) throws SQLException;
  }

  /**
   * Asks the source.
   *
   * @throws MigrationException why it does not answer, or lately did not
   */
  <T> T answer(Question<T> question) {
    MigrationException last = failure;
    if (last != null && System.nanoTime() - failedAt < PAUSE.toNanos()) {
      throw last;
    }
    try {
      Connection connection = open;
      if (connection == null) {
        connection = source.open("status");
        open = connection;
      }
      T answer = question.ask(connection);
      failure = null;
      return answer;
    } catch (SQLException e) {
      throw noted(SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Asking the source"));
    } catch (MigrationException e) {
      throw noted(e);
    }
  }

  private MigrationException noted(MigrationException e) {
    close();
    failure = e;
    failedAt = System.nanoTime();
    return e;
  }

  @Override
  public void close() {
    try (Connection _ = open) {
      open = null;
    } catch (SQLException e) {
      // It is given up either way.
      open = null;
    }
  }
}
