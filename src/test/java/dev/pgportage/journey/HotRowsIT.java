package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.pg.Sql;
import dev.pgportage.workflow.ValidationReport;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * Rows on their way are never reported as wrong: a few rows written to all the time, while all is
 * compared again and again. {@code ./dev bench soak} does the same two million times.
 */
class HotRowsIT {
  private static final int COMPARISONS = 3;

  private static final String TABLES =
      """
      CREATE TABLE hot (id int PRIMARY KEY, n bigint NOT NULL, v text);
      INSERT INTO hot SELECT g, 0, 'v' FROM generate_series(1, 10) AS g;
      CREATE TABLE moving (id bigint PRIMARY KEY);
      INSERT INTO moving VALUES (0);
      CREATE TABLE bag (v text);
      ALTER TABLE bag REPLICA IDENTITY FULL;
      INSERT INTO bag VALUES ('v'), ('v');
      CREATE TABLE large (id int PRIMARY KEY, n int);
      INSERT INTO large SELECT g, 0 FROM generate_series(1, 20000) AS g;
      ANALYZE;
      """;

  private static final String SPOILING =
      """
      CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN NEW.n := -1; RETURN NEW; END $$;
      CREATE TRIGGER spoil BEFORE UPDATE ON large FOR EACH ROW EXECUTE FUNCTION spoil();
      ALTER TABLE large ENABLE ALWAYS TRIGGER spoil;
      """;

  @Test
  void reportsNoRowThatIsOnItsWay() throws Exception {
    try (var journey = Journey.between(15, 18).set("validation.every", "1ms")) {
      journey.source().execute(TABLES);
      var writing = new AtomicBoolean(true);
      try (var running = journey.start()) {
        running.awaitReady();
        var writers = new ArrayList<CompletableFuture<Void>>();
        for (int i = 0; i < 2; i++) {
          writers.add(CompletableFuture.runAsync(() -> write(journey, writing)));
        }
        for (int i = 0; i < COMPARISONS; i++) {
          ValidationReport report = journey.migration().validate();
          assertThat(report.tables()).hasSize(4).allMatch(table -> table.equal());
        }
        writing.set(false);
        writers.forEach(CompletableFuture::join);
        assertThat(events(journey, "validation.done")).isGreaterThan(COMPARISONS + 1);
        assertThat(events(journey, "validation.difference")).isZero();
        // Nothing of the writers' is on its way any more when rows begin to be spoiled.
        assertThat(journey.migration().validate().equal()).isTrue();
        // By itself it finds a row that is wrong, too, as soon as that is touched.
        journey.target().executeAsSuperuser(SPOILING);
        journey.source().execute("UPDATE large SET n = 0 WHERE id = 7");
        while (events(journey, "validation.difference") == 0) {
          running.requireRunning();
        }
        journey.target().executeAsSuperuser("DROP FUNCTION spoil CASCADE");
        assertThat(journey.migration().validate().equal()).isFalse();
        journey.source().execute("UPDATE large SET n = 1 WHERE id = 7");
        while (!journey.migration().validate().equal()) {
          running.requireRunning();
        }
        journey.cutOver();
        running.await();
        journey.assertSameRows();
      }
    }
  }

  private static long events(Journey journey, String kind) throws SQLException {
    return journey
        .target()
        .number("SELECT count(*) FROM pgportage.event WHERE kind = '" + kind + "'");
  }

  private static void write(Journey journey, AtomicBoolean writing) {
    try (var connection = journey.source().writer()) {
      for (int i = 0; writing.get(); i++) {
        Sql.execute(
            connection,
            """
            BEGIN;
            UPDATE hot SET n = n + 1 WHERE id = 1 + %1$d %% 10;
            UPDATE moving SET id = id + 1;
            DELETE FROM bag WHERE ctid = (SELECT min(ctid) FROM bag);
            INSERT INTO bag VALUES ('v');
            UPDATE large SET n = n + 1 WHERE id IN (1, 20000, 1 + %1$d %% 20000);
            COMMIT
            """
                .formatted(i));
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
