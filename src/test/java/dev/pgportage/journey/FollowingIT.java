package dev.pgportage.journey;

import static dev.pgportage.ErrorCode.SCHEMA_CHANGED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlStates;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.testing.TestDatabase;
import dev.pgportage.workflow.PendingChange;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The source's schema changes under way, while it is written to, and the target follows. */
class FollowingIT {
  private static final String TABLES =
      """
      CREATE SEQUENCE tick;
      CREATE TYPE mood AS ENUM ('calm');
      CREATE TABLE grows (id int PRIMARY KEY DEFAULT nextval('tick'), v text);
      CREATE TABLE valued (id int PRIMARY KEY DEFAULT nextval('tick'), v text);
      CREATE TABLE shrinks (id int PRIMARY KEY DEFAULT nextval('tick'), v text, gone text);
      CREATE TABLE "Re ""named\""" (id int PRIMARY KEY DEFAULT nextval('tick'), v text);
      CREATE TABLE before (id int PRIMARY KEY DEFAULT nextval('tick'), v text);
      CREATE TABLE typed (id int PRIMARY KEY DEFAULT nextval('tick'), v varchar(40), n int);
      CREATE TABLE strict (id int PRIMARY KEY DEFAULT nextval('tick'), v text, n int);
      CREATE TABLE loose (id int PRIMARY KEY DEFAULT nextval('tick'), v text NOT NULL UNIQUE,
        n int CHECK (n > 0), m mood);
      CREATE TABLE dropped (id int PRIMARY KEY DEFAULT nextval('tick'), v text);
      CREATE TABLE anew (id int PRIMARY KEY DEFAULT nextval('tick'), v text);
      CREATE TABLE parted (id int NOT NULL DEFAULT nextval('tick'), v text, PRIMARY KEY (id, v))
        PARTITION BY LIST (v);
      CREATE TABLE early PARTITION OF parted FOR VALUES IN ('a');
      CREATE VIEW seen AS SELECT id, v FROM typed;
      CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n + n';
      """;

  private static final List<String> CHANGES =
      List.of(
          "ALTER TABLE grows ADD plain text",
          "ALTER TABLE valued ADD worth numeric NOT NULL DEFAULT 1.50",
          "ALTER TABLE shrinks DROP gone",
          "ALTER TABLE \"Re \"\"named\"\"\" RENAME v TO \"Val\"\"ue\"",
          "ALTER TABLE before RENAME TO after",
          "ALTER TABLE valued ADD drawn float8 DEFAULT random()",
          "DROP VIEW seen; ALTER TABLE typed ALTER v TYPE text USING upper(v), ALTER n TYPE bigint;"
              + " CREATE VIEW seen AS SELECT id, v, n FROM typed",
          "BEGIN; LOCK strict; UPDATE strict SET n = 0 WHERE n IS NULL; ALTER TABLE strict ALTER n SET DEFAULT 7,"
              + " ALTER n SET NOT NULL, ADD CONSTRAINT sane CHECK (n >= 0); COMMIT",
          "ALTER TABLE loose ALTER v DROP NOT NULL, DROP CONSTRAINT loose_v_key,"
              + " DROP CONSTRAINT loose_n_check",
          "ALTER TYPE mood ADD VALUE 'wild' BEFORE 'calm'",
          "CREATE TABLE fresh (id int PRIMARY KEY DEFAULT nextval('tick'), v text, m mood,"
              + " of int REFERENCES shrinks)",
          "DROP TABLE dropped",
          "DROP TABLE anew;"
              + " CREATE TABLE anew (id int PRIMARY KEY DEFAULT nextval('tick'), v text, x int)",
          "CREATE INDEX by_v ON grows (v); CREATE UNIQUE INDEX single ON strict (id, n)",
          "CREATE TABLE late PARTITION OF parted FOR VALUES IN ('b');"
              + " ALTER TABLE parted ADD more int DEFAULT 3",
          "CREATE TABLE keyless (v text)",
          "CREATE OR REPLACE FUNCTION twice(n int) RETURNS int LANGUAGE sql IMMUTABLE"
              + " AS 'SELECT 2 * n'");

