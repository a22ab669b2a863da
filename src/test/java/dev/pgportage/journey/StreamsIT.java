package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Sql;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.testing.TestDatabase;
import dev.pgportage.workflow.StatusReport;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A migration in several streams: exact at every position at which it says so. */
class StreamsIT {
  /** The more rows, the earlier divided: the first two are in streams of their own. */
  private static final String TABLES =
      """
      CREATE TABLE item (id serial PRIMARY KEY, v text);
      INSERT INTO item (v) SELECT repeat('i', 50) FROM generate_series(1, 4000);
      CREATE TABLE "Or ""der" (id serial PRIMARY KEY, item int REFERENCES item, v text);
      INSERT INTO "Or ""der" (item, v) SELECT i, 'o' FROM generate_series(1, 3000) i;
      CREATE TABLE stock (id int, n int, PRIMARY KEY (id));
      INSERT INTO stock SELECT i, 0 FROM generate_series(1, 2000) i;
      CREATE TABLE parted (id int, kind text, v text, PRIMARY KEY (id, kind))
        PARTITION BY LIST (kind);
      CREATE TABLE parted_a PARTITION OF parted FOR VALUES IN ('a');
      CREATE TABLE parted_b PARTITION OF parted FOR VALUES IN ('b');
      INSERT INTO parted SELECT i, CASE i % 2 WHEN 0 THEN 'a' ELSE 'b' END, 'p'
        FROM generate_series(1, 1500) i;
      CREATE TABLE late (id int, kind text NOT NULL CHECK (kind = 'c'), v text,
        PRIMARY KEY (id, kind));
      INSERT INTO late SELECT i, 'c', 'l' FROM generate_series(1, 1000) i;
      CREATE TABLE bag (v text);
      ALTER TABLE bag REPLICA IDENTITY FULL;
      INSERT INTO bag SELECT 'b' || i % 10 FROM generate_series(1, 500) i;
      """;

  private static final String STREAM_OF =
      """
      SELECT string_agg(DISTINCT pubname, ' ') FROM pg_publication_tables WHERE tablename = '%s'
      """;

  @Test
  void endsExactWhateverHappensOnTheWay() throws Exception {
    try (var journey = Journey.between(15, 17).set("apply.streams", "3").set("ddl", "apply")) {
      TestDatabase source = journey.source().execute(TABLES);
      try (var writer = new Writer(source)) {
        for (CrashPoint point :
            List.of(CrashPoint.STREAMS_AFTER_PUBLICATION, CrashPoint.STREAMS_AFTER_SLOT)) {
          journey.program("migrate", "--until-ready").dieAt(point, 2);
        }
        journey.program("migrate", "--until-ready").dieAt(CrashPoint.LOAD_AFTER_CHUNK_COMMIT, 3);
        journey.program("migrate", "--until-ready").dieAt(CrashPoint.APPLY_AFTER_COMMIT, 5);
        try (var live = journey.program("migrate").start()) {
          live.awaitOutput("Step ready begins");
          writer.pauseFor(30);
          live.signal("KILL");
        }
        try (var running = journey.start().awaitReady()) {
          divides(journey);
          source.execute("TRUNCATE item CASCADE; INSERT INTO item (id, v) VALUES (1, 'anew')");
          source.execute("ALTER TABLE \"Or \"\"der\" ADD added int DEFAULT 7, DROP v");
          source.execute("CREATE TABLE fresh (id serial PRIMARY KEY, v text)");
          source.execute("ALTER TABLE parted ATTACH PARTITION late FOR VALUES IN ('c')");
          writer.alsoWrites("INSERT INTO fresh (v) SELECT 'f' FROM generate_series(1, 3)");
          writer.alsoWrites("UPDATE parted SET v = v || 'x' WHERE id % 50 = 3");
          writer.pauseFor(30);
          awaitFollowed(journey, running);
          source.number(
              """
              SELECT count(pg_terminate_backend(active_pid)) FROM pg_replication_slots
              WHERE slot_name LIKE '%_s2' AND database = current_database()
              """);
          writer.pauseFor(30);
          assertThat(journey.validated(0).at("/equal").asBoolean(true)).isTrue();
          writer.close();
          running.requireRunning();
          journey.cutOver();
          running.await();
        }
      }
      assertThat(source.number("SELECT count(*) FROM fresh")).isPositive();
      journey.assertArrived().cleanUp();
    }
  }

