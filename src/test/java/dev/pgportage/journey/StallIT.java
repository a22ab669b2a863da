package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Sql;
import dev.pgportage.state.StepAttempts;
import dev.pgportage.telemetry.Event;
import dev.pgportage.workflow.HistoryReport;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Somebody holds a lock the migration needs: who, is told; and nothing waits for ever. */
class StallIT {
  private static final String TABLES =
      """
      CREATE TABLE held (id int PRIMARY KEY, v text);
      INSERT INTO held SELECT i, 'held' FROM generate_series(1, 1000) i;
      """;

  @Test
  void tellsWhoHoldsTheLockAndThatItGoesOn() throws Exception {
    try (var journey = journey().set("safety.stall_after", "1s");
        var running = journey.start().awaitReady();
        Connection lock = journey.target().superuser()) {
      lock.setAutoCommit(false);
      Sql.execute(lock, "SET application_name = 'somebody else'");
      Sql.execute(lock, "LOCK TABLE public.held IN ACCESS EXCLUSIVE MODE");
      journey.source().execute("UPDATE held SET v = 'waits'");
      Event stall = await(journey, "stall.begun", "step ready");
      assertThat(stall.message())
          .contains("No progress in step ready for ", "apply) waits for AccessShareLock on")
          .contains("public.held since ", "of role postgres (application somebody else")
          .contains("On the source: ");
      lock.rollback();
      await(journey, "stall.ended", "step ready");
      running.requireRunning();
      journey.cutOver();
      running.await();
      journey.cleanUp().assertArrived();
    }
  }

  @Test
  void endsARunThatStandsStillForTooLong() throws Exception {
    try (var journey = journey()) {
      journey.toReady();
      journey.set("safety.stall_after", "1s").set("safety.stall_limit", "3s");
      try (var running = journey.start();
          Connection lock = journey.target().superuser()) {
        running.awaitReady();
        lock.setAutoCommit(false);
        Sql.execute(lock, "LOCK TABLE public.held IN ACCESS EXCLUSIVE MODE");
        journey.source().execute("UPDATE held SET v = 'waits'");
        assertThatThrownBy(running::await)
            .isInstanceOfSatisfying(
                MigrationException.class,
                e -> {
                  assertThat(e.code()).isEqualTo(ErrorCode.STALLED);
                  assertThat(e.what())
                      .contains("step ready", "on public.held since", "held by session");
                });
        lock.rollback();
      }
      journey.cutOver().cleanUp().assertArrived();
    }
  }

  @Test
  void keepsWhatWasTriedAndTold() throws Exception {
    try (var journey = journey()) {
      journey.toReady();
      HistoryReport history = journey.migration().history();
      assertThat(history.attempts())
          .allMatch(attempt -> attempt.outcome() == StepAttempts.Outcome.DONE)
          .extracting(StepAttempts.Attempt::step)
          .startsWith("assess", "schema", "slot", "load")
          .endsWith("validation", "ready");
      assertThat(history.events()).extracting(Event::kind).contains("slot.made", "ready");
      assertThat(journey.migration().status().steps())
          .extracting(step -> step.name() + " " + step.status())
          .contains("ready DONE", "fence PENDING", "finish PENDING");
    }
  }

  private static Journey journey() throws Exception {
    var journey = Journey.between(15, 15);
    journey.source().execute(TABLES);
    return journey;
  }

  private static Event await(Journey journey, String kind, String text) throws Exception {
    long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (true) {
      List<Event> events = journey.migration().history().events();
      var found =
          events.stream()
              .filter(event -> event.kind().equals(kind) && event.message().contains(text))
              .findFirst();
      if (found.isPresent()) {
        return found.get();
      }
      assertThat(System.nanoTime()).as(kind + " among " + events).isLessThan(end);
      Thread.sleep(50);
    }
  }
}