  private static final List<String> WRITES =
      List.of(
          "INSERT INTO grows (v) VALUES (md5(random()::text))",
          "UPDATE grows SET plain = v WHERE id % 7 = 0 AND plain IS NULL",
          "INSERT INTO valued (v) VALUES ('x')",
          "UPDATE valued SET worth = id WHERE id % 5 = 0",
          "INSERT INTO shrinks (v) VALUES ('x')",
          "INSERT INTO \"Re \"\"named\"\"\" DEFAULT VALUES",
          "INSERT INTO before (v) VALUES ('x')",
          "INSERT INTO after (v) VALUES ('y')",
          "INSERT INTO typed (v, n) VALUES ('abc', 1)",
          "UPDATE typed SET n = n + 1 WHERE id % 3 = 0",
          "INSERT INTO strict (v) VALUES ('x')",
          "INSERT INTO loose (v, n, m) VALUES (NULL, -1, 'wild')",
          "INSERT INTO loose (v, n, m) VALUES (gen_random_uuid(), 1, 'calm')",
          "INSERT INTO loose (v, n) VALUES ('same', 0)",
          "INSERT INTO dropped (v) VALUES ('x')",
          "INSERT INTO anew (v) VALUES ('x')",
          "INSERT INTO fresh (v, m, of) SELECT 'x', 'calm', max(id) FROM shrinks",
          "UPDATE fresh SET v = v || '!' WHERE id % 2 = 0",
          "INSERT INTO parted (v) VALUES ('a')",
          "INSERT INTO parted (v) VALUES ('b')",
          "INSERT INTO keyless (v) VALUES ('x')");

  @Tag("long")
  @Test
  void endsExactWhenEveryChangeIsMadeAtOnce() throws Exception {
    try (var journey = Journey.between(15, 15).set("ddl", "apply")) {
      journey.source().execute(TABLES);
      try (var writer = new Writer(journey.source());
          var running = journey.start().awaitStep("slot")) {
        for (String change : CHANGES) {
          writer.pauseFor(15);
          change(journey.source(), change);
        }
        writer.pauseFor(30);
        cutOver(journey);
        running.await();
      }
      journey.assertArrived().cleanUp();
    }
  }

