package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.demo.EmbeddedServer;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Sql;
import dev.pgportage.testing.Servers;
import dev.pgportage.testing.TestDatabase;
import dev.pgportage.workflow.ValidationReport;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * Both sides are compared on a source that is written to and has no free replication slot, or no
 * free WAL sender.
 */
class NoFreeSlotIT {
  private static final EmbeddedServer.Options SERVER =
      Servers.options(15).with("max_replication_slots", "2").with("max_wal_senders", "2");

  private static final String SENDERS =
      "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'walsender'";

  private static final String TABLES =
      """
      CREATE TABLE hot (id int PRIMARY KEY, n int);
      CREATE TABLE moving (a text, "b 'c" timestamptz, PRIMARY KEY (a, "b 'c"));
      CREATE TABLE bag (v text);
      ALTER TABLE bag REPLICA IDENTITY FULL;
      INSERT INTO hot SELECT g, 0 FROM generate_series(1, 5000) AS g;
      INSERT INTO moving SELECT 'a"\\{,}' || g, '2026-01-01' FROM generate_series(1, 100) AS g;
      INSERT INTO bag SELECT 'v' FROM generate_series(1, 100);
      """;

  @Test
  void comparesWhatDoesNotChangeAtThatMoment() throws Exception {
    try (var server = EmbeddedServer.start(SERVER);
        var journey = Journey.of(TestDatabase.source(server), TestDatabase.target(18))) {
      journey.source().execute(TABLES);
      try (var running = journey.start()) {
        running.awaitReady();
        journey.source().executeAsSuperuser("SELECT pg_create_physical_replication_slot('other')");
        long leftOut = 0;
        try (var _ = writer(journey, "UPDATE bag SET v = v WHERE false")) {
          for (int i = 0; i < 5 || leftOut == 0; i++) {
            ValidationReport report = journey.migration().validate();
            assertThat(report.tables()).hasSize(3).allMatch(table -> table.equal());
            leftOut += report.leftOut();
          }
          journey.target().execute("UPDATE hot SET n = -1 WHERE id = 4999");
          assertThat(journey.migration().validate().tables())
              .flatExtracting(table -> table.listed())
              .hasSize(1)
              .allMatch(difference -> difference.toString().contains("(4999)"));
          journey.target().execute("UPDATE hot SET n = 0 WHERE id = 4999");
        }
        try (var _ = writer(journey, "UPDATE bag SET v = v || 1")) {
          assertBagUnsettled(journey);
          journey.source().executeAsSuperuser("SELECT pg_drop_replication_slot('other')");
          try (var _ = otherSender(journey)) {
            assertBagUnsettled(journey);
          }
          assertThat(journey.migration().validate().leftOut()).isZero();
        }
        journey.cutOver();
        running.await();
        journey.assertSameRows();
      }
    }
  }

  private static void assertBagUnsettled(Journey journey) {
    assertThatThrownBy(() -> journey.migration().validate())
        .isInstanceOfSatisfying(
            MigrationException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NO_FREE_SLOT))
        .hasMessageContaining("public.bag");
  }

  /** Takes the server's last WAL sender; it is free again once this is closed. */
  private static AutoCloseable otherSender(Journey journey) {
    var sender = new Database(journey.source().endpoint(), "other").openReplication("sender");
    return () -> {
      sender.close();
      long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
      while (journey.source().number(SENDERS) > 1) {
        assertThat(System.nanoTime()).as(SENDERS).isLessThan(end);
        Thread.sleep(20);
      }
    };
  }

  private static AutoCloseable writer(Journey journey, String more) {
    var writing = new AtomicBoolean(true);
    var thread = Thread.ofPlatform().start(() -> write(journey, writing, more));
    return () -> {
      writing.set(false);
      thread.join();
    };
  }

  private static void write(Journey journey, AtomicBoolean writing, String more) {
    try (var connection = journey.source().writer()) {
      for (int i = 0; writing.get(); i++) {
        Sql.execute(
            connection,
            """
            BEGIN;
            UPDATE hot SET n = n + 1 WHERE id = 1 + %1$d %% 10;
            UPDATE moving SET "b 'c" = "b 'c" + interval '1 s' WHERE a LIKE '%%7';
            %2$s;
            COMMIT
            """
                .formatted(i, more));
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
