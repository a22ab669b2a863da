package dev.pgportage.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Standing still at exact points, and what was done until and since. */
class HoldingIT {
  private static final QualifiedName ITEM = new QualifiedName("public", "item");
  private final ReplicationFixture fixture;

  HoldingIT() throws SQLException {
    fixture =
        ReplicationFixture.between(15, 15)
            .schema(
                "CREATE TABLE item (id serial PRIMARY KEY, v text); CREATE TABLE other (id int PRIMARY KEY)");
  }

  @AfterEach
  void close() throws SQLException {
    fixture.close();
  }

  @Test
  void showsExactlyWhatTheSourceHadAtThePointUnderWrites() throws Exception {
    fixture.start();
    var writing = new AtomicBoolean(true);
    var writer =
        CompletableFuture.runAsync(
            () -> {
              try (var connection = fixture.source.writer()) {
                while (writing.get()) {
                  Sql.execute(connection, "INSERT INTO item (v) VALUES ('x')");
                }
              } catch (SQLException e) {
                throw new AssertionError(e);
              }
            });
    while (fixture.source.number("SELECT count(*) FROM item") == 0) {
      Thread.onSpinWait();
    }
    for (int i = 0; i < 5; i++) {
      try (var snapshots = new SnapshotSlot(fixture.source.endpoint())) {
        long onTarget =
            fixture
                .replication()
                .holdAt(snapshots::point, () -> fixture.target.number("SELECT count(*) FROM item"));
        assertThat(onTarget)
            .isEqualTo(snapshots.count("SELECT count(*) FROM public.item"))
            .isPositive();
      }
    }
    writing.set(false);
    writer.join();
    fixture.syncAndCompare();
  }

  @Test
  void appliesNothingWhilePaused() throws Exception {
    fixture.start();
    fixture
        .replication()
        .whilePaused(
            () -> {
              fixture.run("INSERT INTO item (v) VALUES ('later')");
              fixture.target.execute("ALTER TABLE item ADD CHECK (v <> 'never')");
              assertThat(fixture.replication().awaitApplied(fixture.now(), Duration.ofMillis(500)))
                  .isFalse();
              return fixture.target.number("SELECT count(*) FROM item");
            });
    fixture.syncAndCompare();
  }

  @Test
  void goesOnWhenTheActionFails() throws Exception {
    fixture.start();
    assertThatThrownBy(
            () ->
                fixture
                    .replication()
                    .whilePaused(
                        () -> {
                          throw new SQLException("no");
                        }))
        .hasMessage("no");
    fixture.run("INSERT INTO item (v) VALUES ('x')").syncAndCompare();
  }

  @Test
  void passesOverChangesTheLoadHasAlready() throws Exception {
    fixture.run("INSERT INTO item (v) VALUES ('loaded')", "INSERT INTO other VALUES (1)");
    Lsn snapshot = fixture.now();
    fixture.target.execute("INSERT INTO item (v) VALUES ('loaded')");
    fixture.run("UPDATE item SET v = 'changed'").start(Map.of(ITEM, snapshot)).syncAndCompare();
    assertThat(fixture.replication().counters().inserts()).isEqualTo(1);
  }

  @Test
  void tellsWhichTablesChangedSince() throws Exception {
    fixture.start().run("INSERT INTO item (v) VALUES ('x')").sync();
    Lsn between = fixture.replication().applied();
    assertThat(fixture.replication().changedSince(between)).isEmpty();
    fixture.run("INSERT INTO other VALUES (1)").sync();
    assertThat(fixture.replication().changedSince(between))
        .containsExactly(new QualifiedName("public", "other"));
    assertThat(fixture.replication().changedSince(Lsn.ZERO)).hasSize(2);
  }

