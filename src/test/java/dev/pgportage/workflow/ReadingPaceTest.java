package dev.pgportage.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ReadingPaceTest {
  private static final long MILLI = 1_000_000L;

  private final ReadingPace pace = new ReadingPace();
  private final long begin = System.nanoTime();

  @Test
  void forgivesSlowFirstReadings() {
    assertThat(pace.spend(300 * MILLI, begin)).isZero();
    assertThat(pace.spend(150 * MILLI, begin + 1000 * MILLI)).isZero();
  }

  @Test
  void keepsToOneHundredthOfACoreWhenReadingsStayExpensive() {
    long now = begin;
    long spent = 0;
    while (now - begin < Duration.ofMinutes(10).toNanos()) {
      spent += 200 * MILLI;
      now += Math.max(1000 * MILLI, pace.spend(200 * MILLI, now).toNanos());
    }
    assertThat((double) spent / (now - begin)).isLessThan(0.012);
  }
}
