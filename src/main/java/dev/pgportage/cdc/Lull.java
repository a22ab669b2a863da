package dev.pgportage.cdc;

import java.util.concurrent.locks.LockSupport;

/**
 * The moments in which a fast stream is let to gather: to be woken for each message costs both
 * sides more than the message does. Used by the reading thread.
 */
final class Lull {
  private static final long NANOS = 200_000;

  /** What comes in the meantime must fit into the smallest window a connection has. */
  private static final long LONG_NANOS = 2_000_000;

  /** Reading takes so long only if nothing was there yet. */
  private static final long WAITED_NANOS = 15_000;

  /** So often within a millisecond only if much is coming. */
  private static final int MOST_WAITS = 8;

  /** So many without a wait only if the source sends what it has had for a while. */
  private static final int MANY = 64;

  private long lastRead = System.nanoTime();
  private long since = lastRead;
  private int waits;
  private int read;

  /** A message was read, or none was there. */
  void afterRead() {
    long now = System.nanoTime();
    boolean waited = now - lastRead > WAITED_NANOS;
    lastRead = now;
    if (!waited) {
      read++;
      return;
    }
    if (read >= MANY) {
      park(LONG_NANOS);
    } else if (now - since > 1_000_000) {
      since = now;
      waits = 0;
    } else if (++waits >= MOST_WAITS) {
      park(NANOS);
    }
    read = 0;
  }

  private void park(long nanos) {
    waits = 0;
    LockSupport.parkNanos(nanos);
    lastRead = System.nanoTime();
  }
}
