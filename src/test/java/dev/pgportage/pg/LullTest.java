package dev.pgportage.pg;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** When a reader of a stream rests, against a stream made of numbers. */
class LullTest {
  private static final long MILLI = 1_000_000;

  private long now;
  private final Lull lull = new Lull(now);

  @Test
  void neverRestsInASlowStream() {
    for (int i = 0; i < 1_000; i++) {
      assertThat(step(10 * MILLI, 4_000)).isZero();
    }
  }

  @Test
  void restsForLongWhileABacklogComes() {
    assertThat(read(100, MILLI, 30_000)).isEqualTo(20 * MILLI);
    for (int i = 0; i < 100; i++) {
      assertThat(step(20 * MILLI, 600_000)).isEqualTo(20 * MILLI);
    }
  }

  @Test
  void restsNoMoreWhenTheBacklogIsRead() {
    read(100, MILLI, 30_000);

    assertThat(read(20, 50 * MILLI, 1_000)).isZero();
  }

  @Test
  void readsAsItComesWhereNoRestPays() {
    long rest = 0;
    long restless = 0;
    for (int i = 0; i < 2_000; i++) {
      rest = step(Math.max(rest, MILLI), rest == 0 ? 30_000 : 40_000);
      restless += rest == 0 ? 1 : 0;
    }
    assertThat(restless).isGreaterThan(1_500);
  }

  @Test
  void takesAnAbsentReaderForNoSlowStream() {
    read(100, MILLI, 30_000);
    for (int i = 0; i < 100; i++) {
      // The applier keeps the reader waiting for a second.
      now += 1_000 * MILLI;
      assertThat(step(20 * MILLI, 600_000)).isEqualTo(20 * MILLI);
    }
  }

  /** So many reads, each taking so long; the rest wanted at the end. */
  private long read(int times, long nanos, int bytes) {
    long rest = 0;
    for (int i = 0; i < times; i++) {
      rest = step(nanos, bytes);
    }
    return rest;
  }

  private long step(long nanos, int bytes) {
    long rest = lull.asks(now);
    now += nanos;
    lull.read(bytes, now);
    return rest;
  }
}
