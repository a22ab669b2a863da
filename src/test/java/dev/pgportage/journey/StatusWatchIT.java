package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Lsn;
import dev.pgportage.workflow.StatusReport;
import dev.pgportage.workflow.StatusWatch;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class StatusWatchIT {
  @Test
  void countsWhatWasAppliedWhenProcessesFollowEachOther() throws Exception {
    try (Journey journey = Journey.between(15, 17);
        var watch = new StatusWatch(journey.config())) {
      journey
          .source()
          .execute(
              """
              CREATE TABLE item (id int PRIMARY KEY, note text);
              CREATE TABLE scrap (id int PRIMARY KEY);
              INSERT INTO item SELECT n, 'x' FROM generate_series(1, 100) n
              """);
      assertThatThrownBy(watch::read)
          .isInstanceOfSatisfying(
              MigrationException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.MIGRATION_UNKNOWN));
      journey.toReady();
      journey.source().execute("INSERT INTO item SELECT n FROM generate_series(101, 110) n");
      journey.source().execute("UPDATE item SET note = 'y' WHERE id <= 5");
      journey.toReady();
      try (Running running = journey.start()) {
        running.awaitReady();
        journey.source().execute("DELETE FROM item WHERE id <= 3");
        journey.source().execute("TRUNCATE scrap");
        StatusReport report = awaitApplied(journey, watch);
        assertThat(report.applied())
            .hasValueSatisfying(
                applied -> {
                  assertThat(applied.inserts()).isEqualTo(10);
                  assertThat(applied.updates()).isEqualTo(5);
                  assertThat(applied.deletes()).isEqualTo(3);
                  assertThat(applied.truncates()).isEqualTo(1);
                  assertThat(applied.transactions()).isEqualTo(4);
                });
        assertThat(report.running()).isTrue();
        assertThat(report.tables()).hasSize(2);
        assertThat(report.eventCounts().infos()).isPositive();
        assertThat(watch.eventsAfter(0, 3)).hasSize(3);
      }
    }
  }

  @Test
  void goesOnWhenItsSessionsWereEnded() throws Exception {
    try (Journey journey = Journey.between(15, 17);
        var watch = new StatusWatch(journey.config())) {
      journey.source().execute("CREATE TABLE item (id int PRIMARY KEY)");
      journey.toReady();
      assertThat(watch.read().replication()).isPresent();
      String end =
          """
          SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity
          WHERE application_name LIKE '%% status' AND datname = '%s'
          """;
      assertThat(journey.target().number(end.formatted(journey.target().name()))).isEqualTo(1);
      assertThatThrownBy(watch::read).isInstanceOf(MigrationException.class);
      assertThat(watch.read().replication()).isPresent();
      assertThat(journey.source().number(end.formatted(journey.source().name()))).isEqualTo(1);
      StatusReport blind = watch.read();
      assertThat(blind.replication()).isEmpty();
      assertThat(blind.sourceProblem()).isPresent();
    }
  }

  private static StatusReport awaitApplied(Journey journey, StatusWatch watch) throws Exception {
    Lsn position = Lsn.parse(journey.source().text("SELECT pg_current_wal_lsn()").orElseThrow());
    long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    StatusReport report = watch.read();
    while (Lsn.parse(report.replication().orElseThrow().appliedLsn()).isBefore(position)) {
      assertThat(System.nanoTime()).as("applied in time").isLessThan(end);
      Thread.sleep(Duration.ofMillis(50));
      report = watch.read();
    }
    return report;
  }
}
