package dev.pgportage.bench;

import dev.pgportage.testing.Pooler;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A cutover as clients of a PgBouncer see it: how long the longest of their transactions took while
 * writes moved, and how many failed.
 */
final class PoolerBench {
  private static final int CLIENTS = 20;
  private static final int ACCOUNTS_PER_SCALE = 100_000;

  private final AtomicBoolean stopped = new AtomicBoolean();
  private final AtomicInteger errors = new AtomicInteger();
  private final AtomicLong committed = new AtomicLong();
  private final AtomicLong longest = new AtomicLong();
  private final Pooler pooler;
  private final int scale;
  private final int rate;

  private PoolerBench(Pooler pooler, int scale, int rate) {
    this.pooler = pooler;
    this.scale = scale;
    this.rate = rate;
  }

  static void run(BenchOptions options) throws Exception {
    int scale = options.number("scale", 135);
    int rate = options.number("rate", 1000);
    try (var clusters = new Clusters(options.has("tmpfs"))) {
      clusters.emptySource();
      clusters.emptyTarget();
      Timed.command(clusters, "pgbench -q -i -s %d '%s'".formatted(scale, clusters.sourceUrl()));
      try (Pooler pooler =
          Pooler.before(clusters.sourceServer(), Clusters.DATABASE, "postgres", "transaction")) {
        new PoolerBench(pooler, scale, rate).measure(clusters);
      }
    }
  }

  private void measure(Clusters clusters) throws Exception {
    String settings =
        " --name=bench --source='%s' --target='%s' --set 'cutover.pgbouncer=%s'"
                .formatted(clusters.sourceUrl(), clusters.targetUrl(), pooler.setting())
            + " --set cutover.pgbouncer_database=shop";
    Process migrate = start("migrate --yes" + settings);
    var clients = new ArrayList<Thread>();
    try (Connection target = clusters.target()) {
      Clusters.await(target, "to_regclass('pgportage.step') IS NOT NULL");
      Clusters.await(target, "EXISTS (SELECT FROM pgportage.step WHERE name = 'ready')");
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(Thread.ofPlatform().start(this::work));
      }
      Thread.sleep(Duration.ofSeconds(20));
      print("steady", 20);
      long began = System.nanoTime();
      int status = start("cutover --yes" + settings).waitFor();
      Thread.sleep(Duration.ofSeconds(5));
      print("cutover (exit status " + status + ")", (System.nanoTime() - began) / 1e9);
    } finally {
      stopped.set(true);
      for (Thread client : List.copyOf(clients)) {
        client.join(Duration.ofSeconds(10));
      }
      migrate.destroy();
      migrate.waitFor();
    }
  }

  private void print(String what, double seconds) {
    System.out.printf(
        Locale.ROOT,
        "%s: %.0f tx/s, longest transaction %.3f s, %d errors%n",
        what,
        committed.getAndSet(0) / seconds,
        longest.getAndSet(0) / 1e9,
        errors.get());
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
        next += pause;
        Thread.sleep(Duration.ofNanos(Math.max(0, next - System.nanoTime())));
      }
    } catch (SQLException | InterruptedException e) {
      errors.incrementAndGet();
    }
  }

  private static Process start(String command) throws java.io.IOException {
    return new ProcessBuilder("bash", "-c", "exec ./pgportage " + command)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
