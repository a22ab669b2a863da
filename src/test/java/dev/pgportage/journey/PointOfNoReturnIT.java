package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Sql;
import dev.pgportage.workflow.Outcome;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Up to the opening's commit everything can be taken back; from it on nothing may be. */
class PointOfNoReturnIT {
  private static final String TABLES =
      """
      CREATE TABLE item (id int PRIMARY KEY);
      CREATE TABLE other (id int PRIMARY KEY);
      CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE TRIGGER touched BEFORE INSERT ON item FOR EACH ROW EXECUTE FUNCTION touch();
      INSERT INTO item VALUES (1);
      INSERT INTO other VALUES (1)
      """;

  /** The opening alters {@code item}, and so keeps replication from it. */
  @ParameterizedTest
  @ValueSource(strings = {"item", "other"})
  void keepsTheTargetClosedWhenSomebodyWritesWhileItIsOpened(String table) throws Exception {
    try (var journey = Journey.between(15, 17)) {
      journey.source().execute(TABLES);
      try (var running = journey.start();
          var holder = journey.target().writer()) {
        running.awaitReady();
        Sql.execute(holder, "BEGIN; LOCK TABLE item IN ROW EXCLUSIVE MODE");
        var cutover = CompletableFuture.supplyAsync(() -> journey.migration().cutover());
        while (journey
                .target()
                .number(
                    "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'item'::regclass")
            == 0) {
          LockSupport.parkNanos(1_000_000);
        }
        try (var rogue = journey.source().writer()) {
          Sql.execute(rogue, "BEGIN READ WRITE; INSERT INTO " + table + " VALUES (2); COMMIT");
        }
        Sql.execute(holder, "COMMIT");
        assertThatExceptionOfType(CompletionException.class)
            .isThrownBy(cutover::join)
            .havingCause()
            .isInstanceOfSatisfying(
                MigrationException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.FENCE_BREACHED));
        journey.source().execute("INSERT INTO " + table + " VALUES (3)");
        journey.cutOver();
        assertThat(running.await()).isEqualTo(Outcome.CUT_OVER);
        journey.assertArrived();
      }
    }
  }

  @Test
  void keepsTheSourceClosedWhenTheConnectionIsLostAfterTheTargetWasOpened() throws Exception {
    try (var journey = Journey.between(15, 17)) {
      journey.source().execute(TABLES);
      try (var running = journey.start()) {
        running.awaitReady();
        journey
            .target()
            .executeAsSuperuser(
                """
                CREATE FUNCTION pgportage.cut() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                  PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
                  WHERE datname = current_database() AND application_name LIKE 'pgportage % control';
                  RETURN NULL;
                END $$;
                CREATE CONSTRAINT TRIGGER cut AFTER UPDATE ON pgportage.step
                  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
                  WHEN (NEW.name = 'open' AND NEW.status = 'done') EXECUTE FUNCTION pgportage.cut()
                """);
        // Whoever asked may be told that the process was cut off; what counts is what was done.
        var asked =
            CompletableFuture.supplyAsync(() -> journey.migration().cutover())
                .handle((report, failure) -> failure == null);
        assertThat(running.await()).isEqualTo(Outcome.CUT_OVER);
        try (var application = journey.source().writer()) {
          assertThat(Sql.queryText(application, "SHOW transaction_read_only")).hasValue("on");
        }
        assertThat(asked.get(1, TimeUnit.MINUTES)).isNotNull();
        journey.assertArrived();
      }
    }
  }
}
