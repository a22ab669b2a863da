package dev.pgportage.journey;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.pgportage.testing.Browser;
import dev.pgportage.testing.MailServer;
import dev.pgportage.testing.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be seen of a migration from outside, and what is left of it: watch, metrics, report. */
class RecordIT {
  private static final String TABLES =
      """
      CREATE TABLE item (id int PRIMARY KEY, v text);
      INSERT INTO item SELECT i, 'never in a report' FROM generate_series(1, 1000) i;
      CREATE TABLE "<b>&"".odd" (id int PRIMARY KEY);
      """;

  @TempDir private Path directory;

  @Test
  void keepsTheRecordWhenTheMigrationIsCleanedUp() throws Exception {
    Path page = directory.resolve("kept.html");
    try (var journey = told(Journey.reversible(15, 15))) {
      journey.source().execute(TABLES);
      journey.toReady();
      var early = journey.program("report", "--report", page.toString()).run();
      assertThat(early.status()).as(early.output()).isZero();
      assertThat(Files.readString(page)).contains("There has been no cutover");
      var cut = journey.program("cutover", "--yes").run();
      assertThat(cut.output()).containsPattern("Report: .*pgportage-.*\\.html");
      journey.rollBack();
      assertThat(journey.program("report", "--report", page.toString()).run().status()).isZero();
      assertThat(Files.readString(page)).contains("the source is the database.");
      journey.cutOver();
      var cleaned = journey.program("cleanup", "--yes", "--report", page.toString()).run();
      assertThat(cleaned.status()).as(cleaned.output()).isZero();
      assertThat(cleaned.output()).contains("Report: " + page);
    }
    String html = Files.readString(page);
    assertThat(html)
        .contains("all proven equal", "The freeze, part by part", "public.item", "&lt;b&gt;&amp;")
        .contains("<h2 id=\"rollback-title\">Rollback</h2>", "the target is the database.")
        .contains("Connections to the source", "What was asked for", "Who was told")
        .doesNotContain("<b>&", "never in a report", TestDatabase.PASSWORD, MailServer.PASSWORD);
    try (var browser = Browser.open(page)) {
      browser.size(1200, 1800);
      browser.screenshot("report-light");
      browser.prefer("dark");
      browser.screenshot("report-dark");
      assertThat(browser.print("report")).isGreaterThan(1);
      assertThat(browser.complaints()).isEmpty();
    }
    JsonNode json = new JsonMapper().readTree(directory.resolve("kept.json").toFile());
    JsonNode result = json.path("result");
    assertThat(result.path("cutover").path("freeze_millis").asLong()).isPositive();
    assertThat(result.path("history").path("events")).isNotEmpty();
    assertThat(result.path("settings").path("cutover.fence").asText())
        .isEqualToIgnoringCase("database");
    assertThat(json.toString())
        .doesNotContain("never in a report", TestDatabase.PASSWORD, MailServer.PASSWORD);
  }

  @Test
  void removesNothingWhenTheRecordCannotBeKept() throws Exception {
    try (var journey = told()) {
      journey.source().execute(TABLES);
      journey.toReady();
      String nowhere = directory.resolve("none").resolve("x.html").toString();
      var refused = journey.program("cleanup", "--yes", "--report", nowhere).run();
      assertThat(refused.status()).isEqualTo(2);
      assertThat(refused.output()).contains("The report cannot be written");
      assertThat(journey.migration().status().phase()).isEqualTo("ready");
      var anyway = journey.program("cleanup", "--yes", "--no-report").run();
      assertThat(anyway.status()).as(anyway.output()).isZero();
      journey.assertClean();
    }
  }

  @Test
  void showsAMigrationToWatchersAndMonitoring() throws Exception {
    int port;
    try (var free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    try (var journey = told().set("metrics.port", String.valueOf(port))) {
      journey.source().execute(TABLES);
      try (var running = journey.program("migrate", "--log-format", "json").start();
          var client = HttpClient.newHttpClient()) {
        running.awaitOutput("\"kind\":\"ready\"");
        HttpResponse<String> answer = get(client, port, "/metrics");
        assertThat(answer.headers().firstValue("Content-Type")).get().asString().contains("0.0.4");
        assertThat(answer.body())
            .contains("pgportage_phase{migration=\"" + journey.source().name(), "phase=\"ready\"")
            .contains("pgportage_lag_seconds{", "pgportage_retained_wal_bytes{")
            .containsPattern("pgportage_load_rows\\{[^\n]*} 1000");
        assertThat(get(client, port, "/").statusCode()).isEqualTo(404);
        assertThat(foreign(port)).contains(" 421 ");
        try (var watching = journey.program("watch").start()) {
          watching.awaitOutput("ready  lag ");
          var ended = watching.signal("INT").end();
          assertThat(ended.status()).as(ended.output()).isZero();
          assertThat(ended.output()).doesNotContain("\u001b");
        }
        journey.cutOver();
        var ended = running.end();
        assertThat(ended.status()).as(ended.output()).isZero();
        assertJson(ended.output());
      }
      var after = journey.program("watch").run();
      assertThat(after.output()).contains("cut-over  2 of 2 tables proven");
    }
  }

  private static void assertJson(String output) throws IOException {
    long lines = 0;
    for (String line : output.lines().toList()) {
      if (line.startsWith("{")) {
        JsonNode told = new JsonMapper().readTree(line);
        assertThat(told.path("timestamp").asText()).as(line).isNotEmpty();
        assertThat(told.path("message").asText()).as(line).isNotEmpty();
        lines++;
      }
    }
    assertThat(lines).as(output).isGreaterThan(10);
  }

  private static HttpResponse<String> get(HttpClient client, int port, String path)
      throws Exception {
    var address = URI.create("http://127.0.0.1:" + port + path);
    return client.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString());
  }

  private static String foreign(int port) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket
          .getOutputStream()
          .write(
              "GET /metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
                  .getBytes(UTF_8));
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }

  private static Journey told() throws Exception {
    return told(Journey.between(15, 15));
  }

  private static Journey told(Journey journey) throws Exception {
    return journey
        .with("MAIL_PASSWORD", MailServer.PASSWORD)
        .append(
            """
            notifications:
              - type: smtp
                host: 127.0.0.1
                port: 9
                tls: none
                user: u
                password: ${MAIL_PASSWORD}
                from: pgportage@example.com
                to: [dba@example.com]
            """);
  }
}
