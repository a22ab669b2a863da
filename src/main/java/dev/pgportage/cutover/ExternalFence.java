package dev.pgportage.cutover;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The user has stopped the application: nothing is changed on the source, its silence is only
 * proven, by open transactions and by the server's count of written rows.
 */
final class ExternalFence implements Fence {
  private static final Duration MOST_BEYOND = Duration.ofSeconds(10);
  private static final int PAUSE_MILLIS = 50;

  private final Database source;
  private final Duration silence;
  private @Nullable WriteCounters counters;

  ExternalFence(Database source, Duration silence) {
    this.source = source;
    this.silence = silence;
  }

  /** Waits until nothing was seen to write for as long as the settings ask. */
  @Override
  public void raise(Connection control) {
    try (Connection session = source.open("fence")) {
      counters = awaitSilence(session);
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.FENCE_FAILED, "Waiting for the source's silence");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationException(ErrorCode.INTERRUPTED, "The cutover was stopped", e);
    }
  }

  private WriteCounters awaitSilence(Connection session) throws SQLException, InterruptedException {
    var sessions = SourceSessions.of(session, source);
    long quietSince = System.nanoTime();
    long deadline = quietSince + silence.plus(silence).plus(MOST_BEYOND).toNanos();
    WriteCounters former = WriteCounters.read(session);
    while (true) {
      List<String> writers = sessions.writers();
      WriteCounters now = WriteCounters.read(session);
      List<QualifiedName> written = now.writtenSince(former);
      long moment = System.nanoTime();
      if (!writers.isEmpty() || !written.isEmpty()) {
        if (moment > deadline) {
          throw stillWriting(writers, written);
        }
        quietSince = moment;
      } else if (moment - quietSince >= silence.toNanos()) {
        return now;
      }
      former = now;
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  private static MigrationException stillWriting(
      List<String> writers, List<QualifiedName> written) {
    return new MigrationException(
        ErrorCode.FENCE_FAILED,
        "The source is still being written to"
            + (writers.isEmpty() ? "" : " by " + String.join("; ", writers))
            + (written.isEmpty() ? "" : ", tables " + written),
        "Stop the application, then run 'cutover' again; nothing was changed.",
        null);
  }

  @Override
  public void requireSilent() {
    try (Connection session = source.open("fence")) {
      List<String> writers = SourceSessions.of(session, source).writers();
      WriteCounters former = counters;
      List<QualifiedName> written =
          former == null ? List.of() : WriteCounters.read(session).writtenSince(former);
      if (!writers.isEmpty() || !written.isEmpty()) {
        throw new MigrationException(
            ErrorCode.FENCE_BREACHED,
            "The source was written to"
                + (writers.isEmpty() ? "" : " by " + String.join("; ", writers))
                + (written.isEmpty() ? "" : ", tables " + written));
      }
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.FENCE_FAILED, "Looking for writers on the source");
    }
  }

  @Override
  public void lower(Connection control) {
    // Nothing was raised: the user's application starts again when the user says so.
  }

  @Override
  public void leave() {
    // Nothing is held.
  }
}
