package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.workflow.DoctorReport;
import dev.pgportage.workflow.StopReport;
import org.junit.jupiter.api.Test;

/** The source is set free at once; and what dead migrations left is found. */
class EmergencyStopIT {
  private static final String TABLES =
      "CREATE TABLE item (id int PRIMARY KEY, v text); INSERT INTO item VALUES (1, 'one')";
  private static final String SLOTS =
      "SELECT count(*) FROM pg_replication_slots WHERE database = current_database()";

  @Test
  void endsARunOfAnotherProcessAndDropsItsSlot() throws Exception {
    try (var journey = journey();
        var live = journey.program("migrate").start()) {
      journey.awaitPhase("ready");
      StopReport report = journey.migration().emergencyStop();
      assertThat(report.problems()).isEmpty();
      assertThat(report.resumable()).isFalse();
      assertThat(report.done()).anyMatch(deed -> deed.startsWith("source: slot "));
      assertThat(journey.source().number(SLOTS)).isZero();
      var ended = live.end();
      assertThat(ended.status()).as(ended.output()).isEqualTo(1);
      assertThat(ended.output()).contains("EMERGENCY_STOPPED");
      assertThat(journey.migration().status().phase()).isEqualTo("stopped");
      assertThat(journey.migration().doctor(false).leftovers())
          .extracting(DoctorReport.Leftover::kind)
          .containsExactly("state");
      journey.cleanUp();
    }
  }

  @Test
  void opensTheSourceBehindAFenceThatWasLeft() throws Exception {
    try (var journey = journey()) {
      journey.toReady();
      journey.program("cutover", "--yes").dieAt(CrashPoint.CUTOVER_AFTER_DRAIN, 1);
      assertThatThrownBy(() -> journey.source().execute("INSERT INTO item VALUES (2, 'two')"))
          .hasMessageContaining("read-only");
      DoctorReport found = journey.migration().doctor(false);
      assertThat(found.leftovers())
          .anyMatch(
              l -> l.kind().equals("fence") && l.certainty() == DoctorReport.Certainty.CERTAIN);
      StopReport report = journey.migration().emergencyStop();
      assertThat(report.done()).contains("source: accepts writes again");
      journey.source().execute("INSERT INTO item VALUES (2, 'two')");
      assertThatThrownBy(journey::toReady)
          .isInstanceOfSatisfying(
              MigrationException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.EMERGENCY_STOPPED));
      journey.cleanUp();
    }
  }

  @Test
  void removesOnlyWhatIsCertainlyDead() throws Exception {
    try (var journey = journey()) {
      journey.toReady();
      assertThat(journey.migration().doctor(true).clean())
          .as("a migration that can go on")
          .isTrue();
      journey.source().execute("CREATE PUBLICATION pgportage_elsewhere");
      // A cleanup that came no further than the ledger.
      journey.target().execute("UPDATE pgportage.resource SET undone_at = now()");
      DoctorReport found = journey.migration().doctor(true);
      assertThat(found.leftovers())
          .extracting(l -> l.kind() + " " + l.certainty() + " " + l.removed())
          .containsExactlyInAnyOrder(
              "slot CERTAIN true", "publication CERTAIN true", "publication POSSIBLE false");
      assertThat(journey.source().number(SLOTS)).isZero();
      journey.source().execute("DROP PUBLICATION pgportage_elsewhere");
      journey.cleanUp();
    }
  }

  @Test
  void givesUpTheWayBackWhenTheTargetIsTheDatabase() throws Exception {
    try (var journey = Journey.reversible(15, 17)) {
      journey.source().execute(TABLES);
      journey.toReady().cutOver();
      assertThat(journey.migration().doctor(true).leftovers())
          .extracting(l -> l.side() + " " + l.kind())
          .containsExactly("target state");
      try (var live = journey.program("migrate").start()) {
        journey.target().execute("INSERT INTO item VALUES (2, 'two')");
        while (journey.source().number("SELECT count(*) FROM item") < 2) {
          assertThat(live.process().isAlive()).isTrue();
          Thread.sleep(50);
        }
        StopReport report = journey.migration().emergencyStop();
        assertThat(report.problems()).isEmpty();
        assertThat(report.done())
            .anyMatch(deed -> deed.contains("stays read-only"))
            .anyMatch(deed -> deed.startsWith("target: slot ") && deed.contains("_back"));
        // What is left is a migration that is complete.
        assertThat(live.end().output()).doesNotContain("INTERNAL");
      }
      assertThat(journey.target().number(SLOTS)).isZero();
      journey.target().execute("INSERT INTO item VALUES (3, 'three')");
      assertThatThrownBy(() -> journey.migration().rollback())
          .hasMessageContaining("no changes flow back");
      journey.cleanUp();
    }
  }

  @Test
  void findsWhatIsLeftOfAWayBack() throws Exception {
    try (var journey = Journey.reversible(15, 17)) {
      journey.source().execute(TABLES);
      journey.toReady().cutOver();
      journey.target().execute("UPDATE pgportage.resource SET undone_at = now()");
      assertThat(journey.migration().doctor(true).leftovers())
          .extracting(l -> l.side() + " " + l.kind() + " " + l.certainty() + " " + l.removed())
          .containsExactlyInAnyOrder(
              "target slot CERTAIN true",
              "target publication CERTAIN true",
              "source publication CERTAIN true",
              "source state CERTAIN true",
              "source setting POSSIBLE false",
              "target state POSSIBLE false");
      assertThat(journey.target().number(SLOTS)).isZero();
      journey
          .source()
          .executeAsSuperuser(
              "BEGIN; SET TRANSACTION READ WRITE; ALTER DATABASE "
                  + journey.source().name()
                  + " RESET default_transaction_read_only; COMMIT");
      journey.cleanUp();
    }
  }

  private static Journey journey() throws Exception {
    var journey = Journey.between(15, 15);
    journey.source().execute(TABLES);
    return journey;
  }
}
