package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.SqlStates;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How often a failed attempt is made again: only after failures that can pass by themselves, with
 * growing, jittered pauses, by the policy of the step that failed, and not for ever.
 */
final class RetryPolicy {
  private static final Duration LONG_ENOUGH = Duration.ofMinutes(2);

  private Optional<StepName> failing = Optional.empty();
  private int inARow;

  /**
   * The pause before the next attempt, where no step is concerned.
   *
   * @param lived how long the failed attempt had run; a long one starts the count anew
   * @throws MigrationException the failure itself, if trying again cannot help or was tried enough
   */
  Duration pauseAfter(MigrationException failure, Duration lived) {
    return pauseAfter(failure, Optional.empty(), lived);
  }

  /**
   * The pause before the next attempt.
   *
   * @param step in which it failed; another one than the last time starts the count anew
   * @param lived how long the failed attempt had run; a long one starts the count anew
   * @throws MigrationException the failure itself, if trying again cannot help or was tried enough
   */
  Duration pauseAfter(MigrationException failure, Optional<StepName> step, Duration lived) {
    if (!isPassing(failure)) {
      throw failure;
    }
    StepPolicy policy = StepPolicy.of(step);
    boolean gotOn = lived.compareTo(LONG_ENOUGH) > 0 || (step.isPresent() && !step.equals(failing));
    failing = step.isPresent() ? step : failing;
    inARow = gotOn ? 1 : inARow + 1;
    if (inARow > policy.mostRetries()) {
      throw failure;
    }
    long ceiling =
        Math.min(
            policy.longestPause().toMillis(),
            policy.firstPause().toMillis() << Math.min(20, inARow - 1));
    return Duration.ofMillis(ceiling / 2 + ThreadLocalRandom.current().nextLong(ceiling / 2 + 1));
  }

  /** How many attempts in a row have failed. */
  int inARow() {
    return inARow;
  }

  /** Whether the same may succeed later without anybody changing anything. */
  static boolean isPassing(MigrationException failure) {
    boolean transientSql =
        failure.code() == ErrorCode.SQL_FAILED
            && failure.getCause() instanceof SQLException cause
            && SqlStates.isTransient(cause);
    return transientSql || failure.code().retry() == ErrorCode.Retry.YES;
  }
}
