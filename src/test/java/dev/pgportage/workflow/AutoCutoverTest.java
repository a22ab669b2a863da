package dev.pgportage.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.LocalTime;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AutoCutoverTest {
  @ParameterizedTest
  @CsvSource({
    "02:00, 04:00, 02:00, true",
    "02:00, 04:00, 03:59:59, true",
    "02:00, 04:00, 04:00, false",
    "02:00, 04:00, 01:59, false",
    // Over midnight.
    "22:00, 04:00, 23:30, true",
    "22:00, 04:00, 00:00, true",
    "22:00, 04:00, 03:59, true",
    "22:00, 04:00, 04:00, false",
    "22:00, 04:00, 12:00, false",
    "22:00, 04:00, 22:00, true"
  })
  void allowsATimeOfDayWithinTheWindow(
      LocalTime from, LocalTime to, LocalTime now, boolean allowed) {
    assertThat(conditions(Optional.of(from), Optional.of(to)).allow(now)).isEqualTo(allowed);
  }

  @ParameterizedTest
  @CsvSource({"00:00", "13:37"})
  void allowsAnyTimeWithoutAWindow(LocalTime now) {
    assertThat(conditions(Optional.empty(), Optional.empty()).allow(now)).isTrue();
  }

  private static AutoCutover.Conditions conditions(
      Optional<LocalTime> from, Optional<LocalTime> to) {
    return new AutoCutover.Conditions(Duration.ZERO, from, to, "UTC", Duration.ofDays(1));
  }
}
