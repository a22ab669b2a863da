package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.pgportage.demo.EmbeddedServer;
import dev.pgportage.pg.Sql;
import dev.pgportage.testing.Servers;
import dev.pgportage.testing.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code fleet}: twenty databases between one pair of servers, and one for each of a server's. */
class FleetIT {
  private static final int DATABASES = 20;
  private static final int OCCUPIED = 3;
  private static final int HIDDEN = 7;
  private static final int MISSING = 11;
  private static final String ROWS =
      """
      CREATE TABLE item (id serial PRIMARY KEY, v text);
      INSERT INTO item (v) SELECT repeat('v', i %% 50) FROM generate_series(1, %d) i;
      """;

  @TempDir private Path directory;

  @Test
  void bringsSeventeenOfTwentyAndTheOtherThreeOnceTheyAreMended() throws Exception {
    try (var from = EmbeddedServer.start(many(15));
        var to = EmbeddedServer.start(many(16))) {
      var sources = new ArrayList<TestDatabase>();
      var targets = new ArrayList<TestDatabase>();
      for (int i = 0; i < DATABASES; i++) {
        sources.add(TestDatabase.source(from).execute(ROWS.formatted(100 * i + 1)));
        targets.add(TestDatabase.target(to));
      }
      targets.get(OCCUPIED).execute("CREATE TABLE somebody (id int)");
      sources.get(HIDDEN).executeAsSuperuser("ALTER TABLE item OWNER TO CURRENT_USER");
      Path file = write(sources, targets);

      assertThat(run(file, "plan").output()).contains("20 migrations; at most 6 load at once");
      var first = run(file, "migrate", "--until-ready");
      assertThat(first.status()).as(first.output()).isEqualTo(1);
      assertThat(first.output())
          .contains("17 done, 3 failed", "m3: ", "m7: ", "m11: DATABASE_UNKNOWN")
          .doesNotContain(TestDatabase.PASSWORD);
      for (int i : List.of(0, 1, 19)) {
        sources.get(i).execute("UPDATE item SET v = 'later' WHERE id % 2 = 0");
      }

      targets.get(OCCUPIED).execute("DROP TABLE somebody");
      sources.get(HIDDEN).executeAsSuperuser("ALTER TABLE item OWNER TO app_owner");
      Files.writeString(
          file, Files.readString(file).replace("/nowhere", "/" + targets.get(MISSING).name()));
      var second = run(file, "migrate", "--until-ready");
      assertThat(second.status()).as(second.output()).isZero();
      assertThat(second.output()).contains("20 done");
      assertStatus(file);

      var group = run(file, "cutover", "--group", "first", "--yes");
      assertThat(group.status()).as(group.output()).isZero();
      assertThat(group.output()).contains("10 cut over");
      var rest = run(file, "cutover", "--group", "second", "--at-once", "--yes");
      assertThat(rest.status()).as(rest.output()).isZero();
      var clean = run(file, "cleanup", "--all", "--yes");
      assertThat(clean.status()).as(clean.output()).isZero();
      for (int i = 0; i < DATABASES; i++) {
        String sum =
            "SELECT count(*) || ' ' || md5(string_agg(i::text, ',' ORDER BY id)) FROM item i";
        assertThat(targets.get(i).text(sum))
            .as("database %d", i)
            .isEqualTo(sources.get(i).text(sum));
        assertThat(Contents.traces(sources.get(i))).isEmpty();
        assertThat(Contents.traces(targets.get(i))).isEmpty();
      }
    }
  }

  @Test
  void migratesEachDatabaseOfAServerAndMakesWhatIsMissing() throws Exception {
    try (var from = EmbeddedServer.start(many(15));
        var to = EmbeddedServer.start(many(17));
        var one = TestDatabase.source(from);
        var two = TestDatabase.source(from);
        var there = TestDatabase.target(to)) {
      one.execute(ROWS.formatted(5));
      two.execute(ROWS.formatted(7));
      there.executeAsSuperuser("CREATE ROLE maker LOGIN CREATEDB PASSWORD 'm4ker'");
      Path file = directory.resolve("fleet.yaml");
      Files.writeString(
          file,
          """
          discover:
            source: "%s"
            target: "%s"
            create: missing
            exclude: ["template*"]
          defaults:
            type: full-load
          """
              .formatted(
                  from.url(TestDatabase.SOURCE_ROLE, TestDatabase.PASSWORD, "x")
                      .replace("/x", "/{database}"),
                  to.url("maker", "m4ker", "x").replace("/x", "/{database}")));
      var ended = run(file, "migrate");
      assertThat(ended.status()).as(ended.output()).isZero();
      assertThat(ended.output())
          .contains("Made on the target: " + one.name() + ", " + two.name(), "2 done");
      try (var target = to.superuser(two.name())) {
        assertThat(Sql.queryLong(target, "SELECT count(*) FROM public.item")).isEqualTo(7);
      }
    }
  }

