package dev.pgportage.notify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.NoticeKind;
import dev.pgportage.telemetry.Event;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WordingTest {
  private static final Pattern KIND = Pattern.compile("\"([a-z-]+\\.[a-z-]+)\"");

  private final Wording wording = new Wording();

  @ParameterizedTest
  @CsvSource({
    "migration.begun,STARTED,pgportage watch",
    "replication.begun,LOADED,pgportage status",
    "ready,READY,pgportage cutover",
    "loaded,LOADED,pgportage cleanup",
    "cutover.done,CUT_OVER,pgportage cleanup",
    "rollback.done,ROLLED_BACK,pgportage status",
    "cutover.failed,FAILED,pgportage cutover",
    "lag.high,LAG,pgportage status",
    "stall.begun,STALL,pgportage status",
    "governor.warning,WAL,pgportage cleanup",
    "spool.full,WAL,pgportage status",
    "spool.unavailable,WAL,pgportage status",
    "spool.lost,STALL,pgportage status",
    "switch.failed,FAILED,pgportage migrate",
    "load.old-snapshot,WAL,pgportage status",
    "validation.difference,DIFFERENCE,pgportage validate",
    "ddl.pending,DDL,pgportage approve-ddl"
  })
  void tellsWhatToDoWhenSomethingHappens(String event, NoticeKind kind, String command) {
    Notice notice = only(wording.of(Event.warning(event, "wal-retained is 1 bytes")));
    assertThat(notice.kind()).isEqualTo(kind);
    assertThat(notice.over()).isFalse();
    assertThat(notice.headline()).hasSizeLessThan(60);
    assertThat(notice.means()).isNotBlank();
    assertThat(notice.next()).extracting(Notice.Step::command).contains(command);
  }

  @Test
  void hasWordsForEveryKindThatCanBeChosen() {
    Set<NoticeKind> kinds = EnumSet.noneOf(NoticeKind.class);
    for (String event :
        List.of(
            "migration.begun",
            "replication.begun",
            "ready",
            "cutover.done",
            "rollback.done",
            "lag.high",
            "stall.begun",
            "governor.warning",
            "validation.difference",
            "ddl.pending")) {
      kinds.add(only(wording.of(Event.warning(event, "wal-retained is 1"))).kind());
    }
    kinds.add(only(new Wording().of(failure(ErrorCode.ASSESSMENT_BLOCKED))).kind());
    kinds.add(only(wording.of(failure(ErrorCode.DISK_FULL))).kind());
    assertThat(kinds).containsExactlyInAnyOrder(NoticeKind.values());
  }

  @Test
  void saysHowLongWritesWereStoppedWhenItCutsOver() {
    assertThat(
            only(wording.of(Event.info("cutover.done", "open; the freeze took 1234 ms")))
                .headline())
        .isEqualTo("CUT OVER, writes stopped 1.2 s");
  }

  @Test
  void namesStepAndCodeWhenTheMigrationFails() {
    wording.of(Event.info("step.load", "Step load begins"));
    Notice notice = only(wording.of(failure(ErrorCode.DISK_FULL)));
    assertThat(notice.headline()).isEqualTo("FAILED in load: DISK_FULL");
    assertThat(notice.next().getFirst().text()).isEqualTo(ErrorCode.DISK_FULL.remedy());
    assertThat(notice.next()).extracting(Notice.Step::command).contains("pgportage migrate");
  }

  @Test
  void isSilentWhenSomebodyStopsIt() {
    assertThat(wording.of(failure(ErrorCode.INTERRUPTED))).isEmpty();
    assertThat(wording.of(failure(ErrorCode.LEASE_HELD))).isEmpty();
  }

  @Test
  void endsAFailureWhenALaterStepBegins() {
    assertThat(wording.of(Event.info("step.load", "Step load begins"))).isEmpty();
    assertThat(wording.of(Event.info("step.load", "Step load begins"))).isEmpty();
    assertThat(wording.of(Event.info("step.catch-up", "Step catch-up begins")))
        .filteredOn(Wording.End.class::isInstance)
        .anySatisfy(told -> assertThat(((Wording.End) told).topic()).isEqualTo("failed"));
  }

  @Test
  void tellsOfRetriesOnlyWhenTheyLast() {
    Instant now = Instant.now();
    assertThat(wording.of(new Event(now, Event.Level.WARNING, "step.retry", "X"))).isEmpty();
    var later = new Event(now.plusSeconds(61), Event.Level.WARNING, "step.retry", "X");
    assertThat(only(wording.of(later)).kind()).isEqualTo(NoticeKind.STALL);
  }

  @Test
  void tellsOfEachGaugeByItself() {
    Notice wal = only(wording.of(Event.warning("governor.warning", "wal-retained is 9 bytes")));
    Notice size = only(wording.of(Event.warning("governor.warning", "target-size is 9 bytes")));
    assertThat(wal.headline()).isEqualTo("the source keeps much WAL");
    assertThat(size.headline()).isEqualTo("the target grows near its limit");
    assertThat(wal.topic()).isNotEqualTo(size.topic());
    assertThat(wording.of(Event.info("governor.eased", "wal-retained is 1 bytes again")))
        .singleElement()
        .satisfies(told -> assertThat(((Wording.End) told).topic()).isEqualTo(wal.topic()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"governor.paused", "governor.stop", "load.paused", "spool.found", "stall.lasts"})
  void isSilentOfWhatAnotherMessageTells(String event) {
    assertThat(wording.of(Event.warning(event, "X happened"))).isEmpty();
  }

  @Test
  void knowsOnlyKindsThatAreDocumented() throws IOException {
    String document = Files.readString(Path.of("docs", "events.md"));
    for (String name : List.of("Wording", "Troubles")) {
      String source =
          Files.readString(
              Path.of("src", "main", "java", "dev", "pgportage", "notify", name + ".java"));
      assertThat(KIND.matcher(source).results().map(found -> found.group(1)))
          .isNotEmpty()
          .allSatisfy(kind -> assertThat(document).contains("`" + kind + "`"));
    }
  }

  private static MigrationException failure(ErrorCode code) {
    return new MigrationException(code, "it did not work");
  }

  private static Notice only(List<Wording.Told> told) {
    return told.stream()
        .filter(Wording.Say.class::isInstance)
        .map(say -> ((Wording.Say) say).notice())
        .reduce((a, b) -> b)
        .orElseThrow();
  }
}
