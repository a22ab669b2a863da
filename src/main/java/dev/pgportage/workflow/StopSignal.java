package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Somebody's wish that the migration stop here and go on another time. Thread-safe. */
final class StopSignal {
  private final CountDownLatch given = new CountDownLatch(1);

  /** Asks to stop; may be called more than once. */
  void give() {
    given.countDown();
  }

  /**
   * Waits, unless asked to stop.
   *
   * @throws MigrationException INTERRUPTED if asked to stop
   */
  void pause(Duration duration) {
    try {
      if (given.await(duration.toMillis(), TimeUnit.MILLISECONDS)) {
        throw stopped();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw stopped();
    }
  }

  private static MigrationException stopped() {
    return new MigrationException(ErrorCode.INTERRUPTED, "The migration was stopped");
  }
}
