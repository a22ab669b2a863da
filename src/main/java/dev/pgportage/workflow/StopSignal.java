package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Somebody's wish that the migration stop here and go on another time. Thread-safe. */
final class StopSignal {
  private final CountDownLatch given = new CountDownLatch(1);

  private Optional<Thread> interruptible = Optional.empty();
  private volatile long givenAt;

  /** Asks to stop; may be called more than once. */
  synchronized void give() {
    if (given.getCount() > 0) {
      givenAt = System.nanoTime();
    }
    given.countDown();
    interruptible.ifPresent(Thread::interrupt);
  }

  /** How long ago somebody asked to stop; empty if nobody has. */
  Optional<Duration> since() {
    return given.getCount() > 0
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(System.nanoTime() - givenAt));
  }

  /**
   * Does work that ends when its thread is interrupted: it is, if asked to stop meanwhile.
   *
   * @throws MigrationException INTERRUPTED if asked to stop before
   */
  void interrupting(Runnable work) {
    pause(Duration.ZERO);
    interruptible(Optional.of(Thread.currentThread()));
    try {
      work.run();
    } finally {
      interruptible(Optional.empty());
      // Whoever asked to stop has been heard; what is left to do is to be done properly.
      Thread.interrupted();
    }
  }

  private synchronized void interruptible(Optional<Thread> thread) {
    interruptible = thread;
    if (given.getCount() == 0) {
      thread.ifPresent(Thread::interrupt);
    }
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
