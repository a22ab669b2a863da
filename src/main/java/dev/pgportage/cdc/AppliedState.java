package dev.pgportage.cdc;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Lsn;
import dev.pgportage.telemetry.ApplyCounters;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How far the target is, and whether applying still goes on: written by the applier, read and
 * awaited by everybody. Thread-safe.
 */
final class AppliedState {
  private Lsn applied;
  private ApplyCounters counters = ApplyCounters.NONE;
  private boolean ended;
  private @Nullable MigrationException failure;

  AppliedState(Lsn start) {
    this.applied = start;
  }

  /** Everything committed before it is on the target. */
  synchronized Lsn applied() {
    return applied;
  }

  synchronized ApplyCounters counters() {
    return counters;
  }

  /** The target has come to a position; tells who waits for it. */
  synchronized void advance(Lsn position, ApplyCounters done) {
    applied = Lsn.max(applied, position);
    counters = counters.plus(done);
    notifyAll();
  }

  /** Why applying ended, if it was not told to. */
  synchronized Optional<MigrationException> failure() {
    return Optional.ofNullable(failure);
  }

  /** Applying has ended: with a failure, or because it was told to. */
  synchronized void end(@Nullable MigrationException reason) {
    if (!ended) {
      ended = true;
      failure = reason;
      notifyAll();
    }
  }

  /**
   * Makes sure that applying goes on.
   *
   * @throws MigrationException why it does not
   */
  synchronized void check() {
    if (failure != null) {
      throw failure;
    }
    if (ended) {
      throw new MigrationException(ErrorCode.INTERRUPTED, "Replication was stopped");
    }
  }

  /** Waits for a position; false if the time is over before. */
  synchronized boolean await(Lsn position, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (applied.isBefore(position)) {
      check();
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      try {
        wait(left / 1_000_000 + 1);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new MigrationException(ErrorCode.INTERRUPTED, "Waiting was interrupted", e);
      }
    }
    return true;
  }
}
