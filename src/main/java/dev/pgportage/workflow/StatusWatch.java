package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.state.EventLog;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A migration's status, read again and again over sessions that are kept open, one on either side.
 * A session that fails is opened anew by a later reading.
 *
 * <p>Not thread-safe.
 */
public final class StatusWatch implements AutoCloseable {
  private final MigrationConfig config;
  private final StatusReader reader;
  private final SourceSession source;
  private @Nullable Connection state;

  /** A watch that connects with its first reading. */
  public StatusWatch(MigrationConfig config) {
    this.config = config;
    this.reader = new StatusReader(config);
    this.source = new SourceSession(config);
  }

  /**
   * Where the migration stands now.
   *
   * @throws MigrationException MIGRATION_UNKNOWN if it was never begun, or why the target does not
   *     answer
   */
  public StatusReport read() {
    return reading(connection -> reader.read(connection, source));
  }

  /**
   * The events after a number, the oldest first.
   *
   * @param most how many at most; the newest are kept
   */
  public List<EventLog.Entry> eventsAfter(long id, int most) {
    var log = new EventLog(config.name());
    return reading(connection -> log.latestAfter(connection, id, most));
  }

  private <T> T reading(SourceSession.Question<T> question) {
    try {
      Connection open = state;
      if (open == null) {
        open = reader.open();
        state = open;
      }
      return question.ask(open);
    } catch (SQLException e) {
      close();
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Reading the status");
    }
  }

  /** Ends both sessions; a later reading begins new ones. */
  @Override
  public void close() {
    try (source;
        Connection _ = state) {
      state = null;
    } catch (SQLException e) {
      // It is given up either way.
      state = null;
    }
  }
}
