package dev.pgportage.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class RetriesTest {
  private final CountDownLatch stop = new CountDownLatch(1);

  @Test
  void goesOnUntilItsPatienceIsUsedUp() throws Exception {
    var attempts =
        new Retries(Duration.ofMillis(1), Duration.ofMillis(4), Duration.ofMillis(60)).begin();
    assertThat(attempts.isRetry()).isFalse();
    int tries = 0;
    while (attempts.again(stop)) {
      tries++;
      assertThat(attempts.isRetry()).isTrue();
    }
    assertThat(tries).isGreaterThan(5);
  }

  @Test
  void endsAtOnceWhenStopped() throws Exception {
    stop.countDown();
    var day = Duration.ofDays(1);
    assertThat(new Retries(day, day, day).begin().again(stop)).isFalse();
  }
}