  /** Each table is in one stream, tables that are tied in the same; who looks sees each stream. */
  private static void divides(Journey journey) throws SQLException {
    TestDatabase source = journey.source();
    String first = "pgportage_" + journey.config().name();
    for (String table : List.of("item", "Or \"der", "stock", "parted_a", "late", "bag")) {
      assertThat(source.text(STREAM_OF.formatted(table)).orElseThrow())
          .as(table)
          .startsWith(first)
          .doesNotContain(" ");
    }
    assertThat(source.text(STREAM_OF.formatted("parted_b")))
        .isEqualTo(source.text(STREAM_OF.formatted("parted_a")));
    assertThat(source.text(STREAM_OF.formatted("Or \"der")))
        .isNotEqualTo(source.text(STREAM_OF.formatted("item")));
    assertThat(source.text(STREAM_OF.formatted("late")))
        .isNotEqualTo(source.text(STREAM_OF.formatted("parted_a")));
    StatusReport status = journey.migration().status();
    assertThat(status.streams())
        .extracting(StatusReport.Stream::slot)
        .containsExactly(first, first + "_s2", first + "_s3");
    assertThat(status.streams().stream().mapToLong(StatusReport.Stream::tables).sum()).isEqualTo(7);
    assertThat(journey.program("status").run().output())
        .contains("WAL held back")
        .contains(first + "_s3");
  }

  @Test
  void keepsForeignKeysInOneStreamWhereTheyAreChecked() throws Exception {
    try (var journey =
        Journey.of(TestDatabase.source(15), TestDatabase.plainTarget(17))
            .set("apply.streams", "8")) {
      TestDatabase source = journey.source().execute(TABLES);
      journey.toReady();
      assertThat(source.text(STREAM_OF.formatted("Or \"der")))
          .isEqualTo(source.text(STREAM_OF.formatted("item")));
      // item with the orders, stock, parted, late, bag.
      assertThat(journey.migration().status().streams()).hasSize(5);
      assertThat(
              journey
                  .target()
                  .text("SELECT message FROM pgportage.event WHERE kind = 'streams.fewer'"))
          .hasValueSatisfying(text -> assertThat(text).contains("streams made: 5"));
      try (var writer = new Writer(source)) {
        writer.pauseFor(20);
        writer.close();
      }
      journey.cutOver().assertArrived().cleanUp();
    }
  }

