package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.pgportage.pg.Sql;
import dev.pgportage.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program that is handed out, command by command, as its user types them. */
class CommandsIT {
  private static final String TABLES =
      """
      CREATE TABLE item (id int PRIMARY KEY, v text);
      INSERT INTO item SELECT i, repeat('v', 200) FROM generate_series(1, 20000) i;
      CREATE TABLE held (id serial PRIMARY KEY, v text);
      INSERT INTO held (v) SELECT 'held' FROM generate_series(1, 1000) i;
      CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE TRIGGER touched BEFORE INSERT ON item FOR EACH ROW EXECUTE FUNCTION touch();
      """;

  private static final String SCHEMA_MADE =
      "SELECT count(*) FROM pgportage.step WHERE name = 'schema' AND finished_at IS NOT NULL";
  private static final String COPY_WAITS =
      "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'public.held'::regclass";

  @TempDir private Path directory;

  @Test
  void carriesADatabaseFromInitToCleanup() throws Exception {
    try (var journey = Journey.between(15, 18)) {
      journey.source().execute(TABLES);
      assertThat(init(journey)).contains("PGPORTAGE_SOURCE_PASSWORD", "Next: pgportage assess");
      edit("# workers: 4", "workers: 2");
      assertThat(done("assess"))
          .contains("not simply made as it is", "1 made later", "Nothing blocks.");
      assertThat(done("assess", "--objects")).containsPattern("TRIGGER .*touched +made later");
      JsonNode assessed = json("assess");
      assertThat(assessed.path("inventory").path("tables")).hasSize(2);
      assertThat(assessed.path("inventory").path("schema").toString()).contains("touched");
      assertThat(done("migrate", "--until-ready")).contains("READY.");
      journey.source().execute("INSERT INTO held (v) VALUES ('meanwhile')");
      assertThat(done("status")).contains("READY since", "Not running");
      assertThat(json("status").path("phase").asText()).isEqualTo("ready");
      assertThat(done("validate")).contains("Equal: 21,001 rows in 2 tables");
      assertThat(
              journey
                  .target()
                  .number("SELECT count(*) FROM pgportage.request WHERE outcome IS NOT NULL"))
          .as("answers, which may hold keys")
          .isZero();
      assertThat(run("cutover").status()).as("nobody to ask").isEqualTo(2);
      assertThat(done("cutover", "--yes", "--set", "cutover.reverse=off"))
          .contains("Cut over.", "Writes were stopped for");
      assertThat(json("status").path("phase").asText()).isEqualTo("cut-over");
      assertThat(done("cleanup", "--yes")).contains("Clean.");
      assertThat(run("status").status()).isEqualTo(2);
      journey.assertClean();
      journey.assertArrived();
    }
  }

  @Tag("long")
  @Test
  void goesOnAfterItWasStoppedInTheFullLoad() throws Exception {
    // One worker copies the largest table first, so that the lock comes before the held one's turn.
    // It is on a server of its own: making the slot would wait for it.
    try (var journey = Journey.between(15, 16).set("load.workers", "1")) {
      journey
          .source()
          .execute(
              TABLES
                  + "INSERT INTO item SELECT i, repeat('v', 500)"
                  + " FROM generate_series(20001, 150000) i");
      try (var live = journey.program("migrate", "--until-ready").packaged().start();
          Connection lock = journey.target().superuser()) {
        live.awaitOutput("Step schema begins");
        awaitOne(journey.target(), SCHEMA_MADE);
        lock.setAutoCommit(false);
        Sql.execute(lock, "LOCK TABLE public.held IN ACCESS EXCLUSIVE MODE");
        awaitOne(journey.target(), COPY_WAITS);
        assertStopped(live.signal("INT"));
      }
      journey.source().execute("UPDATE item SET v = 'new' WHERE id % 100 = 0");
      assertGoesOn(journey);
    }
  }

  @Test
  void goesOnAfterItWasStoppedWhileReplicating() throws Exception {
    try (var journey = Journey.between(15, 15)) {
      journey.source().execute(TABLES);
      try (var live = journey.program("migrate").packaged().start()) {
        live.awaitOutput("READY: proven and replicating");
        journey.source().execute("UPDATE item SET v = 'new' WHERE id % 100 = 0");
        var second = journey.program("migrate").packaged().run();
        assertThat(second.status()).as(second.output()).isEqualTo(1);
        assertThat(second.output()).contains("LEASE_HELD: ", "Stop it first");
        assertStopped(live.signal("TERM"));
      }
      journey.source().execute("DELETE FROM item WHERE id % 100 = 1");
      assertGoesOn(journey);
    }
  }

  private static void assertStopped(Program.Live live) {
    long began = System.nanoTime();
    Program.Ended ended = live.end();
    assertThat(ended.status()).as(ended.output()).isEqualTo(4);
    assertThat(ended.output())
        .contains("INTERRUPTED: ", "Run the same command again: it continues where it stopped.")
        .doesNotContain("without waiting longer");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(15));
  }

  private static void assertGoesOn(Journey journey) throws Exception {
    var again = journey.program("migrate", "--until-ready").packaged().run();
    assertThat(again.status()).as(again.output()).isZero();
    journey.cutOver().cleanUp().assertArrived();
  }

  private static void awaitOne(TestDatabase database, String count) throws Exception {
    long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (database.number(count) == 0) {
      assertThat(System.nanoTime()).as(count).isLessThan(end);
      Thread.sleep(5);
    }
  }

  private String init(Journey journey) {
    var ended =
        Program.of(
                List.of(
                    "init",
                    "--config",
                    file().toString(),
                    "--source",
                    journey.source().url(),
                    "--target",
                    journey.target().url()))
            .packaged()
            .run();
    assertThat(ended.status()).as(ended.output()).isZero();
    return ended.output();
  }

  private Path file() {
    return directory.resolve("migration.yaml");
  }

  private void edit(String line, String replacement) throws IOException {
    String text = Files.readString(file());
    assertThat(text).contains(line).doesNotContain(TestDatabase.PASSWORD, "p%40ss");
    Files.writeString(file(), text.replace("# load:", "load:").replace(line, replacement));
  }

  private Program.Ended run(String command, String... options) {
    var line = new ArrayList<>(List.of(command, "--config", file().toString()));
    line.addAll(List.of(options));
    var ended =
        Program.of(line)
            .packaged()
            .with("PGPORTAGE_SOURCE_PASSWORD", TestDatabase.PASSWORD)
            .with("PGPORTAGE_TARGET_PASSWORD", TestDatabase.PASSWORD)
            .run();
    assertThat(ended.output()).doesNotContain(TestDatabase.PASSWORD, "p%40ss", "\tat ");
    return ended;
  }

  /** What a command printed that ended well. */
  private String done(String command, String... options) {
    var ended = run(command, options);
    assertThat(ended.status()).as(ended.output()).isZero();
    return ended.output();
  }

  private JsonNode json(String command) throws IOException {
    JsonNode answer = new JsonMapper().readTree(done(command, "--output", "json"));
    assertThat(answer.path("command").asText()).isEqualTo(command);
    assertThat(answer.path("exit_status").asInt()).isZero();
    return answer.path("result");
  }
}
