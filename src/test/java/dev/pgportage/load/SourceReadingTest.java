package dev.pgportage.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig.Limits;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SourceReadingTest {
  private static final Limits LIMITS =
      new Limits(0, 0, Duration.ofSeconds(30), Duration.ofMinutes(10), 1000);

  @Test
  void pausesOnlyBeyondTheLag() {
    assertThat(lag(30).pause(LIMITS)).isEmpty();
    assertThat(lag(31).pause(LIMITS)).hasValueSatisfying(text -> assertThat(text).contains("31 s"));
    assertThat(new SourceReading(Optional.empty(), 0).pause(LIMITS)).isEmpty();
  }

  @Test
  void endsOnlyBeyondTheHardLag() {
    lag(600).requireSafe(LIMITS);
    assertThatThrownBy(() -> lag(601).requireSafe(LIMITS))
        .isInstanceOfSatisfying(
            MigrationException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.SOURCE_ENDANGERED))
        .hasMessageContaining("load.stop_replica_lag");
  }

  @Test
  void warnsAtHalfTheAge() {
    assertThat(age(500).isOld(LIMITS)).isFalse();
    assertThat(age(501).isOld(LIMITS)).isTrue();
    age(1000).requireSafe(LIMITS);
    assertThatThrownBy(() -> age(1001).requireSafe(LIMITS))
        .hasMessageContaining("load.max_snapshot_age");
  }

  private static SourceReading lag(long seconds) {
    return new SourceReading(Optional.of(Duration.ofSeconds(seconds)), 0);
  }

  private static SourceReading age(long transactions) {
    return new SourceReading(Optional.empty(), transactions);
  }
}
