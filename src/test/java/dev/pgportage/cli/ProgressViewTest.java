package dev.pgportage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.Lag;
import dev.pgportage.telemetry.Progress;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProgressViewTest {
  private static final long SECOND = 1_000_000_000L;
  private static final QualifiedName ONE = new QualifiedName("public", "one");
  private static final QualifiedName TWO = new QualifiedName("public", "two");

  private final ProgressLine line = new ProgressLine();

  @Test
  void isSilentBeforeAnythingHappens() {
    assertThat(line.render(0, true)).isEmpty();
  }

  @Test
  void showsLoadOverAllTablesWithRateAndTimeLeft() {
    line.step("load", 0);
    line.loading(ONE, new Progress.Reading(0, 2000, 0, 200 << 20, 0), 0);
    line.loading(TWO, new Progress.Reading(0, 1000, 0, 100 << 20, 0), 0);
    line.loading(ONE, new Progress.Reading(1000, 2000, 50 << 20, 200 << 20, 0), 5 * SECOND);
    line.loading(TWO, new Progress.Reading(1000, 1000, 100 << 20, 100 << 20, 0), 10 * SECOND);
    assertThat(line.render(10 * SECOND, true))
        .contains(
            "load  [############············]  50 %  2,000 rows  150 MB of 300 MB, 15.0 MB/s,"
                + " 10.0 s left  1 of 2 tables");
    assertThat(line.render(10 * SECOND, false).orElseThrow()).doesNotContain("[");
  }

  @Test
  void forgetsRatesOfLongAgo() {
    line.step("load", 0);
    line.loading(ONE, new Progress.Reading(0, 1, 0, 1000 << 20, 0), 0);
    line.loading(ONE, new Progress.Reading(0, 1, 500 << 20, 1000 << 20, 0), SECOND);
    line.loading(ONE, new Progress.Reading(0, 1, 510 << 20, 1000 << 20, 0), 21 * SECOND);
    line.loading(ONE, new Progress.Reading(0, 1, 520 << 20, 1000 << 20, 0), 22 * SECOND);
    assertThat(line.render(22 * SECOND, false).orElseThrow()).contains("10.0 MB/s");
  }

  @Test
  void showsLagWithTimeLeftWhileItShrinks() {
    line.step("catch-up", 0);
    line.lag(lag(10 << 20, 8), 0);
    line.lag(lag(5 << 20, 4), 5 * SECOND);
    assertThat(line.render(5 * SECOND, true))
        .contains("catch-up  lag 5.0 MB, 4.0 s, 5.0 s left  applied 0/10");
    line.lag(lag(0, 0), 6 * SECOND);
    assertThat(line.render(6 * SECOND, true)).contains("catch-up  lag 0 B, 0 ms  applied 0/10");
  }

  @Test
  void showsElapsedTimeOfOtherSteps() {
    line.step("schema", 0);
    assertThat(line.render(3 * SECOND, true)).contains("schema  3.0 s");
  }

  @Test
  void printsPlainLinesWhereNobodyWatches() {
    var shell = new TestShell();
    try (var view = new ProgressView(shell.shell(), false)) {
      view.event(Event.info("step.load", "Step load begins"));
      view.event(Event.warning("x", "Look here"));
    }
    assertThat(shell.err().lines())
        .satisfiesExactly(
            first -> assertThat(first).matches("\\d\\d:\\d\\d:\\d\\d Step load begins"),
            second -> assertThat(second).endsWith(" Warning: Look here"));
    assertThat(shell.err()).doesNotContain("\u001b").doesNotContain("\r");
    assertThat(shell.out()).isEmpty();
  }

  @Test
  void drawsOverItsOwnLineForPeople() {
    var shell = new TestShell(true, Map.of("NO_COLOR", "1", "COLUMNS", "30"));
    try (var view = new ProgressView(shell.shell(), true)) {
      view.event(Event.info("step.load", "Step load begins"));
      view.loading(ONE, new Progress.Reading(1, 2, 1 << 20, 2 << 20, 0));
      view.event(Event.info("x", "Something"));
    }
    assertThat(shell.err())
        .contains("\r\u001b[J")
        .contains(" Something\n")
        .contains("load  [############·········…")
        .endsWith("\r\u001b[J");
    assertThat(shell.err().lines().filter(drawn -> drawn.contains("##")))
        .allMatch(drawn -> drawn.replace("\r\u001b[J", "").length() < 30);
  }

  @Test
  void goesOnShowingTheStepWhenItFailed() {
    var shell = new TestShell(true, Map.of("COLUMNS", "60"));
    try (var view = new ProgressView(shell.shell(), true)) {
      view.event(Event.info("step.load", "Step load begins"));
      view.event(Event.warning("step.retry", "Again in 1 s"));
    }
    assertThat(shell.err()).contains("load  ").doesNotContain("retry  ");
  }

  @Test
  void obeysNoNameOfAnObject() {
    var shell = new TestShell(true, Map.of());
    try (var view = new ProgressView(shell.shell(), true)) {
      view.event(Event.info("x", "Table \"a\u001b[31mb\nc\" is there"));
    }
    assertThat(shell.err()).contains("Table \"a [31mb c\" is there");
  }

  private static Lag lag(long bytes, long seconds) {
    return new Lag(
        Lsn.parse("0/20"),
        Lsn.parse("0/20"),
        Lsn.parse("0/10"),
        bytes,
        Duration.ofSeconds(seconds));
  }

  @Test
  void showsHowFarTheLargestTableIsThatIsCompared() {
    line.validating(ONE, compared(0, 100), compared(0, 300), 0);
    line.validating(TWO, compared(0, 200), compared(0, 300), 0);
    line.validating(TWO, compared(50, 200), compared(50, 300), 5 * SECOND);
    assertThat(line.render(5 * SECOND, true))
        .contains(
            "17 %  50 of ~300 rows compared, 25.0 s left  public.two 25 % of 200 MB and 1 more");
    line.validating(TWO, compared(200, 200), compared(200, 300), 20 * SECOND);
    assertThat(line.render(20 * SECOND, true).orElseThrow()).endsWith("  public.one 0 % of 100 MB");
    line.step("validation", 30 * SECOND);
    assertThat(line.render(30 * SECOND, true)).contains("validation  0 ms");
    line.validating(ONE, compared(100, 100), compared(300, 300), 31 * SECOND);
    assertThat(line.render(31 * SECOND, true))
        .contains("validation  100 %  300 of ~300 rows compared");
  }

  private static Progress.Reading compared(long done, long planned) {
    return new Progress.Reading(done, planned, done << 20, planned << 20, 0);
  }
}
