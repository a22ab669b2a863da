package dev.pgportage.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.ErrorCode;
import dev.pgportage.demo.EmbeddedServer;
import dev.pgportage.pg.Snapshot;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.state.TableState;
import dev.pgportage.testing.FullDisk;
import dev.pgportage.testing.Servers;
import dev.pgportage.testing.TestDatabase;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong in the middle of a load, and what is on the target afterwards. */
@Timeout(180)
class FullLoadFailureIT {
  private static final String TABLES =
      "CREATE TABLE big (id int PRIMARY KEY, v text); CREATE TABLE small (id int)";
  private static final String ROWS =
      """
      INSERT INTO big SELECT g, repeat('x', 200) FROM generate_series(1, 20000) g;
      INSERT INTO small SELECT generate_series(1, 500);
      """;

  private static LoadFixture filled(LoadFixture fixture) throws SQLException {
    fixture.schema(TABLES).source.execute(ROWS);
    return fixture;
  }

  private static void assertExact(LoadFixture fixture) throws SQLException {
    assertThat(fixture.digests(fixture.target)).isEqualTo(fixture.digests(fixture.source));
    assertThat(fixture.state("big")).isInstanceOf(TableState.Copied.class);
  }

  private static void endSessions(TestDatabase database) throws SQLException {
    database.number(
        """
        SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name ~ ' copy-[0-9]+$'
        """);
  }

  @Test
  void isExactWhenTheTargetsSessionsAreEnded() throws Exception {
    try (var fixture = filled(LoadFixture.between(15, 15))) {
      fixture.disturbAfter(50, () -> endSessions(fixture.target));
      fixture.run(LoadFixture.TINY_CHUNKS);
      assertExact(fixture);
      assertThat(fixture.events).anyMatch(event -> event.kind().equals("load.retry"));
    }
  }

  @Test
  void isExactWhenTheSourcesSessionsAreEnded() throws Exception {
    try (var fixture = filled(LoadFixture.between(15, 15))) {
      fixture.disturbAfter(50, () -> endSessions(fixture.source));
      fixture.run(LoadFixture.TINY_CHUNKS);
      assertExact(fixture);
      assertThat(fixture.events).anyMatch(event -> event.kind().equals("load.retry"));
    }
  }

  @Test
  void isExactWhenTheTargetCrashesAndForgetsItsLastCommits() throws Exception {
    // The WAL writer all but stops, so that nearly every asynchronous commit is lost.
    try (var server = EmbeddedServer.start(Servers.options(15).with("wal_writer_delay", "10s"));
        var fixture = filled(LoadFixture.between(Servers.version(15), server))) {
      fixture.disturbAfter(
          200,
          () -> {
            server.stopImmediately();
            server.start();
          });
      fixture.run(LoadFixture.TINY_CHUNKS);
      assertExact(fixture);
    }
  }

  @Test
  void beginsUnfinishedTablesAnewUnderANewSnapshot() throws Exception {
    try (var fixture = filled(LoadFixture.between(15, 15))) {
      ObjectSet objects = fixture.objects();
      var first = fixture.snapshot();
      fixture.disturbAfter(50, first::close);
      FullLoadIT.assertFails(
          () -> fixture.run(LoadFixture.TINY_CHUNKS, objects, first.snapshot()),
          ErrorCode.SNAPSHOT_LOST);
      assertThat(fixture.target.number("SELECT count(*) FROM big")).isBetween(1L, 19_999L);
      fixture.source.execute("UPDATE big SET v = 'y' WHERE id % 3 = 0");
      Snapshot second;
      // Another size of chunks: the plan of the first run must not matter.
      try (var exported = fixture.snapshot()) {
        second = exported.snapshot();
        fixture.run(5 * LoadFixture.TINY_CHUNKS, fixture.objects(), second);
      }
      assertExact(fixture);
      assertThat(fixture.state("big")).isEqualTo(new TableState.Copied(second.consistentPoint()));
    }
  }