  @Tag("long")
  @Test
  void rollsAllBackAndKeepsOneRecordOfThem() throws Exception {
    try (var one = Journey.reversible(15, 16);
        var two = Journey.reversible(15, 16)) {
      var text = new StringBuilder("migrations:\n");
      for (Journey journey : List.of(one, two)) {
        journey.source().execute(ROWS.formatted(20));
        text.append(
            "  - name: %s\n    source: \"%s\"\n    target: \"%s\"\n"
                .formatted(
                    journey.source().name(), journey.source().url(), journey.target().url()));
      }
      Path file = directory.resolve("fleet.yaml");
      Files.writeString(file, text);
      for (List<String> words :
          List.of(List.of("migrate", "--until-ready"), List.of("cutover", "--all", "--yes"))) {
        var ended = run(file, words.toArray(String[]::new));
        assertThat(ended.status()).as(ended.output()).isZero();
      }
      one.target().execute("INSERT INTO item (v) VALUES ('after')");
      var rolled = run(file, "rollback", "--all", "--at-once", "--yes");
      assertThat(rolled.status()).as(rolled.output()).isZero();
      assertThat(rolled.output()).contains("2 rolled back");
      assertThat(one.source().number("SELECT count(*) FROM item WHERE v = 'after'")).isEqualTo(1);
      Path page = directory.resolve("all.html");
      var record = run(file, "report", "--report", page.toString());
      assertThat(record.status()).as(record.output()).isZero();
      assertThat(Files.readString(page))
          .contains("2 migrations", "none different", one.source().name(), ".html\">record</a>");
      try (var files = Files.list(directory)) {
        assertThat(files.filter(f -> f.getFileName().toString().endsWith(".json"))).hasSize(2);
      }
    }
  }

  @Tag("long")
  @Test
  void endsSoonAndResumablyWhenItIsStopped() throws Exception {
    try (var from = EmbeddedServer.start(many(15));
        var to = EmbeddedServer.start(many(16))) {
      var sources = new ArrayList<TestDatabase>();
      var targets = new ArrayList<TestDatabase>();
      for (int i = 0; i < 4; i++) {
        sources.add(TestDatabase.source(from).execute(ROWS.formatted(10)));
        targets.add(TestDatabase.target(to));
      }
      Path file = write(sources, targets);
      try (var live = program(file, "migrate").start()) {
        live.awaitOutput("4 ready");
        assertBoard(live);
        live.signal("TERM");
        var ended = live.end();
        assertThat(ended.status()).as(ended.output()).isEqualTo(4);
      }
      var again = run(file, "migrate", "--until-ready");
      assertThat(again.status()).as(again.output()).isZero();
    }
  }

  private static void assertBoard(Program.Live live) throws Exception {
    String address =
        Files.readString(live.output())
            .lines()
            .filter(line -> line.startsWith("Dashboard: "))
            .findFirst()
            .orElseThrow()
            .substring("Dashboard: ".length());
    try (HttpClient client = HttpClient.newHttpClient()) {
      var page = client.send(get(address), BodyHandlers.ofString());
      assertThat(page.body()).contains("4 migrations", "m3", "ready");
      assertThat(page.headers().firstValue("Refresh")).isPresent();
      var all = client.send(get(address + "api/v1/fleet"), BodyHandlers.ofString());
      assertThat(new JsonMapper().readTree(all.body()).path("result")).hasSize(4);
      assertThat(client.send(get(address + "other"), BodyHandlers.ofString()).statusCode())
          .isEqualTo(404);
    }
  }

  private static HttpRequest get(String address) {
    return HttpRequest.newBuilder(URI.create(address)).GET().build();
  }

  private static EmbeddedServer.Options many(int major) {
    return Servers.options(major)
        .with("max_replication_slots", "60")
        .with("max_wal_senders", "60")
        .with("max_connections", "300");
  }

  private void assertStatus(Path file) throws IOException {
    Path page = directory.resolve("fleet.html");
    var status = run(file, "status", "--output", "json", "--html", page.toString());
    assertThat(status.status()).as(status.output()).isZero();
    JsonNode parts = new JsonMapper().readTree(status.output()).path("result");
    assertThat(parts).hasSize(DATABASES);
    assertThat(parts.findValuesAsText("phase")).containsOnly("ready");
    assertThat(Files.readString(page)).contains("20 migrations", "m19");
    var one = run(file, "status", "m2");
    assertThat(one.output()).contains("m2").doesNotContain("m3");
    assertThat(run(file, "status", "m99").status()).isEqualTo(2);
    assertThat(run(file, "cutover", "--yes").status()).as("which ones?").isEqualTo(2);
  }

  private Path write(List<TestDatabase> sources, List<TestDatabase> targets) throws IOException {
    var text =
        new StringBuilder(
                "limits:\n  running: 6\n  workers: 6\ndefaults:\n  load:\n    chunk_size: 1MB\n  cutover:\n    reverse: off\n")
            .append("migrations:\n");
    for (int i = 0; i < sources.size(); i++) {
      String target = targets.get(i).url();
      text.append(
          """
            - name: m%d
              group: %s
              source: "%s"
              target: "%s"
          """
              .formatted(
                  i,
                  i % 2 == 0 ? "first" : "second",
                  sources.get(i).url(),
                  i == MISSING ? target.replace("/" + targets.get(i).name(), "/nowhere") : target));
    }
    Path file = directory.resolve("fleet.yaml");
    Files.writeString(file, text);
    return file;
  }

  private static Program.Ended run(Path file, String... words) {
    return program(file, words).run();
  }

  private static Program program(Path file, String... words) {
    var line = new ArrayList<String>(List.of("fleet"));
    line.addAll(List.of(words));
    line.addAll(List.of("--config", file.toString()));
    return Program.of(line);
  }
}
