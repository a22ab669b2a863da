package dev.pgportage.workflow;

import java.lang.management.ManagementFactory;
import java.time.Duration;

/**
 * How often a status may be read so that reading takes no more than one hundredth of a core: over
 * minutes, not at each moment, since the first readings of a process take many times as long as
 * those that follow. For one thread.
 */
public final class ReadingPace {
  private static final int SHARE_OF_CORE = 100;
  private static final long CREDIT_NANOS = 500_000_000L;

  private long credit = CREDIT_NANOS;
  private long creditAt = System.nanoTime();
  private long begun;

  /** A reading begins on the calling thread. */
  public void begin() {
    begun = cpu();
  }

  /** It has ended, on the same thread; returns how long to wait at least before the next. */
  public Duration end() {
    long now = System.nanoTime();
    return spend(cpu() - begun, now);
  }

  /** Takes what a reading took from the credit, which time fills up again. */
  Duration spend(long nanos, long now) {
    credit = Math.min(CREDIT_NANOS, credit + (now - creditAt) / SHARE_OF_CORE) - nanos;
    creditAt = now;
    return Duration.ofNanos(Math.max(0, -credit) * SHARE_OF_CORE);
  }

  private static long cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
