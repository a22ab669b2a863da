package dev.pgportage.load;

/**
 * A number of bytes a second that all workers together may read. Thread-safe.
 *
 * <p>What was not read in the last moments may be caught up with, but no more than that.
 */
final class RateLimit {
  private static final long CATCH_UP_NANOS = 200_000_000;
  private static final double NANOS = 1e9;

  private final long bytesPerSecond;
  private long free;

  /**
   * A limit that has nothing to catch up with.
   *
   * @param bytesPerSecond 0 for no limit
   * @param now in nanoseconds
   */
  RateLimit(long bytesPerSecond, long now) {
    this.bytesPerSecond = bytesPerSecond;
    free = now;
  }

  /**
   * Counts bytes that were read.
   *
   * @param now in nanoseconds, as {@link System#nanoTime} tells them
   * @return for how many nanoseconds nothing more may be read by who read them
   */
  synchronized long read(long bytes, long now) {
    if (bytesPerSecond == 0) {
      return 0;
    }
    long from = free - (now - CATCH_UP_NANOS) < 0 ? now - CATCH_UP_NANOS : free;
    free = from + (long) (bytes * NANOS / bytesPerSecond);
    return Math.max(0, free - now);
  }
}
