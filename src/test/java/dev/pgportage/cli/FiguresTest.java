package dev.pgportage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FiguresTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1023, 1023 B",
    "1024, 1.0 kB",
    "1536, 1.5 kB",
    "104857600, 100 MB",
    "1099511627776, 1.0 TB",
    "-2048, -2.0 kB"
  })
  void writesBytes(long bytes, String text) {
    assertThat(Figures.bytes(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 ms",
    "999, 999 ms",
    "1000, 1.0 s",
    "59900, 59.9 s",
    "60000, 1 min 0 s",
    "3599000, 59 min 59 s",
    "7500000, 2 h 5 min"
  })
  void writesTimes(long millis, String text) {
    assertThat(Figures.time(Duration.ofMillis(millis))).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"0, 0 %", "0.456, 46 %", "0.9999, 99 %", "1, 100 %"})
  void saysHundredPercentOnlyWhenAllIsDone(double share, String text) {
    assertThat(Figures.percent(share)).isEqualTo(text);
  }

  @Test
  void alignsColumns() {
    var table = new TextTable(Set.of(1), "name", "rows");
    table.row("a", "1");
    table.row("größer", "1,000");
    assertThat(table.render(Style.plain()))
        .isEqualTo(
            """
              name     rows
              a           1
              größer  1,000
            """);
  }

  @Test
  void tellsAMomentToTheSecond() {
    assertThat(Figures.moment(java.time.Instant.parse("2026-11-23T21:57:09.962028072Z")))
        .isEqualTo("2026-11-23 21:57:09Z");
  }
}
