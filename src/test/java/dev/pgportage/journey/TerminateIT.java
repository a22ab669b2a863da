package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.pg.Sql;
import dev.pgportage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SIGTERM ends the program within seconds, whatever statement it waits for in whatever step. */
class TerminateIT {
  private static final String TABLES =
      """
      CREATE TABLE item (id int PRIMARY KEY, v text);
      INSERT INTO item SELECT i, 'v' FROM generate_series(1, 1000) i;
      CREATE INDEX item_v ON item (v);
      CREATE TABLE part (id int PRIMARY KEY, item int REFERENCES item);
      INSERT INTO part SELECT i, i FROM generate_series(1, 1000) i;
      """;

  @ParameterizedTest
  @CsvSource({
    // A step, and a lock on one side that it has to wait for.
    "slot, source, UPDATE public.item SET v = v WHERE id = 1",
    "validation, target, LOCK TABLE pgportage.validation IN ACCESS EXCLUSIVE MODE",
    "ready, target, LOCK TABLE public.item IN ACCESS EXCLUSIVE MODE"
  })
  void endsWithinSecondsInEveryStep(String step, String side, String lock) throws Exception {
    try (var journey = Journey.between(15, 16)) {
      journey.source().execute(TABLES);
      TestDatabase locked = side.equals("source") ? journey.source() : journey.target();
      boolean late = lock.contains("pgportage.");
      try (Connection other = locked.superuser()) {
        other.setAutoCommit(false);
        if (side.equals("source")) {
          Sql.execute(other, lock);
        }
        try (var live = journey.program("migrate").start()) {
          if (late) {
            journey.awaitPhase("load");
          } else if (side.equals("target")) {
            journey.awaitPhase(step);
          }
          if (side.equals("target")) {
            Sql.execute(other, lock);
            journey.source().execute("UPDATE item SET v = 'waits'");
          }
          awaitWaiting(locked);
          requireSoon(live);
          other.rollback();
        }
      }
      journey.toReady().cutOver().cleanUp().assertArrived();
    }
  }

  @Test
  void endsWithinSecondsAmidTheLoad() throws Exception {
    try (var journey = Journey.between(15, 16)) {
      journey.source().execute(TABLES);
      journey.migration().makeSchema(false);
      terminateBehind(journey, journey.target());
      journey.toReady().cutOver().cleanUp().assertArrived();
    }
  }

  @Test
  void endsWithinSecondsWhileChangesFlowBack() throws Exception {
    try (var journey = Journey.reversible(15, 17)) {
      journey.source().execute(TABLES);
      journey.toReady().cutOver();
      journey.target().execute("UPDATE item SET v = 'flows back'");
      terminateBehind(journey, journey.source());
      journey.rollBack();
      journey.assertSameRows();
      journey.cleanUp();
    }
  }

  /** Asks it to end while it waits for a table. */
  private static void terminateBehind(Journey journey, TestDatabase locked) throws Exception {
    try (Connection other = locked.superuser()) {
      other.setAutoCommit(false);
      Sql.execute(other, "LOCK TABLE public.item IN ACCESS EXCLUSIVE MODE");
      try (var live = journey.program("migrate").start()) {
        awaitWaiting(locked);
        requireSoon(live);
      }
      other.rollback();
    }
  }

  private static void requireSoon(Program.Live live) {
    long began = System.nanoTime();
    var ended = live.signal("TERM").end();
    assertThat(ended.status()).as(ended.output()).isEqualTo(4);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(15));
  }

  private static void awaitWaiting(TestDatabase database)
      throws SQLException, InterruptedException {
    long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (database.number(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name LIKE 'pgportage%'
              AND wait_event_type = 'Lock'
            """)
        == 0) {
      assertThat(System.nanoTime()).as("somebody waits").isLessThan(end);
      Thread.sleep(20);
    }
  }
}
