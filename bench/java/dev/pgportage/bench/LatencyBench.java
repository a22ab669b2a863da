package dev.pgportage.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;

/** From a commit's return on the source until its row is seen on the target, at a steady rate. */
final class LatencyBench {
  private static final String TABLE = "CREATE TABLE ticks (id int PRIMARY KEY, v text)";
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

  private LatencyBench() {}

  static void run(BenchOptions options) throws Exception {
    int rate = options.number("rate", 500);
    int seconds = options.number("seconds", 15);
    try (var clusters = new Clusters(options.has("tmpfs"))) {
      System.out.printf("%n%s%n%n", Bench.machine());
      System.out.printf("| at %d transactions a second | p50, ms | p95, ms | p99, ms |%n|---|---|---|---|%n", rate);
      for (int run = 0; run < options.number("runs", 3); run++) {
        if (options.wants("pgportage")) {
          portage(clusters, rate, seconds);
        }
        if (options.wants("native")) {
          subscription(clusters, rate, seconds);
        }
      }
    }
  }

  private static void begin(Clusters clusters) throws Exception {
    clusters.emptySource();
    clusters.emptyTarget();
    try (Connection source = clusters.source();
        Statement statement = source.createStatement()) {
      statement.execute(TABLE);
    }
  }

  private static void portage(Clusters clusters, int rate, int seconds) throws Exception {
    begin(clusters);
    String connections =
        " --name=bench --source='%s' --target='%s'"
            .formatted(clusters.sourceUrl(), clusters.targetUrl());
    var process =
        new ProcessBuilder("bash", "-c", "exec ./pgportage migrate --yes" + connections)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (Connection target = clusters.target()) {
      Clusters.await(target, "to_regclass('pgportage.step') IS NOT NULL");
      Clusters.await(target, "EXISTS (SELECT FROM pgportage.step WHERE name = 'ready')");
      print("pgportage", measure(clusters, rate, seconds));
    } finally {
      process.destroy();
      process.waitFor();
      Timed.command(clusters, "./pgportage cleanup --yes --no-report" + connections);
    }
  }

  private static void subscription(Clusters clusters, int rate, int seconds) throws Exception {
    begin(clusters);
    try (Connection source = clusters.source();
        Statement onSource = source.createStatement();
        Connection target = clusters.target();
        Statement onTarget = target.createStatement()) {
      onTarget.execute(TABLE);
      onSource.execute("CREATE PUBLICATION bench FOR TABLE ticks");
      onSource.execute("SELECT pg_create_logical_replication_slot('bench', 'pgoutput')");
      onTarget.execute(
          "CREATE SUBSCRIPTION bench CONNECTION '%s' PUBLICATION bench WITH (copy_data = false, create_slot = false, slot_name = 'bench')"
              .formatted(clusters.sourceUrl()));
      Clusters.await(source, "(SELECT active FROM pg_replication_slots WHERE slot_name = 'bench')");
      print("native subscription", measure(clusters, rate, seconds));
      onTarget.execute("ALTER SUBSCRIPTION bench DISABLE");
      onTarget.execute("ALTER SUBSCRIPTION bench SET (slot_name = NONE)");
      onTarget.execute("DROP SUBSCRIPTION bench");
      Clusters.await(source, "(SELECT NOT active FROM pg_replication_slots WHERE slot_name = 'bench')");
      onSource.execute("SELECT pg_drop_replication_slot('bench')");
    }
  }

  /** The latencies in nanoseconds, sorted; the first second is for warming up. */
  private static long[] measure(Clusters clusters, int rate, int seconds) throws Exception {
    int count = rate * (seconds + 1);
    var committed = new AtomicLongArray(count);
    long[] latency = new long[count];
    var writer = new Thread(() -> write(clusters, rate, committed), "writer");
    writer.start();
    int seen = 0;
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds) + PATIENCE_NANOS;
    try (Connection target = clusters.target();
        PreparedStatement newest =
            target.prepareStatement("SELECT coalesce(max(id), -1) FROM ticks")) {
      while (seen < count && System.nanoTime() < deadline) {
        try (ResultSet row = newest.executeQuery()) {
          row.next();
          int last = row.getInt(1);
          long now = System.nanoTime();
          for (; seen <= last; seen++) {
            // Seen before the writer's own session told it: no latency at all.
            long at = committed.get(seen);
            latency[seen] = at == 0 ? 0 : now - at;
          }
        }
        TimeUnit.MICROSECONDS.sleep(500);
      }
    }
    writer.join();
    if (seen < count) {
      throw new IllegalStateException("Only %d of %d rows arrived".formatted(seen, count));
    }
    long[] measured = Arrays.copyOfRange(latency, rate, count);
    Arrays.sort(measured);
    return measured;
  }

  /** Open loop: a late transaction does not make the next one wait for its turn anew. */
  private static void write(Clusters clusters, int rate, AtomicLongArray committed) {
    try (Connection source = clusters.source();
        PreparedStatement insert = source.prepareStatement("INSERT INTO ticks VALUES (?, 'tick')")) {
      long began = System.nanoTime();
      for (int i = 0; i < committed.length(); i++) {
        long due = began + i * 1_000_000_000L / rate;
        TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
        insert.setInt(1, i);
        insert.executeUpdate();
        committed.set(i, System.nanoTime());
      }
    } catch (Exception e) {
      throw new IllegalStateException("The writer failed", e);
    }
  }

  private static void print(String mover, long[] sorted) {
    System.out.printf(
        Locale.ROOT,
        "| %s | %.1f | %.1f | %.1f |%n",
        mover,
        sorted[sorted.length / 2] / 1e6,
        sorted[(int) (sorted.length * 0.95)] / 1e6,
        sorted[(int) (sorted.length * 0.99)] / 1e6);
  }
}
