package dev.pgportage.validation;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;

/**
 * How many bytes of tables one side may read in a second, by all workers together. A table is read
 * piece by piece, with a pause after each. Thread-safe.
 */
final class Pace {
  private static final double NANOS = 1e9;

  private final long bytesPerSecond;
  private long free = System.nanoTime();

  /** 0 for no limit. */
  Pace(long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /** Whether there is a limit. */
  boolean isLimited() {
    return bytesPerSecond > 0;
  }

  long bytesPerSecond() {
    return bytesPerSecond;
  }

  /** Waits as long as reading so many bytes should have taken. */
  void pause(long bytes) {
    if (!isLimited()) {
      return;
    }
    long nanos;
    synchronized (this) {
      free = Math.max(free, System.nanoTime()) + (long) (bytes * NANOS / bytesPerSecond);
      nanos = free - System.nanoTime();
    }
    try {
      Thread.sleep(Math.max(0, nanos / 1_000_000));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationException(ErrorCode.INTERRUPTED, "Validation interrupted", e);
    }
  }
}