  @Test
  void namesTheSlotThatIsGoneAndSetsTheSourceFree() throws Exception {
    try (var journey = Journey.between(15, 15).set("apply.streams", "2")) {
      TestDatabase source = journey.source().execute(TABLES);
      journey.toReady();
      String second = "pgportage_" + journey.config().name() + "_s2";
      source.executeAsSuperuser("SELECT pg_drop_replication_slot('" + second + "')");
      assertThatThrownBy(journey::toReady)
          .isInstanceOfSatisfying(
              MigrationException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.SLOT_MISSING);
                assertThat(e.what()).contains(second);
              });
      journey.migration().emergencyStop();
      assertThat(Contents.traces(source)).isEmpty();
      assertThat(journey.migration().cleanup().left()).isEmpty();
      journey.assertClean();
    }
  }

  /**
   * A transaction larger than a stream's memory and spool: the other stream is not kept waiting.
   */
  @Test
  void goesOnWhenTheSpoolOfOneStreamIsFull() throws Exception {
    try (var journey =
        Journey.between(15, 17)
            .set("apply.streams", "2")
            .set("apply.batch_size", "1MB")
            .set("spool.max_size", "1MB")) {
      TestDatabase source = journey.source().execute(TABLES);
      journey.migration().makeSchema(false);
      try (Connection lock = journey.target().superuser();
          var running = journey.start()) {
        lock.setAutoCommit(false);
        Sql.execute(lock, "LOCK TABLE public.bag IN ACCESS EXCLUSIVE MODE");
        awaitAtLeastOne(
            journey.target(),
            running,
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'bag'::regclass");
        source.execute(
            """
            INSERT INTO item (v) SELECT repeat(md5(i::text), 20) FROM generate_series(1, 20000) i;
            UPDATE "Or ""der" SET v = 'changed'
            """);
        String mark = source.text("SELECT pg_logical_emit_message(true, 'x', '')").orElseThrow();
        String told =
            "SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'pgportage_%s' AND confirmed_flush_lsn %s '%s'";
        String name = journey.config().name();
        awaitAtLeastOne(source, running, told.formatted(name + "_s2", ">=", mark));
        awaitAtLeastOne(
            journey.target(),
            running,
            "SELECT count(*) FROM pgportage.event WHERE kind = 'spool.full'");
        assertThat(source.number(told.formatted(name, "<", mark))).isOne();
        lock.rollback();
        running.awaitReady();
        journey.validated(0);
        journey.cutOver();
        running.await();
      }
      journey.assertArrived().cleanUp();
    }
  }

  private static void awaitAtLeastOne(TestDatabase where, Running running, String count)
      throws Exception {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    while (where.number(count) == 0) {
      running.requireRunning();
      assertThat(System.nanoTime()).as(count).isLessThan(end);
      Thread.sleep(50);
    }
  }

  private static void awaitFollowed(Journey journey, Running running) throws Exception {
    TestDatabase target = journey.target();
    awaitAtLeastOne(
        target,
        running,
        "SELECT count(*) FROM pg_inherits WHERE inhrelid = to_regclass('public.late')");
    awaitAtLeastOne(target, running, "SELECT count(*) FROM pg_tables WHERE tablename = 'fresh'");
    journey.awaitPhase("ready");
  }

  /**
   * Transactions that each touch tables of all streams, each as much of its rows, so that the
   * division is the same whenever it is made.
   */
  private static final class Writer implements AutoCloseable {
    private static final List<String> STATEMENTS =
        List.of(
            "INSERT INTO item (v) SELECT 'new' FROM generate_series(1, 40)",
            "INSERT INTO \"Or \"\"der\" (item)"
                + " SELECT max(id) FROM item, generate_series(1, 30) GROUP BY generate_series",
            "UPDATE stock SET n = n + 1 WHERE id % 100 = %d",
            "DELETE FROM \"Or \"\"der\" WHERE id % 900 = %d",
            "UPDATE parted SET v = 'p%d' WHERE id % 100 = %1$d",
            "UPDATE late SET v = 'l%d' WHERE id % 100 = %1$d",
            "INSERT INTO bag VALUES ('b%d')",
            "DELETE FROM bag WHERE v = 'b%d'");

    private final TestDatabase source;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final AtomicInteger transactions = new AtomicInteger();
    private final java.util.concurrent.CopyOnWriteArrayList<String> more =
        new java.util.concurrent.CopyOnWriteArrayList<>();
    private final CompletableFuture<Void> work;

    Writer(TestDatabase source) {
      this.source = source;
      work = CompletableFuture.runAsync(this::write);
    }

    void alsoWrites(String statement) {
      more.add(statement);
    }

    private void write() {
      try (Connection connection = source.writer()) {
        connection.setAutoCommit(false);
        for (int i = 1; !closing.get(); i++) {
          for (String statement : STATEMENTS) {
            Sql.execute(connection, statement.replace("% ", "%% ").formatted(i % 20));
          }
          for (String statement : more) {
            Sql.execute(connection, statement);
          }
          connection.commit();
          transactions.incrementAndGet();
          Thread.sleep(Duration.ofMillis(5));
        }
      } catch (SQLException | InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    /** Returns after so many more transactions. */
    void pauseFor(int count) throws InterruptedException {
      int until = transactions.get() + count;
      while (transactions.get() < until) {
        if (work.isDone()) {
          work.join();
          throw new AssertionError("The writer has ended");
        }
        Thread.sleep(10);
      }
    }

    @Override
    public void close() {
      closing.set(true);
      work.join();
    }
  }
}
