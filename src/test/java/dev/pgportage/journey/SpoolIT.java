package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Sql;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.workflow.StatusReport;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The spool in a whole migration: what it spares the source, and what its loss means. */
class SpoolIT {
  private static final String TABLES =
      """
      CREATE TABLE item (id int PRIMARY KEY, v text, u int UNIQUE);
      INSERT INTO item SELECT i, repeat('v', 100), i FROM generate_series(1, 3000) i;
      CREATE TABLE held (id int PRIMARY KEY, v text);
      INSERT INTO held SELECT i, 'held' FROM generate_series(1, 100) i;
      CREATE TABLE part (id int PRIMARY KEY, item int REFERENCES item);
      INSERT INTO part SELECT i, i FROM generate_series(1, 1000) i;
      """;

  @Test
  void letsTheSourceForgetItsWalWhileRowsAreLoaded() throws Exception {
    try (var journey = begun()) {
      inTheLoad(
          journey,
          live -> {
            StatusReport.Spool spool = journey.migration().status().spool().orElseThrow();
            assertThat(spool.bytes()).isPositive();
            assertThat(spool.full()).isFalse();
            assertThat(spool.directory()).startsWith(journey.spools().toString());
          });
      Files.createFile(spool(journey).resolve("transaction-left-by-a-kill.tmp"));
      journey.toReady().cutOver().assertArrived().cleanUp();
      assertThat(files(journey.spools())).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = "STREAMED_.*")
  void endsExactWhenKilledWithATransactionInProgress(CrashPoint point) throws Exception {
    try (var journey = begun()) {
      journey
          .source()
          .executeAsSuperuser(
              "ALTER DATABASE \"%s\" SET logical_decoding_work_mem = '64kB'"
                  .formatted(journey.source().name()));
      journey.toReady();
      try (Connection open = journey.source().writer()) {
        open.setAutoCommit(false);
        Sql.execute(
            open,
            """
            INSERT INTO item SELECT i, repeat(md5(i::text), 5), i FROM generate_series(10000, 20000) i;
            SAVEPOINT a;
            DELETE FROM held;
            INSERT INTO item SELECT i, repeat(md5(i::text), 5), i FROM generate_series(30000, 32000) i;
            ROLLBACK TO SAVEPOINT a;
            UPDATE item SET v = 'changed' WHERE id > 19000
            """);
        if (point == CrashPoint.STREAMED_BEFORE_COMMIT) {
          open.commit();
        }
        journey.program("migrate").dieAt(point, 1);
        open.commit();
      }
      journey.toReady().cutOver().assertArrived();
      journey
          .source()
          .executeAsSuperuser(
              "BEGIN; SET TRANSACTION READ WRITE; ALTER DATABASE \"%s\" RESET logical_decoding_work_mem; COMMIT"
                  .formatted(journey.source().name()));
      journey.cleanUp();
    }
  }

  @Test
  void stopsWhereTheSpoolIsNotAndGoesOnWhereItIs() throws Exception {
    try (var journey = begun()) {
      // What comes last is no transaction: a mere position, as a checkpoint leaves it.
      inTheLoad(
          journey,
          live -> {
            journey.source().executeAsSuperuser("CHECKPOINT");
            awaitConfirmed(live, journey, "SELECT pg_current_wal_insert_lsn()");
          });
      Path aside = Files.createTempDirectory("pgportage-aside-").resolve("spool");
      Path spool = spool(journey);
      Files.move(spool, aside);
      assertThatThrownBy(journey::toReady)
          .isInstanceOfSatisfying(
              MigrationException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.SPOOL_LOST);
                assertThat(e.what()).contains(spool.toString()).contains("is not here");
              });
      Files.move(aside, spool);
      Files.delete(aside.getParent());
      // None is wanted any more, yet what is only there must come from there; then it is gone.
      journey.set("spool.max_size", "0B").toReady().toReady();
      assertThat(files(journey.spools())).isEmpty();
      journey.cutOver().assertArrived().cleanUp();
    }
  }

  @Test
  void stopsWhenTheSpoolWasCutOffAndLoadsAnewIfToldTo() throws Exception {
    try (var journey = begun()) {
      inTheLoad(journey, live -> {});
      try (var file = new RandomAccessFile(files(spool(journey)).getFirst().toFile(), "rw")) {
        file.setLength(file.length() / 2);
      }
      assertThatThrownBy(journey::toReady).hasMessageContaining("is damaged or cut off");
      journey.set("spool.when_lost", "reload").toReady().cutOver().assertArrived().cleanUp();
    }
  }

  @Test
  void noticesASlotThatSomebodyElseMovedOn() throws Exception {
    try (var journey = begun()) {
      journey.set("spool.max_size", "0B").toReady();
      journey
          .source()
          .execute("DELETE FROM part WHERE id < 10; UPDATE item SET v = 'x' WHERE id < 5");
      journey
          .source()
          .executeAsSuperuser(
              "SELECT pg_replication_slot_advance(slot_name, pg_current_wal_lsn()) FROM pg_replication_slots WHERE database = current_database()");
      assertThatThrownBy(journey::toReady)
          .hasMessageContaining("somebody else has moved the slot on");
      journey.set("spool.when_lost", "reload").toReady().cutOver().assertArrived().cleanUp();
    }
  }

  private interface Look {
    void run(Program.Live live) throws Exception;
  }

  private static Journey begun() throws Exception {
    // Servers of their own: a slot waits for every transaction of its server.
    var journey = Journey.between(15, 16);
    journey.source().execute(TABLES);
    return journey;
  }

  /** Writes while one table's load waits for a lock, then kills the program. */
  private static void inTheLoad(Journey journey, Look look) throws Exception {
    journey.migration().makeSchema(false);
    try (Connection lock = journey.target().superuser();
        var live = journey.program("migrate", "--until-ready").start()) {
      lock.setAutoCommit(false);
      Sql.execute(lock, "LOCK TABLE public.held IN ACCESS EXCLUSIVE MODE");
      await(
          live,
          () ->
              journey
                      .target()
                      .number(
                          "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'held'::regclass")
                  > 0);
      journey
          .source()
          .execute(
              "UPDATE item SET u = -u, v = 'changed' || v; DELETE FROM part WHERE id %% 3 = 0; INSERT INTO held VALUES (1000, 'new')"
                  .formatted());
      awaitConfirmed(live, journey, "SELECT pg_logical_emit_message(true, 'x', '')");
      await(
          live, () -> journey.migration().status().spool().filter(s -> s.bytes() > 0).isPresent());
      look.run(live);
      assertThat(live.process().isAlive()).isTrue();
    }
  }

  /** Waits until the slot has been told to forget everything before a position. */
  private static void awaitConfirmed(Program.Live live, Journey journey, String position)
      throws Exception {
    String wanted =
        "SELECT count(*) FROM pg_replication_slots WHERE database = current_database() AND confirmed_flush_lsn >= '%s'"
            .formatted(journey.source().text(position).orElseThrow());
    await(live, () -> journey.source().number(wanted) > 0);
  }

  private interface Condition {
    boolean holds() throws SQLException;
  }

  private static void await(Program.Live live, Condition condition) throws Exception {
    long end = System.nanoTime() + 30_000_000_000L;
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as(Files.readString(live.output())).isLessThan(end);
      assertThat(live.process().isAlive()).as(Files.readString(live.output())).isTrue();
      Thread.sleep(50);
    }
  }

  private static Path spool(Journey journey) throws IOException {
    return files(journey.spools()).getFirst();
  }

  private static List<Path> files(Path directory) {
    try (Stream<Path> found = Files.list(directory)) {
      return found
          .filter(path -> !path.endsWith("lock"))
          .sorted(Comparator.naturalOrder())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
