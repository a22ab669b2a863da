package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.cutover.CutoverReport;
import dev.pgportage.state.CrashPoint;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** What rested since its proof is not read again; what changed is, whatever happens in between. */
class ChangedRowsIT {
  private static final String TABLES =
      """
      CREATE TABLE hot (id int PRIMARY KEY, v text);
      CREATE TABLE rests (id int PRIMARY KEY, v text);
      CREATE TABLE emptied (id int PRIMARY KEY);
      CREATE TABLE keyless (v text);
      ALTER TABLE keyless REPLICA IDENTITY FULL;
      INSERT INTO hot SELECT g, 'v' FROM generate_series(1, 50000) AS g;
      INSERT INTO rests SELECT g, 'v' FROM generate_series(1, 50000) AS g;
      INSERT INTO emptied SELECT g FROM generate_series(1, 5000) AS g;
      INSERT INTO keyless SELECT 'v' FROM generate_series(1, 50) AS g;
      ANALYZE;
      """;

  @Test
  void readsAgainOnlyTheRowsThatChanged() throws Exception {
    try (var journey = Journey.between(15, 18)) {
      journey.source().execute(TABLES);
      try (var running = journey.start()) {
        running.awaitReady();
        // Another would be found by reading all of its table, and is none of this proof's.
        journey.target().execute("UPDATE hot SET v = 'rested' WHERE id = 40000");
        journey
            .source()
            .execute(
                """
                UPDATE hot SET v = 'changed' WHERE id <= 20;
                UPDATE hot SET id = id + 100000 WHERE id BETWEEN 31 AND 35;
                DELETE FROM hot WHERE id BETWEEN 41 AND 45;
                INSERT INTO hot SELECT g, 'new' FROM generate_series(200001, 200005) AS g;
                """);
        CutoverReport report = journey.migration().cutover();
        assertThat(report.tablesProven()).isZero();
        assertThat(running.await()).isNotNull();
      }
      assertThat(comparisons(journey)).contains("Compared 105050 rows", "Compared 30 rows");
    }
  }

  @Test
  void findsADifferenceInAChangedRowAndRefusesToCutOver() throws Exception {
    try (var journey = Journey.between(15, 17)) {
      journey.source().execute(TABLES);
      try (var running = journey.start()) {
        running.awaitReady();
        journey.source().execute("UPDATE hot SET v = 'changed' WHERE id IN (1, 2)");
        awaitOnTarget(journey, "SELECT count(*) FROM hot WHERE v = 'changed'", 2);
        journey.target().execute("UPDATE hot SET v = 'broken' WHERE id = 2");
        assertThatThrownBy(() -> journey.migration().cutover())
            .isInstanceOfSatisfying(
                MigrationException.class,
                e -> {
                  assertThat(e.code()).isEqualTo(ErrorCode.DATA_DIFFERS);
                  assertThat(e.what()).contains("public.hot (0 missing, 0 extra, 1 differing)");
                });
        // It stays different until it is read again and found equal.
        assertThatThrownBy(() -> journey.migration().cutover())
            .isInstanceOf(MigrationException.class);
        journey.target().execute("UPDATE hot SET v = 'changed' WHERE id = 2");
        journey.source().execute("TRUNCATE emptied; INSERT INTO emptied VALUES (1), (2)");
        journey.source().execute("INSERT INTO keyless VALUES ('new')");
        journey.cutOver();
        running.await();
        journey.assertSameRows();
      }
    }
  }

  @Test
  void knowsAfterAKillWhichTablesAreProvenStill() throws Exception {
    try (var journey = Journey.between(15, 16)) {
      journey.source().execute(TABLES);
      journey.toReady();
      journey.source().execute("UPDATE hot SET v = 'changed' WHERE id = 1");
      journey.program("migrate").dieAt(CrashPoint.APPLY_AFTER_COMMIT, 1);
      try (var running = journey.start()) {
        running.awaitReady();
        // The new process is not told of the former one's change but by the state.
        journey.source().execute("INSERT INTO emptied VALUES (-1)");
        awaitOnTarget(journey, "SELECT count(*) FROM emptied", 5001);
        journey.target().execute("UPDATE hot SET v = 'broken' WHERE id = 3");
        assertThatThrownBy(() -> journey.migration().cutover())
            .isInstanceOfSatisfying(
                MigrationException.class,
                e -> assertThat(e.what()).contains("public.hot").doesNotContain("rests"));
        journey.target().execute("UPDATE hot SET v = 'v' WHERE id = 3");
        journey.cutOver();
        running.await();
        journey.assertSameRows();
      }
      assertThat(comparisons(journey))
          .contains("Compared 55001 rows")
          .doesNotContain("Compared 105051 rows");
    }
  }

  private static String comparisons(Journey journey) throws SQLException {
    return journey
        .target()
        .text("SELECT string_agg(message, ' ') FROM pgportage.event WHERE kind = 'validation.done'")
        .orElseThrow();
  }

  private static void awaitOnTarget(Journey journey, String count, long wanted)
      throws SQLException {
    long deadline = System.nanoTime() + 60_000_000_000L;
    while (journey.target().number(count) != wanted) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }
}
