package dev.pgportage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.pgportage.discovery.DiscoverySource;
import dev.pgportage.pg.Sql;
import dev.pgportage.testing.Browser;
import dev.pgportage.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as users type it, between servers of different versions, as ordinary roles. */
class DiscoverIT {
  @TempDir private Path directory;

  @Test
  void findsOutWhatIsThereAndReckonsTheMigration() throws Exception {
    try (var source = DiscoverySource.create(15);
        var target = TestDatabase.target(18);
        var writing = new Writing(source)) {
      Path page = directory.resolve("discovery.html");
      JsonNode report = json(source, target, "--plan", "--html", page.toString());
      assertThat(writing.rows()).isPositive();
      assertThat(Files.readString(page))
          .contains("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;Ünï&#39; {}")
          .doesNotContain("<script", "http://", "https://", "url(", "@import");
      assertLooksRight(page);
      assertThat(report.path("source").path("version").asText()).startsWith("15.");
      assertThat(report.path("target").path("version").asText()).startsWith("18.");
      assertThat(report.path("source").path("role").asText()).isEqualTo(TestDatabase.SOURCE_ROLE);
      assertThat(value(report.path("source").path("database_bytes")).asLong())
          .isBetween(1L << 20, source.number("SELECT pg_database_size(current_database())"));
      assertSettings(report);
      assertSizes(source, report);
      JsonNode busiest = report.path("activity").path("tables").path(0);
      assertThat(busiest.path("table").asText()).isEqualTo("public.fast");
      assertThat(busiest.path("inserted").asLong()).isBetween(1L, writing.rows());
      assertThat(value(report.path("activity").path("wal_bytes")).asLong()).isPositive();
      assertFeatures(report);
      assertEstimates(report);
      assertThat(report.path("extensions").path(0).path("name").asText()).isEqualTo("plpgsql");
      assertThat(report.path("plan").path("tables"))
          .extracting(t -> t.path("name").asText() + " " + t.path("replication").asText())
          .contains("public.item streamed", "public.fast recopied", "public.select none");
      assertThat(value(report.path("plan").path("schema")))
          .extracting(item -> item.path("object").asText() + ": " + item.path("decision").asText())
          .contains("TABLE public.item: apply", "TRIGGER public.item on <item>: rewrite");
    }
  }

  private static void assertLooksRight(Path page) {
    try (var browser = Browser.open(page)) {
      assertThat(browser.texts("h1").getFirst()).startsWith("Discovery of source_");
      assertThat(browser.texts("#size tbody th bdi"))
          .contains("public.item")
          .anyMatch(name -> name.contains("<script>alert(") && name.contains("& 'Ünï' {}"));
      assertThat(browser.texts("#features td bdi")).anyMatch(name -> name.contains("<item>"));
      assertThat(browser.texts("nav a")).contains("Estimates", "Plan", "Unreadable");
      assertThat(browser.evaluate("document.scripts.length")).isEqualTo("0");
      assertThat(
              browser.evaluate(
                  "[...document.querySelectorAll('nav a')].filter(a =>"
                      + " !document.querySelector(a.getAttribute('href'))).length"))
          .as("links that lead nowhere")
          .isEqualTo("0");
      String ground = "getComputedStyle(document.body).backgroundColor";
      browser.prefer("light");
      String light = browser.evaluate(ground);
      browser.prefer("dark");
      assertThat(browser.evaluate(ground)).isNotEqualTo(light);
      browser.width(400);
      assertThat(browser.evaluate("document.documentElement.scrollWidth <= 400")).isEqualTo("true");
      assertThat(browser.complaints()).isEmpty();
    }
  }

