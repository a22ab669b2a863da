package dev.pgportage.pg;

/**
 * How long the reader of a replication stream rests before it asks for more.
 *
 * <p>The server sends each message by itself. To a reader that takes each as it comes that is a
 * packet for each, which costs both sides several times what the message does. A reader that rests
 * until the connection holds no more lets them go together, in few large packets. So in a stream
 * that brings a backlog the reader rests, as long as that brings no less in a second; in any other
 * it never does, for each message is wanted at once.
 *
 * <p>Used by the reading thread. Times are of any one clock, in nanoseconds.
 */
final class Lull {
  /**
   * As long as the usual buffers of a connection take to fill; shorter rests cost the server as
   * much as none.
   */
  private static final long REST_NANOS = 20_000_000;

  /** The bytes a second of a backlog, and what a stream that rests must at least bring. */
  private static final double FAST = 8 << 20;

  private static final double SLOW = FAST / 2;

  /** So much less is of the rest; what is little less may be of whoever else uses the processor. */
  private static final double WORSE = 0.4;

  private static final long MEASURE_NANOS = 50_000_000;
  private static final long MEASURE_RESTING_NANOS = 150_000_000;

  /** A reader that is elsewhere for longer, such as waiting for the applier, says nothing. */
  private static final long AWAY_NANOS = 1_000_000;

  /** So long a rest that brought less is not tried again. */
  private static final long GIVEN_UP_NANOS = 3_000_000_000L;

  private boolean resting;
  private double rateWithout;
  private long triedFrom;

  private long last;
  private long nanos;
  private long bytes;

  Lull(long now) {
    last = now;
    triedFrom = now;
  }

  /**
   * The reader asks for more.
   *
   * @return how many nanoseconds to rest before reading, unless much is there already
   */
  long asks(long now) {
    nanos += Math.min(now - last, AWAY_NANOS);
    last = now;
    if (nanos >= (resting ? MEASURE_RESTING_NANOS : MEASURE_NANOS)) {
      adapt(now, bytes * 1e9 / nanos);
      nanos = 0;
      bytes = 0;
    }
    return resting ? REST_NANOS : 0;
  }

  /** After a rest, or none, so much has come. */
  void read(int count, long now) {
    nanos += now - last;
    last = now;
    bytes += count;
  }

  private void adapt(long now, double rate) {
    if (!resting) {
      rateWithout = rate;
      resting = rate >= FAST && now - triedFrom >= 0;
    } else if (rate < SLOW) {
      resting = false;
    } else if (rate < rateWithout * WORSE) {
      resting = false;
      triedFrom = now + GIVEN_UP_NANOS;
    }
  }
}
