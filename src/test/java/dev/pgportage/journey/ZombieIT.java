package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.state.CrashPoint;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two processes and one migration. */
class ZombieIT {
  private static final String TABLES =
      "CREATE TABLE item (id int PRIMARY KEY, v text); INSERT INTO item VALUES (1, 'one')";

  @Test
  void refusesASecondRunAndNamesTheHolder() throws Exception {
    try (var journey = journey();
        var live = journey.program("migrate").start()) {
      journey.awaitPhase("ready");
      var second = journey.program("migrate").run();
      assertThat(second.status()).isEqualTo(1);
      assertThat(second.output()).contains("LEASE_HELD", "process " + live.process().pid());
    }
  }

  @Test
  void cannotChangeAnythingOnceAnotherProcessHasTakenOver() throws Exception {
    try (var journey = journey();
        var zombie = journey.program("migrate").start()) {
      journey.awaitPhase("ready");
      zombie.signal("STOP");
      journey.source().execute("UPDATE item SET v = 'behind its back'");
      journey.target().endSessions();
      try (var successor = journey.start().awaitReady()) {
        zombie.signal("CONT");
        assertThat(zombie.process().waitFor(60, TimeUnit.SECONDS)).as("the zombie ends").isTrue();
        assertThat(zombie.end().output()).containsAnyOf("LEASE_HELD", "LEASE_LOST");
        journey.cutOver();
        successor.await();
      }
      journey.cleanUp().assertArrived();
    }
  }

  /**
   * It wakes up before, amid or behind its fence, when another one has raised its own or is done.
   */
  @ParameterizedTest
  @EnumSource(names = "FENCE_AFTER_PUT")
  void cannotTouchTheFenceOfWhoTookOver(CrashPoint point) throws Exception {
    try (var journey = journey()) {
      journey.toReady();
      try (var zombie = journey.program("cutover", "--yes").sleepingAt(point).start()) {
        zombie.awaitAsleep();
        journey.target().endSessions();
        var program = journey.program("cutover", "--yes");
        try (var successor = program.sleepingAt(CrashPoint.CUTOVER_AFTER_PROOF).start()) {
          successor.awaitAsleep();
          var ended = zombie.signal("CONT").end();
          assertThat(ended.output()).containsAnyOf("LEASE_HELD", "LEASE_LOST", "CONNECTION_LOST");
          assertThatThrownBy(() -> journey.source().execute("INSERT INTO item VALUES (2, 'two')"))
              .hasMessageContaining("read-only");
          var done = successor.signal("CONT").end();
          assertThat(done.status()).as(done.output()).isZero();
        }
      }
      journey.assertArrived().cleanUp();
    }
  }

  @Tag("long")
  @ParameterizedTest
  @EnumSource(names = {"FENCE_AFTER_PLAN", "CUTOVER_AFTER_PROOF"})
  void cannotTouchItWhereverItSlept(CrashPoint point) throws Exception {
    cannotTouchTheFenceOfWhoTookOver(point);
  }

  private static Journey journey() throws Exception {
    // A process that stands still keeps its spool's lock from whoever takes over on this machine.
    var journey = Journey.between(15, 15).set("spool.max_size", "0B");
    journey.source().execute(TABLES);
    return journey;
  }
}
