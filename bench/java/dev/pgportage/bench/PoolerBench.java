package dev.pgportage.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.pgportage.testing.Pooler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Cutovers, and rollbacks between them, as clients of a PgBouncer see them: how long the longest of
 * their transactions took while writes moved, and how many failed. The database is loaded once.
 */
final class PoolerBench {
  private static final int CLIENTS = 20;
  private static final int ACCOUNTS_PER_SCALE = 100_000;
  private static final Duration PATIENCE = Duration.ofMinutes(20);

  private final AtomicBoolean stopped = new AtomicBoolean();
  private final AtomicInteger errors = new AtomicInteger();
  private final AtomicLong committed = new AtomicLong();
  private final AtomicLong longest = new AtomicLong();
  private final Pooler pooler;
  private final int scale;
  private final int rate;
  private final String settings;
  private final Path log;
  private long since;

  private PoolerBench(Pooler pooler, Clusters clusters, int scale, int rate) throws IOException {
    this.pooler = pooler;
    this.scale = scale;
    this.rate = rate;
    log = Files.createTempFile("pgportage-bench-", ".log");
    settings =
        " --name=bench --source='%s' --target='%s' --set 'cutover.pgbouncer=%s'"
                .formatted(clusters.sourceUrl(), clusters.targetUrl(), pooler.setting())
            + " --set cutover.pgbouncer_database=shop --set cutover.max_lag=30s";
  }

  /** One crossing. */
  private record Crossing(double freeze, double longest, int errors) {}

  static void run(BenchOptions options) throws Exception {
    int scale = options.number("scale", 135);
    int rate = options.number("rate", 1000);
    int runs = options.number("runs", 5);
    int steady = options.number("steady", 10);
    try (var clusters = new Clusters(options.has("tmpfs"))) {
      clusters.emptySource();
      clusters.emptyTarget();
      Timed.command(clusters, "pgbench -q -i -s %d '%s'".formatted(scale, clusters.sourceUrl()));
      try (Pooler pooler =
          Pooler.before(clusters.sourceServer(), Clusters.DATABASE, "postgres", "transaction")) {
        new PoolerBench(pooler, clusters, scale, rate).measure(clusters, runs, steady);
      }
    }
  }

