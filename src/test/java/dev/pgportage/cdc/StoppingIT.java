package dev.pgportage.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ObjectAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Where replication must stop: named exactly, with everything before it on the target. */
class StoppingIT {
  private final ReplicationFixture fixture;

  StoppingIT() throws SQLException {
    fixture = ReplicationFixture.between(15, 15);
  }

  @AfterEach
  void close() throws SQLException {
    fixture.close();
  }

  @Test
  void namesTransactionWhoseRowIsMissing() throws Exception {
    items();
    fixture.target.execute("DELETE FROM item WHERE id = 5");
    fixture
        .run("INSERT INTO item VALUES (11, 'before')")
        .run("UPDATE item SET v = 'secret' WHERE id = 5")
        .run("INSERT INTO item VALUES (12, 'after')")
        .start();
    assertFailed(ErrorCode.TARGET_DIVERGED)
        .satisfies(
            e -> {
              assertThat(e.what()).contains("public.item", "(key: id)", "committed at");
              assertThat(e.display()).doesNotContain("secret");
            });
    assertThat(fixture.target.number("SELECT count(*) FROM item WHERE id > 10")).isEqualTo(1);
    assertThatThrownBy(() -> fixture.replication().awaitApplied(fixture.now(), Duration.ZERO))
        .isInstanceOf(MigrationException.class);
    fixture.stop();
    fixture.target.execute("INSERT INTO item VALUES (5, 'v')");
    fixture.start().syncAndCompare();
  }

  @Test
  void namesTransactionWhoseWideRowIsMissing() throws Exception {
    items();
    fixture.target.execute("DELETE FROM item WHERE id = 5");
    fixture.run("UPDATE item SET v = repeat('secret', 1000) WHERE id BETWEEN 4 AND 6").start();
    assertFailed(ErrorCode.TARGET_DIVERGED)
        .satisfies(e -> assertThat(e.what()).contains("public.item", "3 rows to update, 2 found"));
    assertThat(fixture.target.number("SELECT count(*) FROM item WHERE length(v) > 6")).isZero();
  }

  @Test
  void tellsNoValueOfAWideRowTheTargetRefuses() throws Exception {
    items();
    fixture.target.execute("ALTER TABLE item ADD CHECK (length(v) < 100)");
    fixture.run("UPDATE item SET v = repeat('secret', 1000) WHERE id = 5").start();
    assertFailed(ErrorCode.CONSTRAINT_VIOLATED)
        .satisfies(
            e -> {
              assertThat(e.what()).contains("public.item", "item_v_check");
              assertThat(e.display()).doesNotContain("secret");
              for (Throwable at = e; at != null; at = at.getCause()) {
                assertThat(String.valueOf(at.getMessage())).doesNotContain("UPDATE ONLY");
              }
            });
  }

  @Test
  void noticesMissingRowsOfEveryKind() throws Exception {
    fixture
        .schema(
            """
            CREATE TABLE bag (a int); ALTER TABLE bag REPLICA IDENTITY FULL;
            INSERT INTO bag VALUES (1), (1), (2)
            """)
        .start();
    fixture.target.execute("DELETE FROM bag WHERE ctid = '(0,1)'");
    fixture.run("DELETE FROM bag WHERE a = 1");
    assertFailed(ErrorCode.TARGET_DIVERGED)
        .satisfies(e -> assertThat(e.what()).contains("public.bag (no key)", "2 rows", "1 found"));
  }

  @Test
  void namesConstraintOfRowTheSourceHasNot() throws Exception {
    fixture.schema("CREATE TABLE item (id int PRIMARY KEY, v text, u int UNIQUE)").start();
    fixture.target.execute("INSERT INTO item VALUES (1, 'stranger', 7)");
    fixture.run("INSERT INTO item VALUES (3, 'x', 6)", "INSERT INTO item VALUES (2, 'secret', 7)");
    assertFailed(ErrorCode.CONSTRAINT_VIOLATED)
        .satisfies(
            e -> {
              assertThat(e.what()).contains("public.item", "item_u_key", "committed at");
              assertThat(e.display()).doesNotContain("secret");
            });
    assertThat(fixture.target.number("SELECT count(*) FROM item")).isEqualTo(2);
  }

  @Test
  void stopsWhereColumnWasAdded() throws Exception {
    items();
    fixture
        .start()
        .run("UPDATE item SET v = 'one' WHERE id = 1")
        .run("ALTER TABLE item ADD extra int DEFAULT 7, ALTER v TYPE varchar(20)")
        .run("UPDATE item SET v = 'two' WHERE id = 2");
    assertFailed(ErrorCode.SCHEMA_CHANGED)
        .satisfies(e -> assertThat(e.what()).contains("public.item", "(id, v)", "(id, v, extra)"));
    assertThat(fixture.target.text("SELECT string_agg(v, ',' ORDER BY id) FROM item WHERE id < 3"))
        .contains("one,v");
  }

  @Test
  void stopsWhereTypeKeyOrNameChanged() throws Exception {
    for (String[] change :
        new String[][] {
          {"ALTER TABLE item ALTER v TYPE varchar(20)", "was text and is character varying(20)"},
          {"ALTER TABLE item RENAME v TO w", "(id, v) and are (id, w)"},
          {"ALTER TABLE item REPLICA IDENTITY FULL", "has become FULL"},
          {"ALTER TABLE item RENAME TO thing", "public.thing"}
        }) {
      try (var other = ReplicationFixture.between(15, 15)) {
        other
            .schema(
                "CREATE TABLE item (id int PRIMARY KEY, v text); INSERT INTO item VALUES (1, 'v')")
            .start()
            .run(change[0])
            .run(change[0].endsWith("thing") ? "DELETE FROM thing" : "DELETE FROM item");
        assertThat(other.failure()).hasMessageContaining(change[1]);
      }
    }
  }

