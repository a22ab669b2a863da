package dev.pgportage.bench;

import dev.pgportage.testing.FlinkCluster;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Load and proof by two TaskManagers of a real cluster of Flink, beside the same by threads of the
 * program; and the same while TaskManagers and the program are killed and put to sleep.
 */
final class FlinkBench {
  private static final int GIGABYTES_2 = 270;
  private static final String SUMS =
      """
      SELECT string_agg(t || ' ' || c, ', ' ORDER BY t) FROM (
        SELECT c.relname AS t, (xpath('/row/s/text()', query_to_xml(format(
          'SELECT count(*) || ''/'' || coalesce(sum(hashtextextended(t::text, 0)), 0) AS s FROM %I.%I t',
          n.nspname, c.relname), false, true, '')))[1]::text AS c
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND n.nspname = 'public') AS tables
      """;

  private final Clusters clusters;
  private final FlinkCluster flink;
  private final int workers;

  private FlinkBench(Clusters clusters, FlinkCluster flink, int workers) {
    this.clusters = clusters;
    this.flink = flink;
    this.workers = workers;
  }

  static void run(BenchOptions options) throws Exception {
    try (var clusters = new Clusters(options.has("tmpfs"));
        var flink = FlinkCluster.start(2)) {
      clusters.emptySource();
      int scale = options.number("scale", GIGABYTES_2);
      try (Connection source = clusters.source()) {
        Mixed.fill(source, scale);
        dev.pgportage.pg.Sql.execute(source, "VACUUM (FREEZE, ANALYZE)");
      }
      var bench = new FlinkBench(clusters, flink, options.number("workers", 4));
      if (options.has("faults")) {
        bench.faults();
        return;
      }
      var results = new Results();
      for (int run = 0; run < options.number("runs", 1); run++) {
        bench.measure("threads", "", results);
        bench.measure("two TaskManagers", bench.flinkOptions(), results);
      }
      try (Connection source = clusters.source()) {
        String size = "SELECT pg_size_pretty(pg_database_size(current_database()))";
        results.print(
            "Load and proof of mixed data, scale %d (%s), %d workers; %s"
                .formatted(scale, Clusters.text(source, size), bench.workers, Bench.machine()));
      }
    }
  }

  private String flinkOptions() {
    return " --executor flink --flink-url "
        + flink.url()
        + " --set executor.flink_jar="
        + FlinkCluster.jobJar();
  }

  private String line(String more) {
    return ("migrate --no-ui --yes --name=bench --source='%s' --target='%s' --set load.workers=%d"
                + " --set validation.workers=%d --set load.chunk_size=32MB")
            .formatted(clusters.sourceUrl(), clusters.targetUrl(), workers, workers)
        + more;
  }

  private void measure(String mover, String more, Results results) throws Exception {
    clusters.emptyTarget();
    Timed whole =
        Timed.command(
            clusters,
            "./pgportage "
                + line(" --type=full-load" + more)
                + " && rm -f pgportage-bench-*.html pgportage-bench-*.json");
    double proof = clusters.stepSeconds("validation");
    results.add(mover + ": load and all but the proof", whole.without(proof));
    System.err.printf(
        "  %s: step load %.1f s, step validation %.1f s%n", mover, clusters.stepSeconds("load"), proof);
    results.add(mover + ": every row proven", whole);
  }

  private void faults() throws Exception {
    clusters.emptyTarget();
    Process first = start();
    await("EXISTS (SELECT FROM pg_tables WHERE tablename = 'round_chunk')");
    await("(SELECT count(*) FROM pgportage.chunk) >= 8");
    tell("kill -9 of a TaskManager");
    FlinkCluster.signal(flink.taskManager(0), "KILL");
    flink.addTaskManager();
    await("(SELECT count(*) FROM pgportage.chunk) >= 16");
    tell("kill -9 of the coordinator");
    FlinkCluster.signal(first, "KILL");
    first.waitFor();
    Process second = start();
    await("(SELECT count(*) FROM pgportage.round_chunk WHERE attempt = 1) >= 3");
    tell("SIGSTOP of a TaskManager");
    FlinkCluster.signal(flink.taskManager(1), "STOP");
    await("EXISTS (SELECT FROM pgportage.round_chunk WHERE attempt > 1)");
    tell("its chunks were taken over: SIGCONT");
    FlinkCluster.signal(flink.taskManager(1), "CONT");
    if (!second.waitFor(30, TimeUnit.MINUTES) || second.exitValue() != 0) {
      throw new IOException("The migration ended with " + second.exitValue());
    }
    try (Connection source = clusters.source();
        Connection target = clusters.target()) {
      String there = Clusters.text(target, SUMS);
      boolean same = Clusters.text(source, SUMS).equals(there);
      System.out.println(
          "Load and proof with a TaskManager killed, the coordinator killed, a TaskManager put to sleep"
              + " until its chunks were taken over: READY, and by SQL of this bench's own "
              + (same ? "every table is the same." : "TABLES DIFFER: " + there));
      if (!same) {
        throw new IOException("Tables differ");
      }
    }
  }

  private static void tell(String what) {
    System.err.println("  " + what);
  }

  private Process start() throws IOException {
    Path jar = Path.of(System.getProperty("pgportage.home", "target"), "pgportage.jar");
    Path output = Files.createTempFile("bench", ".out");
    tell("migrate, output in " + output);
    List<String> command =
        List.of(
            "bash", "-c", "exec java -jar " + jar + " " + line(" --until-ready" + flinkOptions()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .redirectInput(new File("/dev/null"))
        .start();
  }

  private void await(String condition) throws Exception {
    try (Connection target = clusters.target()) {
      Clusters.await(target, condition);
    }
  }
}