  @Test
  void goesOnWithTheSamePlanUnderTheSameSnapshot() throws Exception {
    try (var fixture = filled(LoadFixture.between(15, 15));
        var exported = fixture.snapshot()) {
      var caller = Thread.currentThread();
      fixture.disturbAfter(50, caller::interrupt);
      FullLoadIT.assertFails(
          () -> fixture.run(LoadFixture.TINY_CHUNKS, fixture.objects(), exported.snapshot()),
          ErrorCode.INTERRUPTED);
      assertThat(Thread.interrupted()).isTrue();
      long before = fixture.chunks("big");
      assertThat(before).isPositive();
      fixture.source.execute("DELETE FROM big");
      fixture.run(7 * LoadFixture.TINY_CHUNKS, fixture.objects(), exported.snapshot());
      assertThat(fixture.target.number("SELECT count(DISTINCT id) FROM big")).isEqualTo(20_000);
      assertThat(fixture.target.number("SELECT count(*) FROM big")).isEqualTo(20_000);
    }
  }

  @Test
  void leavesTruncatedTablesToTheNextSnapshotAndCompletesTheOthers() throws Exception {
    try (var fixture = filled(LoadFixture.between(15, 15))) {
      try (var exported = fixture.snapshot()) {
        var objects = fixture.objects();
        fixture.source.execute("TRUNCATE big; INSERT INTO big VALUES (1, 'new')");
        FullLoadIT.assertFails(
            () -> fixture.run(LoadFixture.TINY_CHUNKS, objects, exported.snapshot()),
            ErrorCode.SNAPSHOT_LOST);
      }
      assertThat(fixture.state("small")).isInstanceOf(TableState.Copied.class);
      assertThat(fixture.state("big")).isInstanceOf(TableState.Copying.class);
      fixture.run(LoadFixture.TINY_CHUNKS);
      assertExact(fixture);
    }
  }

  @ParameterizedTest
  // Scattered, the next chunk holds rows that are on the target already.
  @ValueSource(strings = {"big_pkey", "scattered"})
  void noticesARewriteThatMovesRowsBetweenTwoChunks(String order) throws Exception {
    try (var fixture = filled(LoadFixture.between(15, 15))) {
      fixture.source.execute("CREATE INDEX scattered ON big ((id % 101))");
      fixture.source.execute("DELETE FROM big WHERE id % 2 = 0");
      try (var exported = fixture.snapshot()) {
        fixture.disturbAfter(30, () -> fixture.source.execute("CLUSTER big USING " + order));
        FullLoadIT.assertFails(
            () -> fixture.run(LoadFixture.TINY_CHUNKS, fixture.objects(), exported.snapshot()),
            ErrorCode.SNAPSHOT_LOST);
      }
      fixture.run(LoadFixture.TINY_CHUNKS);
      assertExact(fixture);
    }
  }

  @Test
  void leavesNothingHalfWhenTheTargetsDiskIsFull() throws Exception {
    try (var fixture = filled(LoadFixture.between(15, 15))) {
      // The last rows alone need the TOAST table, whose file is where the disk is full.
      fixture.schema("ALTER TABLE big ALTER v SET STORAGE EXTERNAL");
      fixture.source.execute("UPDATE big SET v = repeat('long', 5000) WHERE id > 19900");
      fixture.source.executeAsSuperuser("VACUUM FULL big");
      try (var _ = FullDisk.under(fixture.target, "big")) {
        FullLoadIT.assertFails(() -> fixture.run(1, LoadFixture.TINY_CHUNKS), ErrorCode.DISK_FULL);
        assertThat(fixture.chunks("big")).isPositive();
        assertThat(fixture.target.number("SELECT count(*) FROM big"))
            .isEqualTo(
                fixture.target.number(
                    "SELECT sum(rows) FROM pgportage.chunk WHERE table_name = 'big'"));
      }
      fixture.run(LoadFixture.TINY_CHUNKS);
      assertExact(fixture);
    }
  }
}