  @Test
  void stopsWhenItsSlotIsGone() throws Exception {
    items();
    fixture.source.executeAsSuperuser(
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()");
    fixture.start();
    assertFailed(ErrorCode.SLOT_MISSING);
  }

  @Test
  void stopsWhenTheSourceEndsItsSessions() throws Exception {
    items();
    fixture.start().syncAndCompare();
    fixture.source.executeAsSuperuser(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
    assertFailed(ErrorCode.CONNECTION_LOST);
    fixture.stop();
    fixture.start().run("DELETE FROM item WHERE id = 3").syncAndCompare();
  }

  @Test
  void continuesFromWhereItWasStopped() throws Exception {
    fixture
        .schema("CREATE TABLE log (v int); ALTER TABLE log REPLICA IDENTITY FULL")
        .start()
        .run("INSERT INTO log SELECT generate_series(1, 50)")
        .sync();
    for (int i = 0; i < 3; i++) {
      fixture.stop();
      fixture.run("INSERT INTO log VALUES (" + i + ")").start();
      fixture.run("INSERT INTO log VALUES (" + i + ")");
    }
    fixture.syncAndCompare();
    assertThat(fixture.target.number("SELECT count(*) FROM log")).isEqualTo(56);
  }

  @Test
  void stopsSoonWhileTheTargetIsLocked() throws Exception {
    items();
    fixture.start();
    try (var locker = fixture.target.writer()) {
      locker.setAutoCommit(false);
      Sql.execute(locker, "LOCK TABLE item");
      fixture.run("UPDATE item SET v = 'x'");
      Sql.queryText(locker, "SELECT 1");
      assertStopsSoon();
      locker.rollback();
    }
    fixture.start().syncAndCompare();
  }

  @Test
  void stopsSoonWithABatchUnderWayAndMoreAtHand() throws Exception {
    fixture.memory(1 << 20).schema("CREATE TABLE item (id int PRIMARY KEY, v text)");
    backlog();
    try (var locker = fixture.target.writer();
        var watcher = fixture.target.superuser()) {
      locker.setAutoCommit(false);
      Sql.execute(locker, "LOCK TABLE item");
      Sql.queryText(locker, "SELECT 1");
      fixture.start();
      awaitWhoWaitsForLock(watcher);
      assertStopsSoon();
      locker.rollback();
    }
    fixture.start().syncAndCompare();
  }

  @Test
  void namesTheTransactionOfABatchUnderWay() throws Exception {
    fixture.memory(1 << 20).schema("CREATE TABLE item (id int PRIMARY KEY, v text)");
    fixture.target.execute("INSERT INTO item VALUES (2050, 'stranger')");
    backlog();
    fixture.start();
    assertFailed(ErrorCode.CONSTRAINT_VIOLATED)
        .satisfies(
            e ->
                assertThat(e.what())
                    .contains("public.item", "item_pkey", "committed at ")
                    .doesNotContain("committed at 0/0"));
    assertThat(fixture.target.text("SELECT count(*) || ' ' || max(id) FROM item"))
        .contains("2001 2050");
    fixture.stop();
    fixture.target.execute("DELETE FROM item WHERE id = 2050");
    fixture.start().syncAndCompare();
  }

  private void assertStopsSoon() {
    long started = System.nanoTime();
    fixture.stop();
    assertThat(System.nanoTime() - started).isLessThan(20_000_000_000L);
  }

  private static void awaitWhoWaitsForLock(Connection watcher) throws SQLException {
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (Sql.queryLong(watcher, "SELECT count(*) FROM pg_locks WHERE NOT granted") == 0) {
      assertThat(System.nanoTime()).isLessThan(deadline);
    }
  }

  /** Fifty transactions of a hundred rows of a kilobyte: with 1 MB of memory, many batches. */
  private void backlog() throws SQLException {
    for (int i = 0; i < 50; i++) {
      fixture.run(
          "INSERT INTO item SELECT %1$d + g, repeat('x', 1000) FROM generate_series(0, 99) AS g"
              .formatted(i * 100));
    }
  }

  @Test
  void triesAgainAfterDeadlock() throws Exception {
    // The applier looks for a deadlock first, and so is the one to give way.
    fixture.target.executeAsSuperuser(
        "ALTER DATABASE " + fixture.target.name() + " SET deadlock_timeout = '5s'");
    fixture
        .schema(
            """
            CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY);
            INSERT INTO a VALUES (1); INSERT INTO b VALUES (1)
            """)
        .start();
    try (var locker = fixture.target.superuser();
        var watcher = fixture.target.superuser()) {
      locker.setAutoCommit(false);
      Sql.execute(locker, "SET deadlock_timeout = '1min'");
      Sql.execute(locker, "LOCK TABLE b");
      fixture.transaction("UPDATE a SET id = 2", "UPDATE b SET id = 2");
      awaitWhoWaitsForLock(watcher);
      Sql.execute(locker, "LOCK TABLE a");
      locker.rollback();
    }
    fixture.syncAndCompare();
  }

  private void items() throws SQLException {
    fixture.schema(
        """
        CREATE TABLE item (id int PRIMARY KEY, v text);
        INSERT INTO item SELECT i, 'v' FROM generate_series(1, 10) i
        """);
  }

  private ObjectAssert<MigrationException> assertFailed(ErrorCode code) throws Exception {
    return assertThat(fixture.failure())
        .asInstanceOf(InstanceOfAssertFactories.type(MigrationException.class))
        .satisfies(e -> assertThat(e.code()).as(e.display()).isEqualTo(code));
  }
}
