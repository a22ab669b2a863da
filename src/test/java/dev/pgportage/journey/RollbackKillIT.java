package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.pg.Sql;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.testing.TestDatabase;
import dev.pgportage.workflow.Migration;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The program is killed while the way back is made, and on it, and run again; once with the
 * database made read-only, once with roles locked out.
 */
class RollbackKillIT {
  private static final String TABLES =
      """
      CREATE TABLE t (id int PRIMARY KEY, v text);
      CREATE UNLOGGED TABLE u (id int PRIMARY KEY);
      CREATE MATERIALIZED VIEW m AS SELECT v, count(*) AS n FROM t GROUP BY v;
      INSERT INTO t SELECT i, 'v' FROM generate_series(1, 1000) i;
      """;

  @Test
  void losesNothingWhereverItIsKilled() throws Exception {
    try (var journey = Journey.reversible(15, 17)) {
      journey.source().execute(TABLES);
      journey.toReady();
      for (CrashPoint point :
          List.of(
              CrashPoint.REVERSE_AFTER_STATE,
              CrashPoint.REVERSE_AFTER_PUBLICATION,
              CrashPoint.REVERSE_AFTER_SLOT,
              CrashPoint.REVERSE_AFTER_BEGIN)) {
        kill(journey, point, "cutover");
        journey.toReady();
        assertThat(journey.target().number("SELECT count(*) FROM pg_publication")).isZero();
        journey.source().execute("UPDATE t SET v = 'after' WHERE id < 10");
      }
      journey.cutOver();
      journey
          .target()
          .execute("INSERT INTO t SELECT i, 'target' FROM generate_series(2001, 2100) i");
      for (CrashPoint point :
          List.of(
              CrashPoint.ROLLBACK_BEFORE_FENCE,
              CrashPoint.FENCE_AFTER_PUT,
              CrashPoint.CUTOVER_AFTER_PROOF)) {
        kill(journey, point, "rollback");
        journey.migration().migrate(Migration.Until.READY);
        journey.target().execute("UPDATE t SET v = v || '!' WHERE id % 2 = 0");
        journey.target().execute("INSERT INTO u SELECT coalesce(max(id), 0) + 1 FROM u");
      }
      kill(journey, CrashPoint.ROLLBACK_AFTER_OPEN, "rollback");
      journey.migration().migrate(Migration.Until.READY);
      assertSame(journey);
      journey.source().execute("INSERT INTO t VALUES (5000, 'source')");
      journey.cutOver();
      journey.target().execute("DELETE FROM t WHERE id > 900");
      kill(journey, CrashPoint.ROLLBACK_AFTER_UNFENCE, "rollback");
      journey.migration().migrate(Migration.Until.READY);
      assertSame(journey);
      journey.cutOver().refreshOnSource("m");
      assertSame(journey);
      journey.cleanUp();
    }
  }

  /**
   * The source's materialized view is fresh after a rollback; the target's is as old as its last.
   */
  private static void assertSame(Journey journey) throws SQLException {
    journey.target().refresh("m");
    journey.assertSameRows();
  }

  private static void kill(Journey journey, CrashPoint point, String command) {
    journey.program(command, "--yes").dieAt(point, 1);
  }

  @Tag("long")
  @Test
  void keepsRolesOutOnlyWhereTheWritesAreNot() throws Exception {
    try (var journey = Journey.reversible(15, 17)) {
      for (TestDatabase side : List.of(journey.source(), journey.target())) {
        side.executeAsSuperuser("CREATE ROLE till LOGIN PASSWORD '" + TestDatabase.PASSWORD + "'");
        side.executeAsSuperuser("ALTER ROLE " + side.role() + " CREATEROLE");
      }
      journey
          .target()
          .executeAsSuperuser("GRANT till TO target_back WITH ADMIN OPTION, INHERIT FALSE");
      try {
        crossWithRolesLockedOut(journey);
      } finally {
        for (TestDatabase side : List.of(journey.source(), journey.target())) {
          side.executeAsSuperuser("DROP OWNED BY till");
          side.executeAsSuperuser("DROP ROLE till");
          side.executeAsSuperuser("ALTER ROLE " + side.role() + " NOCREATEROLE");
        }
      }
    }
  }

  private static void crossWithRolesLockedOut(Journey journey) throws Exception {
    journey.set("cutover.fence", "roles").set("cutover.roles", "till");
    journey.source().execute(TABLES + "GRANT ALL ON t TO till");
    assertThat(journey.migration().assess().findings())
        .extracting(finding -> finding.check())
        .doesNotContain("fence-roles", "fence-owner");
    journey.toReady();
    journey.target().execute("GRANT ALL ON t TO till");
    for (CrashPoint point : List.of(CrashPoint.FENCE_AFTER_PUT, CrashPoint.CUTOVER_AFTER_PROOF)) {
      kill(journey, point, "cutover");
      assertThatThrownBy(() -> till(journey.source())).hasMessageContaining("till");
      journey.toReady();
      write(journey.source(), "INSERT INTO public.t VALUES ((SELECT max(id) + 1 FROM public.t))");
    }
    assertThat(journey.migration().rehearse().obstacles()).isEmpty();
    journey.cutOver();
    assertThatThrownBy(() -> till(journey.source())).hasMessageContaining("till");
    write(journey.target(), "DELETE FROM public.t WHERE id % 10 = 0");
    kill(journey, CrashPoint.CUTOVER_AFTER_PROOF, "rollback");
    assertThatThrownBy(() -> till(journey.target())).hasMessageContaining("till");
    journey.migration().migrate(Migration.Until.READY);
    write(journey.target(), "DELETE FROM public.t WHERE id % 10 = 1");
    journey.rollBack();
    assertThatThrownBy(() -> till(journey.target())).hasMessageContaining("till");
    assertSame(journey);
    write(journey.source(), "INSERT INTO public.t VALUES (7000, 'source')");
    journey.cutOver().refreshOnSource("m");
    assertSame(journey);
    journey.cleanUp();
    till(journey.source()).close();
    till(journey.target()).close();
  }

  private static Connection till(TestDatabase side) throws SQLException {
    return side.server().connect("till", TestDatabase.PASSWORD, side.name());
  }

  private static void write(TestDatabase side, String sql) throws SQLException {
    try (Connection till = till(side)) {
      Sql.execute(till, sql);
    }
  }
}
