package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.flink.KeptJob;
import dev.pgportage.testing.FlinkCluster;
import dev.pgportage.testing.TestDatabase;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Load and proof by workers in a real cluster of Flink: one JobManager, two TaskManagers, and
 * whatever can happen to them and to the process that leads them.
 */
class FlinkIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String TABLES =
      """
      CREATE TABLE big (id int PRIMARY KEY, v text, long text);
      ALTER TABLE big ALTER long SET STORAGE EXTERNAL;
      INSERT INTO big SELECT i, repeat('v', 400), CASE WHEN i % 50 = 0 THEN repeat('l', 4000) END
      FROM generate_series(1, 25000) i;
      CREATE TABLE "Weird ""Täble"" x" (a int, b int, v text, PRIMARY KEY (a, b));
      INSERT INTO "Weird ""Täble"" x" SELECT i, -i, 'w' || i FROM generate_series(1, 5000) i;
      CREATE TABLE bag (v text);
      ALTER TABLE bag REPLICA IDENTITY FULL;
      INSERT INTO bag SELECT repeat('b', 300) FROM generate_series(1, 8000) i;
      CREATE TABLE empty (id int PRIMARY KEY);
      ANALYZE
      """;

  private static FlinkCluster cluster;

  @BeforeAll
  static void start() throws Exception {
    cluster = FlinkCluster.start(2);
  }

  @AfterAll
  static void end() throws Exception {
    cluster.close();
  }

  @Test
  void loadsAndProvesWhileTheApplicationWrites() throws Exception {
    try (var journey = session("0B")) {
      try (var live = journey.program("migrate", "--until-ready").start()) {
        live.awaitOutput("does chunks with up to");
        journey.source().execute("UPDATE big SET v = 'later' WHERE id % 100 = 0");
        var ended = live.end();
        assertThat(ended.status()).as(() -> ended.output() + logs()).isZero();
        assertThat(ended.output()).doesNotContain("job-lost");
      }
      assertThat(proofs(journey)).as("each table equal").isEqualTo(4);
      assertThat(cluster.shown()).doesNotContain(TestDatabase.PASSWORD, "p%40ss", "p@ss");
      assertThat(cluster.logs()).doesNotContain(TestDatabase.PASSWORD, "p%40ss");
      journey.target().executeAsSuperuser("UPDATE big SET v = 'spoilt' WHERE id = 7");
      var spoilt = journey.program("validate").run();
      assertThat(spoilt.status()).as(() -> spoilt.output() + logs()).isEqualTo(3);
      assertThat(spoilt.output()).contains("(7)", "1 differing");
      journey.target().executeAsSuperuser("UPDATE big SET v = repeat('v', 400) WHERE id = 7");
      journey.cutOver().assertArrived().cleanUp();
    }
  }

  @Tag("long")
  @Test
  void outlivesALostTaskManagerOneThatSleepsAndItsOwnDeath() throws Exception {
    try (var journey = session("3MB")) {
      try (var live = journey.program("migrate", "--until-ready").start()) {
        awaitChunks(journey, 3);
        FlinkCluster.signal(cluster.taskManager(0), "KILL");
        cluster.addTaskManager();
        awaitChunks(journey, 5);
        // The process that leads them dies; the snapshot dies with it.
        live.signal("KILL");
      }
      try (var live = journey.program("migrate", "--until-ready").start()) {
        live.awaitOutput("does chunks with up to");
        awaitTaken(journey);
        Process sleeper = cluster.taskManager(1);
        FlinkCluster.signal(sleeper, "STOP");
        String taken = "SELECT count(*) FROM pgportage.round_chunk WHERE attempt > 1";
        await(() -> journey.target().number(taken) > 0, "A chunk is taken over", live);
        FlinkCluster.signal(sleeper, "CONT");
        var ended = live.end();
        assertThat(ended.status()).as(() -> ended.output() + logs()).isZero();
      }
      cluster.awaitTaskManagers(2);
      journey.cutOver().assertArrived().cleanUp();
    }
  }

  @Tag("long")
  @Test
  void doesRoundsByAJobThatOthersKeepOnceItMayLogIn() throws Exception {
    try (var journey = journey("0B").set("load.workers", "2")) {
      try (var _ = kept(journey, "nobody")) {
        var refused = journey.program("migrate", "--until-ready").run();
        assertThat(refused.status()).as(() -> refused.output() + logs()).isEqualTo(1);
        assertThat(refused.output())
            .contains("AUTHENTICATION_FAILED", "source nobody@")
            .doesNotContain(TestDatabase.PASSWORD);
      }
      doRounds(journey);
    }
  }

  @Tag("long")
  @Test
  void isExactWhenTheJobManagerIsLost() throws Exception {
    try (var journey = session("3MB");
        var live = journey.program("migrate", "--until-ready").start()) {
      awaitChunks(journey, 3);
      cluster.replaceJobManager();
      var ended = live.end();
      assertThat(ended.status()).as(() -> ended.output() + logs()).isZero();
      assertThat(ended.output()).contains("submitting it again");
      cluster.awaitTaskManagers(2);
      journey.cutOver().assertArrived().cleanUp();
    }
  }

  @Tag("long")
  @Test
  void isExactInAnApplicationClusterThatLosesItsJobManager() throws Exception {
    try (var journey = journey("3MB");
        var application =
            FlinkCluster.application(2, arguments(journey, journey.source().role(), 4))) {
      try (var live = journey.program("migrate", "--until-ready").start()) {
        awaitChunks(journey, 3);
        application.replaceJobManager();
        var ended = live.end();
        assertThat(ended.status()).as(() -> ended.output() + logs(application)).isZero();
      }
      assertThat(proofs(journey)).as("each table equal").isEqualTo(4);
      assertThat(application.shown()).doesNotContain(TestDatabase.PASSWORD, "p%40ss", "p@ss");
      journey.cutOver().assertArrived().cleanUp();
    }
  }

  private static void doRounds(Journey journey) throws Exception {
    try (var kept = kept(journey, journey.source().role())) {
      var ended = journey.program("migrate", "--until-ready").run();
      assertThat(ended.status()).as(() -> ended.output() + logs()).isZero();
      assertThat(kept.state()).isEqualTo("RUNNING");
      journey.cutOver().assertArrived().cleanUp();
    }
  }

  private static KeptJob kept(Journey journey, String sourceRole) {
    return KeptJob.submit(cluster.url(), FlinkCluster.jobJar(), arguments(journey, sourceRole, 2));
  }

  private static List<String> arguments(Journey journey, String sourceRole, int workers) {
    return List.of(
        "--migration", journey.source().name(),
        "--source", withoutPassword(journey.source(), sourceRole),
        "--target", withoutPassword(journey.target(), journey.target().role()),
        "--workers", String.valueOf(workers));
  }

  private static String withoutPassword(TestDatabase database, String role) {
    return "postgresql://%s@127.0.0.1:%d/%s"
        .formatted(role, database.endpoint().port(), database.name());
  }

  private static Journey session(String rate) throws SQLException, IOException {
    return journey(rate)
        .set("executor.flink_url", cluster.url())
        .set("executor.flink_jar", FlinkCluster.jobJar().toString());
  }

  private static Journey journey(String rate) throws SQLException, IOException {
    var journey =
        Journey.between(15, 17)
            .set("load.chunk_size", "1MB")
            .set("load.workers", "4")
            .set("load.max_rate", rate)
            .set("executor.kind", "flink");
    journey.source().execute(TABLES);
    return journey;
  }

  private static long proofs(Journey journey) throws SQLException {
    return journey
        .target()
        .number("SELECT count(*) FROM pgportage.validation WHERE missing + extra + differing = 0");
  }

  private static void awaitChunks(Journey journey, int chunks) throws Exception {
    await(
        () ->
            isBegun(journey)
                && journey.target().number("SELECT count(*) FROM pgportage.chunk") >= chunks,
        chunks + " chunks",
        null);
  }

  private static void awaitTaken(Journey journey) throws Exception {
    await(
        () ->
            journey.target().number("SELECT count(*) FROM pgportage.round_chunk WHERE attempt = 1")
                >= 3,
        "Chunks under way",
        null);
  }

  private static boolean isBegun(Journey journey) throws SQLException {
    return journey.target().text("SELECT to_regclass('pgportage.round_chunk')::text").isPresent();
  }

  @FunctionalInterface
  private interface Condition {
    boolean holds() throws SQLException;
  }

  private static void await(
      Condition condition, String what, Program.@org.jspecify.annotations.Nullable Live live)
      throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > end || (live != null && !live.process().isAlive())) {
        throw new AssertionError(
            what + ": never\n" + (live == null ? "" : live.end().output()) + logs());
      }
      Thread.sleep(50);
    }
  }

  private static String logs() {
    return logs(cluster);
  }

  private static String logs(FlinkCluster of) {
    try {
      return of.logs();
    } catch (IOException e) {
      return e.toString();
    }
  }
}