  private static void assertSettings(JsonNode report) {
    assertThat(report.path("parameters").size()).isGreaterThan(50);
    assertThat(parameter(report, "max_wal_size").path("outcome").asText()).isEqualTo("equal");
    assertThat(value(parameter(report, "max_wal_size").path("source")).asText()).isEqualTo("1GB");
    assertThat(parameter(report, "transaction_timeout").path("outcome").asText())
        .isEqualTo("differs");
    assertThat(value(parameter(report, "transaction_timeout").path("source")).asText())
        .isEqualTo("not in this version");
    // Shown to nobody else than those who may see all settings.
    assertThat(parameter(report, "shared_preload_libraries").path("target").path("remedy").asText())
        .isEqualTo("GRANT pg_read_all_settings TO \"target_migrator\";");
    assertThat(parameter(report, "TimeZone").path("outcome").asText()).isEqualTo("unread");
    assertThat(report.path("target").path("connections").path("active").path("remedy").asText())
        .isEqualTo("GRANT pg_read_all_stats TO \"target_migrator\";");
    assertThat(value(report.path("source").path("connections").path("active")).isInt()).isTrue();
  }

  private static JsonNode parameter(JsonNode report, String name) {
    for (JsonNode parameter : report.path("parameters")) {
      if (parameter.path("name").asText().equals(name)) {
        return parameter;
      }
    }
    throw new AssertionError("No " + name);
  }

  private static void assertSizes(TestDatabase source, JsonNode report) throws SQLException {
    JsonNode largest = report.path("sizes").path("largest").path(0);
    assertThat(largest.path("table").asText()).isEqualTo("public.item");
    assertThat(largest.path("heap").asLong() + largest.path("toast").asLong())
        .isEqualTo(source.number("SELECT pg_table_size('item')"));
    assertThat(largest.path("indexes").asLong())
        .isEqualTo(source.number("SELECT pg_indexes_size('item')"));
    JsonNode second = report.path("sizes").path("largest").path(1);
    assertThat(second.path("table").asText()).contains("<script>alert(");
    assertThat(second.path("toast").asLong()).isGreaterThan(1 << 20);
  }

  private static void assertFeatures(JsonNode report) {
    assertThat(report.path("features"))
        .extracting(feature -> feature.path("name").asText() + " " + feature.path("count").asLong())
        .contains(
            "Partitioned tables 1",
            "Partitions 2",
            "Inheritance without partitioning 1",
            "Unlogged tables 1",
            "Materialized views 1",
            "Identity columns 1",
            "Generated columns 1",
            "JSON columns 1",
            "Array columns 1",
            "Enum columns 1",
            "Domain columns 1",
            "Full-text columns 1",
            "Large objects 1",
            "Triggers 1",
            "Row security 1",
            "Policies 1",
            "Functions 1",
            "Tables without a primary key 2")
        .noneMatch(feature -> feature.endsWith(" 0"));
  }

  private static void assertEstimates(JsonNode report) {
    for (JsonNode time : report.path("estimates").path("times")) {
      Duration from = Duration.parse(value(time.path("span")).path("from").asText());
      Duration to = Duration.parse(value(time.path("span")).path("to").asText());
      assertThat(to).as(time.toString()).isGreaterThan(from);
      assertThat(time.path("how").asText()).doesNotContain("not measured").isNotEmpty();
    }
    assertThat(report.path("estimates").path("times").size()).isEqualTo(4);
    long least = value(report.path("estimates").path("room").path(0).path("bytes")).asLong();
    assertThat(value(report.path("estimates").path("room").path(1).path("bytes")).asLong())
        .isEqualTo(least * 3 / 2);
    assertThat(value(report.path("estimates").path("room").path(3).path("bytes")).asLong())
        .isPositive();
    assertThat(report.path("estimates").path("jobs").path(0).path("value").asInt())
        .isBetween(1, 16);
  }

