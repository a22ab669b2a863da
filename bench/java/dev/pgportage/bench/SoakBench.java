package dev.pgportage.bench;

import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Very many small transactions on a few hot rows, while both sides are compared again and again,
 * what changed and everything in turns: how often a difference was reported, which must be never.
 */
final class SoakBench {
  private static final int WRITERS = 2;
  private static final int PER_ROUND_TRIP = 20;

  private static final String TABLES =
      """
      CREATE TABLE hot (id int PRIMARY KEY, n bigint NOT NULL, v text);
      INSERT INTO hot SELECT g, 0, 'v' FROM generate_series(1, 10) AS g;
      CREATE TABLE moving (id bigint PRIMARY KEY, n bigint NOT NULL);
      INSERT INTO moving SELECT g, 0 FROM generate_series(1, 3) AS g;
      CREATE TABLE bag (v text);
      ALTER TABLE bag REPLICA IDENTITY FULL;
      INSERT INTO bag SELECT 'v' FROM generate_series(1, 5);
      CREATE TABLE resting (id int PRIMARY KEY, n int);
      INSERT INTO resting SELECT g, 0 FROM generate_series(1, 100000) AS g;
      """;

  private SoakBench() {}

  static void run(BenchOptions options) throws Exception {
    long wanted = options.number("transactions", 2_000_000);
    try (var clusters = new Clusters(options.has("tmpfs"))) {
      clusters.emptySource();
      clusters.emptyTarget();
      try (Connection source = clusters.source();
          Statement statement = source.createStatement()) {
        statement.execute(TABLES);
      }
      String connections =
          " --name=soak --set validation.every=100ms --source='%s' --target='%s'"
              .formatted(clusters.sourceUrl(), clusters.targetUrl());
      Process process =
          new ProcessBuilder("bash", "-c", "exec ./pgportage migrate --yes" + connections)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (Connection target = clusters.target()) {
        Clusters.await(target, "to_regclass('pgportage.step') IS NOT NULL");
        Clusters.await(target, "EXISTS (SELECT FROM pgportage.step WHERE name = 'ready')");
        soak(clusters, target, connections, wanted);
      } finally {
        process.destroy();
        process.waitFor();
      }
    }
  }

  private static void soak(
      Clusters clusters, Connection target, String connections, long wanted) throws Exception {
    var done = new AtomicLong();
    var writers = new ArrayList<CompletableFuture<Void>>();
    long began = System.nanoTime();
    for (int i = 0; i < WRITERS; i++) {
      int writer = i;
      writers.add(CompletableFuture.runAsync(() -> write(clusters, writer, done, wanted)));
    }
    int whole = 0;
    do {
      // Ends with another status, and so throws, if a difference is reported.
      Timed.command(clusters, "./pgportage validate" + connections);
      whole++;
    } while (!writers.stream().allMatch(CompletableFuture::isDone));
    CompletableFuture.allOf(writers.toArray(CompletableFuture[]::new)).join();
    double seconds = (System.nanoTime() - began) / 1e9;
    Timed.command(clusters, "./pgportage validate" + connections);
    System.out.printf(
        Locale.ROOT,
        "%n%,d transactions in %.0f s; %d comparisons of everything, %s of what changed; %s reported differences.%n",
        done.get(),
        seconds,
        whole + 1,
        Clusters.text(target, count("validation.done") + " - " + (whole + 2)),
        Clusters.text(target, count("validation.difference")));
  }

  private static String count(String kind) {
    return "SELECT (SELECT count(*) FROM pgportage.event WHERE kind = '" + kind + "')";
  }

  /** Several transactions go to the server at once; each is one of its own. */
  private static void write(Clusters clusters, int writer, AtomicLong done, long wanted) {
    try (Connection source = clusters.source();
        Statement statement = source.createStatement()) {
      statement.execute("SET synchronous_commit = off");
      for (long i = writer; done.get() < wanted; i++) {
        statement.execute(transactions(i));
        done.addAndGet(PER_ROUND_TRIP);
      }
    } catch (Exception e) {
      throw new IllegalStateException("A writer failed", e);
    }
  }

  private static String transactions(long start) {
    List<String> texts = new ArrayList<>();
    for (long i = start; i < start + PER_ROUND_TRIP; i++) {
      String change =
          switch ((int) (i % 5)) {
            case 0 -> "UPDATE moving SET id = id + 1000 WHERE id = (SELECT min(id) FROM moving)";
            case 1 ->
                "DELETE FROM bag WHERE ctid = (SELECT min(ctid) FROM bag); INSERT INTO bag VALUES ('v')";
            default -> "UPDATE hot SET n = n + 1 WHERE id = " + (1 + i % 10);
          };
      texts.add("BEGIN; " + change + "; COMMIT;");
    }
    return String.join("\n", texts);
  }
}
