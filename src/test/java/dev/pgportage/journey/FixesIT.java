package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.pg.Sql;
import dev.pgportage.state.CrashPoint;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an assessment found, mended by its own script or by the program, and given back. */
class FixesIT {
  private static final String TABLES =
      """
      CREATE TABLE "Weird ""Table\""" (id int, v text);
      CREATE TABLE coded (code text NOT NULL UNIQUE, v text);
      ALTER TABLE coded REPLICA IDENTITY NOTHING;
      CREATE TABLE loud (id int PRIMARY KEY, v text);
      INSERT INTO loud VALUES (1, 'x');
      """;

  private static final String IDENTITIES =
      """
      SELECT string_agg(relreplident, ' ' ORDER BY relname) FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
      """;

  @Test
  void writesScriptsThatMendWhatWasFound() throws Exception {
    try (var journey = Journey.between(15, 17)) {
      journey.source().execute(TABLES);
      var printed = journey.program("assess", "--fix-sql").run();
      assertThat(printed.status()).as(printed.output()).isZero();
      String script = printed.output();
      assertThat(script)
          .contains("-- For the source, migrator@", "-- For the target, target_migrator@")
          .contains(
              "-- undo: ALTER TABLE IF EXISTS \"public\".\"coded\" REPLICA IDENTITY NOTHING;");
      journey
          .source()
          .execute(
              script.substring(
                  script.indexOf("-- For the source"), script.indexOf("-- For the target")));
      assertThat(journey.source().text(IDENTITIES)).contains("f i d");
    }
  }

  @Test
  void appliesTheSafeOnesAndTakesThemBackAtCleanup() throws Exception {
    try (var journey = Journey.between(15, 17)) {
      journey.source().execute(TABLES);
      var unasked = journey.program("assess", "--apply-fixes").run();
      assertThat(unasked.status()).as("nobody to ask").isEqualTo(2);
      assertIdentities(journey, "d n d");
      var applied = journey.program("assess", "--apply-fixes", "--yes").run();
      assertThat(applied.status()).as(applied.output()).isZero();
      assertThat(applied.output()).contains("applied  source: ALTER TABLE \"public\".\"coded\"");
      assertIdentities(journey, "f i d");
      // Nothing has begun: the settings may still change.
      journey.set("filters.exclude", "public.loud").toReady();
      var late = journey.program("assess", "--apply-fixes", "--yes").run();
      assertThat(late.output()).contains("No fix is safe to apply by itself");
      journey.cutOver().cleanUp();
      assertIdentities(journey, "d n d");
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = "FIX_.*")
  void takesBackWhatWasMadeBeforeItWasKilled(CrashPoint point) throws Exception {
    try (var journey = Journey.between(15, 17)) {
      journey.source().execute(TABLES);
      journey.program("assess", "--apply-fixes", "--yes").dieAt(point, 2);
      journey.cleanUp();
      assertIdentities(journey, "d n d");
    }
  }

  @Test
  void stopsAtTheFirstStatementThatFails() throws Exception {
    try (var journey = Journey.between(15, 17)) {
      journey.source().execute(TABLES);
      try (var lock = journey.source().superuser()) {
        lock.setAutoCommit(false);
        Sql.execute(lock, "LOCK TABLE public.coded IN ACCESS SHARE MODE");
        var failed = journey.program("assess", "--apply-fixes", "--yes").run();
        assertThat(failed.status()).as(failed.output()).isEqualTo(1);
        assertThat(failed.output()).contains("Running on the source: ALTER TABLE");
      }
      journey.cleanUp();
      assertIdentities(journey, "d n d");
    }
  }

  private static void assertIdentities(Journey journey, String wanted) throws SQLException {
    assertThat(journey.source().text(IDENTITIES)).contains(wanted);
  }
}
