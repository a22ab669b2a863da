package dev.pgportage.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A cutover of a large database of which some rows changed since it was proven, while an
 * application goes on writing: how long the proofs take, and the freeze.
 */
final class CutoverBench {
  private static final int ACCOUNTS_PER_SCALE = 100_000;

  private CutoverBench() {}

  static void run(BenchOptions options) throws Exception {
    int scale = options.number("scale", 150);
    int changed = options.number("rows", 10_000);
    try (var clusters = new Clusters(options.has("tmpfs"))) {
      clusters.emptySource();
      clusters.emptyTarget();
      Timed.command(clusters, "pgbench -q -i -s %d '%s'".formatted(scale, clusters.sourceUrl()));
      measure(clusters, scale, changed, options);
    }
  }

  private static void measure(Clusters clusters, int scale, int changed, BenchOptions options)
      throws Exception {
    String connections =
        " --name=bench --source='%s' --target='%s'"
            .formatted(clusters.sourceUrl(), clusters.targetUrl());
    Process process = start("migrate --yes" + connections, ProcessBuilder.Redirect.DISCARD);
    try (Connection target = clusters.target();
        Connection source = clusters.source();
        Statement writing = source.createStatement()) {
      Clusters.await(target, "to_regclass('pgportage.step') IS NOT NULL");
      Clusters.await(target, "EXISTS (SELECT FROM pgportage.step WHERE name = 'ready')");
      writing.execute(
          """
          UPDATE pgbench_accounts SET abalance = abalance + 1
          WHERE aid IN (SELECT 1 + (i * 7919::bigint) %% %d FROM generate_series(1, %d) AS i)
          """
              .formatted(scale * ACCOUNTS_PER_SCALE, changed));
      var writer =
          options.has("quiet")
              ? CompletableFuture.completedFuture(0L)
              : CompletableFuture.supplyAsync(() -> write(clusters, scale));
      JsonNode report = cutOver(connections);
      writer.join();
      print(clusters, target, report, changed);
    } finally {
      process.destroy();
      process.waitFor();
    }
  }

  private static Process start(String command, ProcessBuilder.Redirect output)
      throws IOException {
    return new ProcessBuilder("bash", "-c", "exec ./pgportage " + command)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .redirectOutput(output)
        .start();
  }

  private static JsonNode cutOver(String connections) throws IOException {
    Process cutover =
        start("cutover --yes --output json" + connections, ProcessBuilder.Redirect.PIPE);
    String answer =
        new String(cutover.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new JsonMapper().readTree(answer.substring(answer.indexOf('{'))).at("/result");
  }

  /** Writes until the fence ends it. */
  private static long write(Clusters clusters, int scale) {
    long written = 0;
    try (Connection source = clusters.source();
        Statement statement = source.createStatement()) {
      while (true) {
        statement.execute(
            "UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid = "
                + ThreadLocalRandom.current().nextInt(1, scale * ACCOUNTS_PER_SCALE));
        written++;
      }
    } catch (SQLException e) {
      return written;
    }
  }

  private static void print(Clusters clusters, Connection target, JsonNode report, int changed)
      throws Exception {
    try (Connection source = clusters.source()) {
      System.out.printf(
          Locale.ROOT,
          "%nCutover of %s after %d changed rows; %s%n%n",
          Clusters.text(source, "SELECT pg_size_pretty(pg_database_size(current_database()))"),
          changed,
          Bench.machine());
    }
    System.out.println("| part | seconds |\n|---|---|");
    System.out.printf(
        "| proof before the fence, of what changed | %s |%n",
        Clusters.text(
            target,
            """
            SELECT round(extract(epoch FROM max(at) FILTER (WHERE kind = 'step.fence')
              - max(at) FILTER (WHERE kind = 'cutover.proof')), 2)
            FROM pgportage.event
            """));
    for (JsonNode phase : report.at("/phases")) {
      System.out.printf(
          Locale.ROOT,
          "| freeze: %s | %.2f |%n",
          phase.at("/name").asText(),
          phase.at("/millis").asLong() / 1e3);
    }
    System.out.printf(
        Locale.ROOT,
        "| freeze in all | %.2f |%n%n%d rows were proven behind the fence.%n",
        report.at("/freeze_millis").asLong() / 1e3,
        report.at("/rows_proven").asLong());
  }
}
