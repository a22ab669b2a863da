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

  /**
   * The bytes a second of a backlog, and what a stream that rests must at least bring. Small
   * messages that each make a packet come little faster to a reader that shares its processor.
   */
  private static final double FAST = 3 << 20;

  private static final double SLOW = FAST / 2;

  /** What a read brings on average where messages do come together. */
  private static final long LARGE_READ = 4096;

  /** So much less is of the rest; what is little less may be of whoever else uses the processor. */
  private static final double WORSE = 0.4;

  /** So often in a row, for the share of the processor that each has changes all the time. */
  private static final int TIMES_WORSE = 6;

  /** The first of them may be of what the connection had held. */
  private static final int TIMES_FAST = 3;

  private static final long MEASURE_NANOS = 50_000_000;
  private static final long MEASURE_RESTING_NANOS = 150_000_000;

  /** A reader that is elsewhere for longer, such as waiting for the applier, says nothing. */
  private static final long AWAY_NANOS = 1_000_000;

  /** So long a rest that brought less is not tried again, and twice as long the next time. */
  private static final long GIVEN_UP_NANOS = 1_000_000_000L;

  private static final long MOST_GIVEN_UP_NANOS = 60_000_000_000L;

  private boolean resting;
  private double rateWithout;
  private double lately;
  private int fast;
  private int worse;
  private long givenUp = GIVEN_UP_NANOS;
  private long triedFrom;

  private long last;
  private long nanos;
  private long bytes;
  private long reads;

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
      reads = 0;
    }
    return resting ? REST_NANOS : 0;
  }

  /** After a rest, or none, so much has come. */
  void read(int count, long now) {
    nanos += now - last;
    last = now;
    bytes += count;
    reads++;
  }

  private void adapt(long now, double rate) {
    if (resting) {
      rested(now, rate);
    } else if (rate < FAST || bytes > reads * LARGE_READ) {
      fast = 0;
    } else {
      rateWithout = fast == 0 ? rate : Math.min(rate, lately);
      fast++;
      resting = fast >= TIMES_FAST && now - triedFrom >= 0;
    }
    lately = rate;
  }

  private void rested(long now, double rate) {
    worse = rate < rateWithout * WORSE ? worse + 1 : 0;
    if (worse == TIMES_WORSE) {
      triedFrom = now + givenUp;
      givenUp = Math.min(2 * givenUp, MOST_GIVEN_UP_NANOS);
    }
    if (rate < SLOW || worse == TIMES_WORSE) {
      resting = false;
      fast = 0;
      worse = 0;
    }
  }
}
