package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.state.CrashPoint;
import dev.pgportage.workflow.Migration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The program is killed while the way back is made, and on it, and run again. */
class RollbackKillIT {
  private static final String TABLES =
      """
      CREATE TABLE t (id int PRIMARY KEY, v text);
      CREATE UNLOGGED TABLE u (id int PRIMARY KEY);
      INSERT INTO t SELECT i, 'v' FROM generate_series(1, 1000) i;
      """;

  @ParameterizedTest
  @EnumSource(names = {"REVERSE_AFTER_SLOT", "REVERSE_AFTER_BEGIN"})
  void leavesTheSourceWritableWhenKilledInTheCutover(CrashPoint point) throws Exception {
    try (var journey = Journey.reversible(15, 17)) {
      journey.source().execute(TABLES);
      journey.toReady();
      var killed = journey.program("cutover", "--yes").killedAt(point, 1).run();
      assertThat(killed.killed()).as(killed.output()).isTrue();
      journey.toReady();
      assertThat(journey.target().number("SELECT count(*) FROM pg_publication")).isZero();
      journey.source().execute("UPDATE t SET v = 'after' WHERE id < 10");
      journey.cutOver();
      journey
          .target()
          .execute("INSERT INTO t SELECT i, 'target' FROM generate_series(2001, 2100) i");
      journey.rollBack();
      journey.assertSameRows();
      journey.cleanUp();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CUTOVER_AFTER_PROOF", "ROLLBACK_AFTER_OPEN", "ROLLBACK_AFTER_UNFENCE"})
  void losesNothingWhenKilledInTheRollback(CrashPoint point) throws Exception {
    try (var journey = Journey.reversible(15, 17)) {
      journey.source().execute(TABLES);
      journey.toReady().cutOver();
      journey
          .target()
          .execute("UPDATE t SET v = 'target' WHERE id % 2 = 0; INSERT INTO u VALUES (1)");
      var killed = journey.program("rollback", "--yes").killedAt(point, 1).run();
      assertThat(killed.killed()).as(killed.output()).isTrue();
      journey.migration().migrate(Migration.Until.READY);
      if (point.label().startsWith("cutover")) {
        journey.target().execute("DELETE FROM t WHERE id > 900");
        journey.rollBack();
      }
      journey.assertSameRows();
      journey.source().execute("INSERT INTO t VALUES (5000, 'source')");
      journey.cutOver();
      journey.assertSameRows();
      journey.cleanUp();
    }
  }
}
