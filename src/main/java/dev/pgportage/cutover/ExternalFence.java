package dev.pgportage.cutover;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * The user has stopped the application: nothing is changed on the source, its silence is only
 * proven.
 */
final class ExternalFence implements Fence {
  private static final Duration MOST_BEYOND = Duration.ofSeconds(10);

  private final Database source;
  private final Duration silence;

  ExternalFence(Database source, Duration silence) {
    this.source = source;
    this.silence = silence;
  }

  /** Waits until no writing transaction was open for as long as the settings ask. */
  @Override
  public void raise(Connection control) {
    long now = System.nanoTime();
    long quietSince = now;
    long deadline = now + silence.plus(silence).plus(MOST_BEYOND).toNanos();
    try (Connection session = source.open("fence")) {
      while (now - quietSince < silence.toNanos()) {
        List<String> writers = SourceSessions.writers(session, source.application());
        now = System.nanoTime();
        if (!writers.isEmpty()) {
          quietSince = now;
          if (now > deadline) {
            throw new MigrationException(
                ErrorCode.FENCE_FAILED,
                "The source is still being written to by " + String.join("; ", writers),
                "Stop the application, then run 'cutover' again; nothing was changed.",
                null);
          }
        }
        Thread.sleep(50);
      }
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.FENCE_FAILED, "Waiting for the source's silence");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationException(ErrorCode.INTERRUPTED, "The cutover was stopped", e);
    }
  }

  @Override
  public void requireSilent() {
    SourceSessions.requireNoWriter(source);
  }

  @Override
  public void lower(Connection control) {
    // Nothing was raised: the user's application starts again when the user says so.
  }
}
