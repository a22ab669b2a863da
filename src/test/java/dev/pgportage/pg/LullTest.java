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
      assertThat(step(MILLI, 2_500)).isZero();
    }
  }

  @Test
  void neverRestsInAStreamOfLargeMessages() {
    for (int i = 0; i < 1_000; i++) {
      assertThat(step(MILLI / 10, 16_000)).isZero();
    }
  }

  @Test
  void restsForLongWhileABacklogComes() {
    assertThat(flow(200, 30_000)).isEqualTo(20 * MILLI);
    for (int i = 0; i < 100; i++) {
      assertThat(step(20 * MILLI, 600_000)).isEqualTo(20 * MILLI);
    }
  }

  @Test
  void restsNoMoreWhenTheBacklogIsRead() {
    flow(200, 30_000);

    assertThat(read(20, 50 * MILLI, 1_000)).isZero();
  }

  @Test
  void readsAsItComesWhereNoRestPays() {
    long rest = 0;
    long resting = 0;
    while (now < 60_000 * MILLI) {
      // The connection holds 40 kB.
      rest = rest > 0 ? step(rest, 40_000) : step(MILLI / 100, 300);
      resting += rest;
    }
    assertThat(resting).isBetween(1_000 * MILLI, 15_000 * MILLI);
  }

  @Test
  void takesWhatTheConnectionHeldForNoRate() {
    flow(50, 70_000);
    flow(150, 25_000);
    for (int i = 0; i < 100; i++) {
      assertThat(step(20 * MILLI, 400_000)).isEqualTo(20 * MILLI);
    }
  }

  @Test
  void restsOnThroughAMomentWithoutTheProcessor() {
    flow(200, 30_000);
    for (int i = 0; i < 100; i++) {
      assertThat(step(20 * MILLI, i / 10 % 2 == 0 ? 600_000 : 200_000)).isEqualTo(20 * MILLI);
    }
  }

  @Test
  void takesAnAbsentReaderForNoSlowStream() {
    flow(200, 30_000);
    for (int i = 0; i < 100; i++) {
      // The applier keeps the reader waiting for a second.
      now += 1_000 * MILLI;
      assertThat(step(20 * MILLI, 600_000)).isEqualTo(20 * MILLI);
    }
  }

  /** A stream of small messages for so long, read as they come; the rest wanted at the end. */
  private long flow(int millis, int bytesPerMilli) {
    long rest = 0;
    for (int i = 0; i < millis * 100; i++) {
      rest = step(MILLI / 100, bytesPerMilli / 100);
    }
    return rest;
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
