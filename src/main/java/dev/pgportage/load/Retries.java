package dev.pgportage.load;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * How often and how long something is tried again: exponential backoff with jitter, until the
 * patience since its first failure is used up.
 *
 * @param first about how long to wait the first time
 * @param longest about how long to wait at most
 * @param patience how long to go on trying
 */
record Retries(Duration first, Duration longest, Duration patience) {
  /** Outlives a server's restart or failover. */
  static Retries usual() {
    return new Retries(Duration.ofMillis(250), Duration.ofSeconds(15), Duration.ofMinutes(5));
  }

  /** The tries of one piece of work. Used by one thread. */
  final class Attempts {
    private int failures;
    private long firstFailure;

    /** Whether this is not the first try. */
    boolean isRetry() {
      return failures > 0;
    }

    /**
     * Waits after a failure.
     *
     * @param stop ends the waiting
     * @return whether to try again
     */
    boolean again(CountDownLatch stop) throws InterruptedException {
      long now = System.nanoTime();
      if (failures == 0) {
        firstFailure = now;
      }
      failures++;
      if (now - firstFailure > patience.toNanos()) {
        return false;
      }
      return !stop.await(pause(), TimeUnit.MILLISECONDS);
    }

    private long pause() {
      long doubled = first.toMillis() << Math.min(20, failures - 1);
      long base = Math.min(longest.toMillis(), doubled);
      return base / 2 + ThreadLocalRandom.current().nextLong(base / 2 + 1);
    }
  }

  Attempts begin() {
    return new Attempts();
  }
}