  @Test
  void waitsForAnApprovalOfJustWhatWasShown() throws Exception {
    try (var journey = Journey.of(TestDatabase.source(15), TestDatabase.plainTarget(17))) {
      journey.source().execute(TABLES);
      try (var writer = new Writer(journey.source());
          var running = journey.start().awaitReady()) {
        CHANGES.forEach(change -> change(journey.source(), change));
        PendingChange shown = awaitPending(journey, running);
        journey.source().execute("ALTER TABLE shrinks ADD again int");
        awaitPending(journey, running, shown.digest());
        assertThatExceptionOfType(MigrationException.class)
            .isThrownBy(() -> journey.migration().approveChange(shown.digest()))
            .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.WRONG_STEP));
        assertThatExceptionOfType(MigrationException.class)
            .isThrownBy(journey::cutOver)
            .satisfies(e -> assertThat(e.code()).isIn(ErrorCode.NOT_READY, SCHEMA_CHANGED));
        journey.source().execute("ALTER TABLE typed DROP CONSTRAINT typed_pkey");
        awaitWritable(journey.source());
        assertThat(columns(journey, "grows")).doesNotContain("plain");
        assertThat(columns(journey, "shrinks")).contains("gone");
        var approved = journey.program("approve-ddl", "--yes").run();
        assertThat(approved.output()).contains("Approved", "again");
        writer.pauseFor(5);
        cutOver(journey);
        running.await();
      }
      journey.assertArrived().cleanUp();
    }
  }

  /** Publishing a table without a key would make the application's UPDATE fail. */
  private static void awaitWritable(TestDatabase source) {
    long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (true) {
      try {
        source.execute("UPDATE typed SET n = n + 1");
        return;
      } catch (SQLException e) {
        assertThat(System.nanoTime()).as(e.getMessage()).isLessThan(end);
        Writer.sleep();
      }
    }
  }

  private static PendingChange awaitPending(Journey journey, Running running, String... others) {
    long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (true) {
      Optional<PendingChange> pending = journey.migration().pendingChange();
      if (pending.filter(p -> !List.of(others).contains(p.digest())).isPresent()) {
        return pending.get();
      }
      running.requireRunning();
      assertThat(System.nanoTime()).as("nothing waits").isLessThan(end);
      Writer.sleep();
    }
  }

  private static String columns(Journey journey, String table) throws SQLException {
    return journey
        .target()
        .text(
            "SELECT string_agg(attname, ' ') FROM pg_attribute WHERE NOT attisdropped AND attrelid"
                + " = '"
                + table
                + "'::regclass")
        .orElseThrow();
  }

  @Test
  void endsExactWhenKilledAtEachOfItsCommits() throws Exception {
    try (var journey = Journey.between(15, 15).set("ddl", "apply")) {
      journey.source().execute(TABLES);
      journey.toReady();
      try (var writer = new Writer(journey.source())) {
        CHANGES.forEach(change -> change(journey.source(), change));
        writer.pauseFor(5);
        for (CrashPoint point :
            List.of(
                CrashPoint.DDL_BEFORE_COMMIT,
                CrashPoint.DDL_AFTER_COMMIT,
                CrashPoint.DDL_AFTER_PUBLICATION)) {
          journey.program("migrate", "--until-ready").dieAt(point, 1);
        }
        journey.toReady().cutOver();
      }
      journey.assertArrived().cleanUp();
    }
  }

  @Test
  void goesOnWhenAFiltersTableIsDropped() throws Exception {
    try (var journey =
        Journey.between(15, 15)
            .set("ddl", "apply")
            .set("filters.include", "public.*, public.dropped")
            .set("filters.exclude", "public.left_*")) {
      journey
          .source()
          .execute(
              "CREATE TABLE stays (id int); CREATE TABLE dropped (id int PRIMARY KEY);"
                  + " CREATE TABLE left_out (id int)");
      journey.toReady();
      journey.source().execute("DROP TABLE left_out, dropped");
      journey.toReady();
      assertThat(
              journey
                  .target()
                  .text(
                      "SELECT string_agg(message, '; ') FROM pgportage.event WHERE kind LIKE 'filters%'"))
          .hasValueSatisfying(
              told ->
                  assertThat(told)
                      .contains("'public.dropped' matches no table or sequence")
                      .contains("'public.left_*' matches no table or sequence"));
      assertThat(journey.migration().assess().blocks()).isFalse();
      journey.cutOver().assertArrived();
      assertThat(journey.migration().schemaDiff().unexplained()).isEmpty();
      journey.cleanUp();
    }
  }

  private static void change(TestDatabase source, String change) {
    for (int attempt = 1; ; attempt++) {
      try {
        source.execute(change);
        return;
      } catch (SQLException e) {
        if (attempt == 5 || !SqlStates.isTransient(e)) {
          throw new AssertionError(change, e);
        }
      }
    }
  }

  private static void cutOver(Journey journey) {
    long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
    while (true) {
      try {
        journey.cutOver();
        return;
      } catch (MigrationException e) {
        assertThat(e.code()).as(e.display()).isIn(ErrorCode.NOT_READY, SCHEMA_CHANGED);
        assertThat(System.nanoTime()).as(e.display()).isLessThan(end);
        Writer.sleep();
      }
    }
  }

  /** Writes to whatever of the tables is there. */
  private static final class Writer implements AutoCloseable {
    private final TestDatabase source;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final AtomicLong rounds = new AtomicLong();
    private final Thread thread = new Thread(this::run, "writer");

    Writer(TestDatabase source) {
      this.source = source;
      thread.start();
    }

    private void run() {
      while (!closing.get()) {
        try (Connection connection = source.writer()) {
          while (!closing.get()) {
            for (String write : WRITES) {
              write(connection, write);
            }
            rounds.incrementAndGet();
            sleep();
          }
        } catch (SQLException e) {
          sleep();
        }
      }
    }

    private static void write(Connection connection, String write) throws SQLException {
      try {
        Sql.execute(connection, write);
      } catch (SQLException e) {
        if (connection.isClosed()) {
          throw e;
        }
      }
    }

    void pauseFor(int more) {
      long wanted = rounds.get() + more;
      while (rounds.get() < wanted) {
        sleep();
      }
    }

    static void sleep() {
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void close() throws InterruptedException {
      closing.set(true);
      thread.join();
    }
  }
}
