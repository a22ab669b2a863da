package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How often a failed attempt is made again: only after failures that can pass by themselves, with
 * growing, jittered pauses, and not for ever: about five minutes, as long as a server's restart or
 * failover may take.
 */
final class RetryPolicy {
  private static final int MOST_IN_A_ROW = 16;
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final Duration LONG_ENOUGH = Duration.ofMinutes(2);

  private int inARow;

  /**
   * The pause before the next attempt.
   *
   * @param lived how long the failed attempt had run; a long one starts the count anew
   * @throws MigrationException the failure itself, if trying again cannot help or was tried enough
   */
  Duration pauseAfter(MigrationException failure, Duration lived) {
    if (failure.code().retry() == ErrorCode.Retry.NO) {
      throw failure;
    }
    inARow = lived.compareTo(LONG_ENOUGH) > 0 ? 1 : inARow + 1;
    if (inARow > MOST_IN_A_ROW) {
      throw failure;
    }
    long ceiling =
        Math.min(LONGEST_PAUSE.toMillis(), FIRST_PAUSE.toMillis() << Math.min(20, inARow - 1));
    return Duration.ofMillis(ceiling / 2 + ThreadLocalRandom.current().nextLong(ceiling / 2 + 1));
  }
}