  private void measure(Clusters clusters, int runs, int steady) throws Exception {
    Process migrate =
        start("migrate --yes" + settings, ProcessBuilder.Redirect.appendTo(log.toFile()));
    var clients = new ArrayList<Thread>();
    var cutovers = new ArrayList<Crossing>();
    var rollbacks = new ArrayList<Crossing>();
    try {
      await(migrate, clusters, "ready");
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(Thread.ofPlatform().start(this::work));
      }
      since = System.nanoTime();
      for (int run = 1; run <= runs; run++) {
        await(migrate, clusters, "ready");
        TimeUnit.SECONDS.sleep(steady);
        System.out.println("steady: " + figures());
        cutovers.add(cross("cutover"));
        if (run < runs) {
          await(migrate, clusters, "cut-over");
          TimeUnit.SECONDS.sleep(2);
          rollbacks.add(cross("rollback"));
        }
      }
      System.out.printf(
          Locale.ROOT,
          "%n%s, %d transactions a second asked for; %s%n%n",
          size(clusters),
          rate,
          Bench.machine());
      print("cutover", cutovers);
      print("rollback", rollbacks);
    } finally {
      stopped.set(true);
      for (Thread client : List.copyOf(clients)) {
        client.join(Duration.ofSeconds(10));
      }
      migrate.destroy();
      migrate.waitFor();
      deleteReports();
    }
  }

  /** A cutover writes the migration's record where it runs. */
  private static void deleteReports() throws IOException {
    try (var reports = Files.newDirectoryStream(Path.of(""), "pgportage-bench-*.{html,json}")) {
      for (Path report : reports) {
        Files.delete(report);
      }
    }
  }

  /** Asked last: the fence ends whoever is there. */
  private static String size(Clusters clusters) throws SQLException {
    try (Connection target = clusters.target()) {
      return Clusters.text(target, "SELECT pg_size_pretty(pg_database_size(current_database()))");
    }
  }

  /** Waits for a phase; whatever keeps it from being reached is told. */
  private void await(Process migrate, Clusters clusters, String phase) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    String wanted = "EXISTS (SELECT FROM pgportage.migration WHERE phase = '" + phase + "')";
    try (Connection target = clusters.target()) {
      while (!Clusters.isTrue(target, "to_regclass('pgportage.migration') IS NOT NULL")
          || !Clusters.isTrue(target, wanted)) {
        if (!migrate.isAlive() || System.nanoTime() > end) {
          throw new IllegalStateException("Never " + phase + ":\n" + Files.readString(log));
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
  }

  private Crossing cross(String command) throws Exception {
    figures();
    Process crossing =
        start(command + " --yes --output json" + settings, ProcessBuilder.Redirect.PIPE);
    String answer = new String(crossing.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int status = crossing.waitFor();
    if (status != 0) {
      throw new IllegalStateException(
          command + " ended with " + status + ": " + answer + Files.readString(log));
    }
    TimeUnit.SECONDS.sleep(2);
    double slowest = longest.get() / 1e9;
    JsonNode report =
        new JsonMapper().readTree(answer.substring(answer.indexOf('{'))).at("/result");
    System.out.println(command + ": " + figures() + ", " + report.at("/phases"));
    return new Crossing(report.at("/freeze_millis").asLong() / 1e3, slowest, errors.get());
  }

  private static void print(String what, List<Crossing> crossings) {
    if (crossings.isEmpty()) {
      return;
    }
    System.out.printf(
        Locale.ROOT,
        "%s: %d times, freeze %.3f s, longest transaction of a client %.3f s (medians; all: %s),"
            + " %d errors%n",
        what,
        crossings.size(),
        median(crossings.stream().map(Crossing::freeze).toList()),
        median(crossings.stream().map(Crossing::longest).toList()),
        crossings.stream()
            .map(c -> String.format(Locale.ROOT, "%.3f/%.3f", c.freeze(), c.longest()))
            .toList(),
        crossings.getLast().errors());
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  /** What clients saw since the last time they were asked. */
  private String figures() {
    long now = System.nanoTime();
    String text =
        String.format(
            Locale.ROOT,
            "%.0f tx/s, longest transaction %.3f s, %d errors",
            committed.getAndSet(0) / ((now - since) / 1e9),
            longest.getAndSet(0) / 1e9,
            errors.get());
    since = now;
    return text;
  }

  private void work() {
    long pause = 1_000_000_000L * CLIENTS / rate;
    try (Connection connection = pooler.connect();
        Statement statement = connection.createStatement()) {
      long next = System.nanoTime();
      while (!stopped.get()) {
        long began = System.nanoTime();
        int account = ThreadLocalRandom.current().nextInt(1, scale * ACCOUNTS_PER_SCALE);
        statement.execute(
            "UPDATE public.pgbench_accounts SET abalance = abalance + 1 WHERE aid = " + account);
        committed.incrementAndGet();
        longest.accumulateAndGet(System.nanoTime() - began, Math::max);
        // What a pause has held up is not caught up with: that would be another load.
        next = Math.max(next + pause, System.nanoTime() - pause);
        Thread.sleep(Duration.ofNanos(Math.max(0, next - System.nanoTime())));
      }
    } catch (SQLException | InterruptedException e) {
      errors.incrementAndGet();
      System.err.println("A client failed: " + e.getMessage());
    }
  }

  private Process start(String command, ProcessBuilder.Redirect output) throws IOException {
    return new ProcessBuilder("bash", "-c", "exec ./pgportage " + command)
        .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .redirectOutput(output)
        .start();
  }
}
