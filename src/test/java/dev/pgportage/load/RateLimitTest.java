package dev.pgportage.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RateLimitTest {
  private static final long SECOND = 1_000_000_000;

  @Test
  void letsNobodyWaitWithoutALimit() {
    assertThat(new RateLimit(0, 5).read(Long.MAX_VALUE, 5)).isZero();
  }

  @Test
  void spreadsBytesOverTime() {
    var rate = new RateLimit(1000, 0);
    assertThat(rate.read(1000, 0)).isEqualTo(SECOND);
    assertThat(rate.read(500, SECOND)).isEqualTo(SECOND / 2);
  }

  @Test
  void letsWorkersShareIt() {
    var rate = new RateLimit(1000, 0);
    rate.read(1000, 0);
    assertThat(rate.read(1000, 0)).isEqualTo(2 * SECOND);
  }

  @Test
  void catchesUpOnlyWithTheLastMoments() {
    var rate = new RateLimit(1000, 0);
    assertThat(rate.read(200, 100 * SECOND)).isZero();
    assertThat(rate.read(1000, 100 * SECOND)).isEqualTo(SECOND);
  }

  @Test
  void worksWhenTheClockIsNegative() {
    var rate = new RateLimit(1000, -5 * SECOND);
    assertThat(rate.read(1000, -4 * SECOND)).isEqualTo(SECOND * 8 / 10);
  }
}
