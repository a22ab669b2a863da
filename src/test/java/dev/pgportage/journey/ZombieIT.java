package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

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
      // As its server does when the network between them has been silent for long enough.
      journey
          .target()
          .number(
              """
              SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
              WHERE datname = current_database() AND application_name LIKE 'pgportage%'
              """);
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

  private static Journey journey() throws Exception {
    var journey = Journey.between(15, 15);
    journey.source().execute(TABLES);
    return journey;
  }
}
