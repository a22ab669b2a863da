package dev.pgportage.cdc;

import java.util.concurrent.locks.LockSupport;

/**
 * The moments in which a fast stream is let to gather: to be woken for each message costs both
 * sides more than the message does. Used by the reading thread.
 */
final class Lull {
  private static final long NANOS = 200_000;

  /** Reading takes so long only if nothing was there yet. */
  private static final long WAITED_NANOS = 15_000;

  /** So often within a millisecond only if much is coming. */
  private static final int MOST_WAITS = 8;

  private long lastRead = System.nanoTime();
  private long since = lastRead;
  private int waits;

  /** A message was read, or none was there. */
  void afterRead() {
    long now = System.nanoTime();
    boolean waited = now - lastRead > WAITED_NANOS;
    lastRead = now;
    if (!waited) {
      return;
    }
    if (now - since > 1_000_000) {
      since = now;
      waits = 0;
    } else if (++waits >= MOST_WAITS) {
      waits = 0;
      LockSupport.parkNanos(NANOS);
      lastRead = System.nanoTime();
    }
  }
}
