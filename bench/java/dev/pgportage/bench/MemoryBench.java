package dev.pgportage.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A large table, and one huge transaction after it, with a heap of 256 MB. */
final class MemoryBench {
  private static final Pattern COLLECTION = Pattern.compile("(\\d+)M->(\\d+)M\\((\\d+)M\\)");

  private static final Path OUTPUT = Path.of("target/bench-memory.out");

  private MemoryBench() {}

  /**
   * The heap over one stretch of the run.
   *
   * @param used most megabytes in use, garbage included
   * @param live most megabytes that outlived a collection
   */
  private record Heap(long used, long live) {}

  static void run(BenchOptions options) throws Exception {
    int gigabytes = options.number("gigabytes", 2);
    int rows = options.number("rows", 5_000_000);
    Path log = Files.createTempFile("bench", ".gc");
    try (var clusters = new Clusters(options.has("tmpfs"))) {
      clusters.emptySource();
      clusters.emptyTarget();
      fill(clusters, gigabytes);
      Process process = start(clusters, log);
      try (Connection source = clusters.source();
          Statement statement = source.createStatement()) {
        System.out.printf("%n%s%n%n", Bench.machine());
        System.out.println("| stretch, at -Xmx256m | wall, s | heap, most in use, MB | outliving a collection, MB | resident, MB |");
        System.out.println("|---|---|---|---|---|");
        double load = untilReady(clusters, process);
        print("load and proof of %d GB".formatted(gigabytes), load, heap(log, 0), process);
        long seen = Files.size(log);
        statement.execute(
            "INSERT INTO wide SELECT g, repeat('x', 60) || g FROM generate_series(-%d, -1) g".formatted(rows));
        double applied = untilApplied(clusters, process, Clusters.text(source, "SELECT pg_current_wal_lsn()"));
        print("one transaction of %,d rows".formatted(rows), applied, heap(log, seen), process);
        statement.execute("UPDATE wide SET v = v || '!' WHERE id < 0");
        seen = Files.size(log);
        applied = untilApplied(clusters, process, Clusters.text(source, "SELECT pg_current_wal_lsn()"));
        print("one that updates them", applied, heap(log, seen), process);
        requireSame(clusters);
      } finally {
        process.destroy();
        process.waitFor();
      }
    } finally {
      Files.delete(log);
    }
  }

  private static void fill(Clusters clusters, int gigabytes) throws Exception {
    try (Connection source = clusters.source();
        Statement statement = source.createStatement()) {
      statement.execute("CREATE TABLE wide (id int PRIMARY KEY, v text)");
      for (int part = 0; part < gigabytes; part++) {
        statement.execute(
            "INSERT INTO wide SELECT %1$d * 1000000 + g, repeat(md5(g::text), 32) FROM generate_series(1, 1000000) g".formatted(part));
      }
      statement.execute("VACUUM (FREEZE, ANALYZE)");
    }
  }

  private static Process start(Clusters clusters, Path log) throws IOException {
    String migrate =
        "exec java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:+ExitOnOutOfMemoryError -Xlog:gc:file=%s -jar target/pgportage.jar migrate --yes --name=bench --source='%s' --target='%s'"
            .formatted(log, clusters.sourceUrl(), clusters.targetUrl());
    return new ProcessBuilder("bash", "-c", migrate)
        .redirectErrorStream(true)
        .redirectOutput(OUTPUT.toFile())
        .start();
  }

  private static double untilReady(Clusters clusters, Process process) throws Exception {
    return until(
        clusters,
        process,
        "to_regclass('pgportage.step') IS NOT NULL",
        "EXISTS (SELECT FROM pgportage.step WHERE name = 'ready')");
  }

  private static double untilApplied(Clusters clusters, Process process, String position)
      throws Exception {
    return until(
        clusters,
        process,
        "(SELECT min(applied_lsn) >= '%s' FROM pgportage.apply_progress)".formatted(position));
  }

  private static double until(Clusters clusters, Process process, String... conditions)
      throws Exception {
    long started = System.nanoTime();
    try (Connection target = clusters.target()) {
      for (String condition : conditions) {
        while (!Clusters.isTrue(target, condition)) {
          if (!process.isAlive()) {
            throw new IOException(
                "pgportage ended with %d: %s"
                    .formatted(process.exitValue(), Files.readString(OUTPUT)));
          }
          TimeUnit.MILLISECONDS.sleep(50);
        }
      }
    }
    return (System.nanoTime() - started) / 1e9;
  }

  private static Heap heap(Path log, long from) throws IOException {
    long used = 0;
    long live = 0;
    Matcher matcher = COLLECTION.matcher(Files.readString(log).substring((int) from));
    while (matcher.find()) {
      used = Math.max(used, Long.parseLong(matcher.group(1)));
      live = Math.max(live, Long.parseLong(matcher.group(2)));
    }
    return new Heap(used, live);
  }

  private static void print(String stretch, double wall, Heap heap, Process process)
      throws IOException {
    String resident =
        Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
            .filter(line -> line.startsWith("VmHWM:"))
            .map(line -> line.replaceAll("\\D", ""))
            .findFirst()
            .orElseThrow();
    System.out.printf(
        Locale.ROOT,
        "| %s | %.1f | %d | %d | %d |%n",
        stretch, wall, heap.used(), heap.live(), Long.parseLong(resident) / 1024);
  }

  private static void requireSame(Clusters clusters) throws Exception {
    String sum = "SELECT concat(count(*), ' ', sum(hashtextextended(wide::text, 0))) FROM wide";
    try (Connection source = clusters.source();
        Connection target = clusters.target()) {
      if (!Clusters.text(source, sum).equals(Clusters.text(target, sum))) {
        throw new IOException("Source and target differ");
      }
    }
  }
}
