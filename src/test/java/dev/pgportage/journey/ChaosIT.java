package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The short form of {@code ./dev chaos}: one migration, six faults. */
class ChaosIT {
  @ParameterizedTest
  @ValueSource(longs = 7)
  void endsExactWhateverHappens(long seed) throws Exception {
    assertThat(Chaos.one(seed, 1).exact()).as("see target/chaos.log").isTrue();
  }
}