  @Test
  void saysWhatItMayNotReadAndWhichGrantIsMissing() throws Exception {
    try (var source = TestDatabase.source(16);
        var target = TestDatabase.plainTarget(16)) {
      source.executeAsSuperuser(
          """
          CREATE SCHEMA "Sécret ""s""\";
          CREATE TABLE "Sécret ""s""\"."Weird ""Table""\" (id int PRIMARY KEY, v text);
          INSERT INTO "Sécret ""s""\"."Weird ""Table""\" VALUES (1, 'mine');
          ANALYZE;
          """);
      String text = run(source, target, List.of());
      assertThat(text)
          .contains(
              "full load: not readable",
              "source: speed of reading: permission denied for schema",
              "GRANT USAGE ON SCHEMA \"Sécret \"\"s\"\"\" TO \"migrator\"; GRANT SELECT ON"
                  + " \"Sécret \"\"s\"\"\".\"Weird \"\"Table\"\"\" TO \"migrator\";",
              "GRANT pg_read_all_stats TO \"target_plain\";",
              "target: room that is left: PostgreSQL does not tell it")
          .doesNotContain("mine");
    }
  }

  @Test
  void changesNothingAndNeedsNothing() throws Exception {
    try (var source = TestDatabase.source(15);
        var target = TestDatabase.target(15)) {
      String text = run(source, target, List.of("--plan"));
      assertThat(text)
          .contains(
              "0 tables, about 0 rows",
              "full load: 1.0 s to 5.0 s",
              "Nothing was changed on either side",
              "Plan");
      assertThat(target.number("SELECT count(*) FROM pg_namespace WHERE nspname = 'pgportage'"))
          .isZero();
    }
  }

  @Test
  void refusesAPageItCannotWriteBeforeItLooks() {
    var shell = new TestShell();
    String url = "postgresql://u@localhost/d";
    String page = directory.resolve("missing/page.html").toString();
    assertThat(shell.run("discover", "--source", url, "--target", url + "2", "--html", page))
        .isEqualTo(2);
    assertThat(shell.err()).contains("Cannot write");
  }

  @Test
  void refusesASampleThatIsNoTime() {
    var shell = new TestShell();
    String url = "postgresql://u@localhost/d";
    assertThat(shell.run("discover", "--source", url, "--target", url + "2", "--sample", "soon"))
        .isEqualTo(2);
    assertThat(shell.err()).contains("--sample takes a time, such as 500ms, 10s or 5min");
  }

  /** An application that writes a row every few milliseconds. */
  private static final class Writing implements AutoCloseable {
    private final AtomicLong rows = new AtomicLong();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final Thread thread;

    Writing(TestDatabase source) throws SQLException {
      Connection connection = source.writer();
      thread =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try (connection) {
                      while (!stopped.get()) {
                        Sql.update(
                            connection,
                            "INSERT INTO fast VALUES (?)",
                            (int) rows.incrementAndGet());
                      }
                    } catch (SQLException e) {
                      throw new AssertionError(e);
                    }
                  });
    }

    long rows() {
      return rows.get();
    }

    @Override
    public void close() throws InterruptedException {
      stopped.set(true);
      thread.join();
    }
  }

  private static JsonNode value(JsonNode reading) {
    assertThat(reading.has("value")).as(reading.toString()).isTrue();
    return reading.path("value");
  }

  private static JsonNode json(TestDatabase source, TestDatabase target, String... options)
      throws IOException {
    var line = new ArrayList<>(List.of(options));
    line.addAll(List.of("--output", "json"));
    return new JsonMapper().readTree(run(source, target, line)).path("result");
  }

  private static String run(TestDatabase source, TestDatabase target, List<String> options) {
    var line =
        new ArrayList<>(
            List.of(
                "discover",
                "--source",
                source.url(),
                "--target",
                target.url(),
                "--sample",
                "1500ms"));
    line.addAll(options);
    var shell = new TestShell();
    int status = shell.run(line.toArray(String[]::new));
    assertThat(status).as(shell.err() + shell.out()).isZero();
    assertThat(shell.out()).doesNotContain(TestDatabase.PASSWORD);
    return shell.out();
  }
}
