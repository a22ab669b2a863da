package dev.pgportage.fleet;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/** How many migrations load at once; first come, first served. Thread-safe. */
final class Turns {
  private static final long BETWEEN_LOOKS_MILLIS = 200;

  private final Semaphore free;

  Turns(int atOnce) {
    free = new Semaphore(atOnce, true);
  }

  /** A migration's turn, which it gives back once, as soon as its load is over. */
  interface Turn extends AutoCloseable {
    @Override
    void close();
  }

  /** No turn: nothing is loaded. */
  static Turn notNeeded() {
    return () -> {};
  }

  /**
   * Waits for a turn.
   *
   * @param stopped asked again and again while waiting
   * @throws MigrationException INTERRUPTED if the wait was to be ended
   */
  Turn take(BooleanSupplier stopped) {
    try {
      while (!free.tryAcquire(BETWEEN_LOOKS_MILLIS, TimeUnit.MILLISECONDS)) {
        if (stopped.getAsBoolean()) {
          throw interrupted();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted();
    }
    var given = new AtomicBoolean();
    return () -> {
      if (given.compareAndSet(false, true)) {
        free.release();
      }
    };
  }

  /** Whether a turn could be had without waiting. */
  boolean anyFree() {
    return free.availablePermits() > 0;
  }

  private static MigrationException interrupted() {
    return new MigrationException(ErrorCode.INTERRUPTED, "Stopped before its turn to load");
  }
}