  @Test
  void keepsTheKeysOfEveryRowTouchedSinceAPoint() throws Exception {
    fixture.start().run("INSERT INTO item (v) VALUES ('a'), ('b'), ('c'), ('d')").sync();
    assertThat(fixture.replication().touchedSince(ITEM, fixture.consistentPoint()))
        .isInstanceOf(Touched.Everything.class);
    Lsn point = hold();
    assertThat(fixture.replication().touchedSince(ITEM, point)).isInstanceOf(Touched.Nothing.class);
    fixture
        .run(
            "UPDATE item SET v = 'x' WHERE id = 1",
            "UPDATE item SET id = 20 WHERE id = 2",
            "DELETE FROM item WHERE id = 3",
            "INSERT INTO item VALUES (30, 'in'); DELETE FROM item WHERE id = 30")
        .sync();
    assertThat(touched(point)).containsExactlyInAnyOrder("1", "2", "20", "3", "30");
    Lsn later = hold();
    fixture.run("UPDATE item SET v = 'y' WHERE id IN (1, 4)").sync();
    assertThat(touched(later)).containsExactlyInAnyOrder("1", "4");
    assertThat(touched(point)).containsExactlyInAnyOrder("1", "2", "20", "3", "30", "4");
    fixture.replication().forgetTouched(ITEM, later);
    assertThat(touched(later)).containsExactlyInAnyOrder("1", "4");
    assertThat(fixture.replication().touchedSince(ITEM, point))
        .isInstanceOf(Touched.Everything.class);
    fixture.run("TRUNCATE item").sync();
    assertThat(fixture.replication().touchedSince(ITEM, later))
        .isInstanceOf(Touched.Everything.class);
    Lsn last = hold();
    fixture.run("INSERT INTO item VALUES (7, 'seven')").sync();
    assertThat(touched(last)).containsExactly("7");
  }

  @Test
  void notesChangedTablesInTheTransactionThatChangesThem() throws Exception {
    fixture.start().run("INSERT INTO item (v) VALUES ('a')").sync();
    assertThat(fixture.target.number(NOTED)).isEqualTo(1);
    Lsn point = hold();
    assertThat(fixture.target.number(NOTED_AFTER.formatted(point))).isZero();
    fixture.run("BEGIN; INSERT INTO item VALUES (9); DELETE FROM item WHERE id = 9; COMMIT").sync();
    fixture.run("INSERT INTO other VALUES (1)").sync();
    assertThat(fixture.target.number(NOTED_AFTER.formatted(point))).isEqualTo(2);
  }

  private static final String NOTED = "SELECT count(*) FROM pgportage.table_change";
  private static final String NOTED_AFTER = NOTED + " WHERE changed_lsn > '%s'";

  private Lsn hold() throws SQLException {
    try (var snapshots = new SnapshotSlot(fixture.source.endpoint())) {
      var point = new java.util.concurrent.atomic.AtomicReference<>(Lsn.ZERO);
      fixture
          .replication()
          .holdAt(
              () -> {
                point.set(snapshots.point());
                return point.get();
              },
              () -> true);
      return point.get();
    }
  }

  private java.util.List<String> touched(Lsn since) {
    return switch (fixture.replication().touchedSince(ITEM, since)) {
      case Touched.Rows(java.util.List<java.util.List<String>> keys) ->
          keys.stream().map(key -> String.join(",", key)).toList();
      case Touched.Nothing _, Touched.Everything _ -> throw new AssertionError("No rows");
    };
  }

  @Test
  void letsAnIdleSlotAdvance() throws Exception {
    fixture.start().sync();
    Lsn applied = fixture.replication().applied();
    String advanced =
        "SELECT count(*) FROM pg_replication_slots WHERE database = current_database() AND confirmed_flush_lsn >= '%s'"
            .formatted(applied);
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (fixture.source.number(advanced) == 0) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  @Test
  void worksWithoutTheReplicationRole() throws Exception {
    try (var plain = ReplicationFixture.plain(15, 16)) {
      plain
          .schema(
              """
              CREATE TABLE t (id int PRIMARY KEY, u int UNIQUE DEFERRABLE);
              INSERT INTO t SELECT i, i FROM generate_series(1, 10) i
              """)
          .start()
          .run("UPDATE t SET u = 11 - u", "DELETE FROM t WHERE id = 3")
          .transaction("UPDATE t SET u = u + 1", "TRUNCATE t", "INSERT INTO t VALUES (1, 1)")
          .syncAndCompare();
    }
  }
}
