package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.demo.EmbeddedServer;
import dev.pgportage.pg.Sql;
import dev.pgportage.telemetry.Event;
import dev.pgportage.testing.Servers;
import dev.pgportage.testing.TestDatabase;
import dev.pgportage.workflow.Gauge;
import java.sql.Connection;
import org.junit.jupiter.api.Test;

/** A run ends before its source comes to harm. */
class SafetyGuardIT {
  private static final String TABLES =
      "CREATE TABLE item (id int PRIMARY KEY, v text); INSERT INTO item VALUES (1, 'one')";
  private static final String SLOTS =
      "SELECT count(*) FROM pg_replication_slots WHERE database = current_database()";
  private static final String MUCH_WAL =
      "INSERT INTO item SELECT i, repeat(md5(i::text), 20) FROM generate_series(2, 30000) i";

  @Test
  void endsARunWhoseSlotHoldsBackTooMuchWal() throws Exception {
    try (var journey = journey().set("safety.max_wal", "16MB")) {
      fail(journey, ErrorCode.SOURCE_ENDANGERED);
      assertThat(journey.source().number(SLOTS)).isOne();
      assertThat(journey.migration().status().gauges())
          .anyMatch(g -> g.name().equals("wal-retained") && g.level() == Gauge.Level.DANGER);
      assertThat(journey.migration().history().events())
          .extracting(Event::kind)
          .contains("governor.warning", "governor.stop", "step.failed");
      journey.set("safety.max_wal", "1GB").cutOver().cleanUp().assertArrived();
    }
  }

  @Test
  void setsTheSourceFreeIfThatIsWanted() throws Exception {
    try (var journey =
        journey().set("safety.max_wal", "16MB").set("safety.on_max_wal", "release")) {
      fail(journey, ErrorCode.SOURCE_ENDANGERED);
      assertThat(journey.source().number(SLOTS)).isZero();
      assertThat(journey.migration().status().phase()).isEqualTo("stopped");
      journey.cleanUp();
    }
  }

  @Test
  void endsAtOnceWhenTheSlotIsLost() throws Exception {
    var options =
        Servers.options(15).with("max_slot_wal_keep_size", "4MB").with("max_wal_size", "32MB");
    try (var server = EmbeddedServer.start(options);
        var journey = Journey.of(TestDatabase.source(server), TestDatabase.target(15))) {
      journey.source().execute(TABLES);
      try (var running = journey.start().awaitReady();
          Connection lock = journey.target().superuser()) {
        lock.setAutoCommit(false);
        Sql.execute(lock, "LOCK TABLE public.item IN ACCESS EXCLUSIVE MODE");
        for (int i = 0; i < 4; i++) {
          journey.source().execute("UPDATE item SET v = repeat(md5(v), 10)");
          journey
              .source()
              .execute(MUCH_WAL + " ON CONFLICT (id) DO UPDATE SET v = excluded.v || 'x'");
        }
        journey.source().executeAsSuperuser("CHECKPOINT");
        assertThatThrownBy(running::await)
            .isInstanceOfSatisfying(
                MigrationException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SLOT_LOST));
        lock.rollback();
      }
    }
  }

  /** Lets WAL pile up behind a lock on the target until the run ends. */
  private static void fail(Journey journey, ErrorCode code) throws Exception {
    try (var running = journey.start().awaitReady();
        Connection lock = journey.target().superuser()) {
      lock.setAutoCommit(false);
      Sql.execute(lock, "LOCK TABLE public.item IN ACCESS EXCLUSIVE MODE");
      journey.source().execute(MUCH_WAL);
      assertThatThrownBy(running::await)
          .isInstanceOfSatisfying(
              MigrationException.class, e -> assertThat(e.code()).isEqualTo(code));
      lock.rollback();
    }
  }

  private static Journey journey() throws Exception {
    var journey = Journey.between(15, 15);
    journey.source().execute(TABLES);
    return journey;
  }
}
