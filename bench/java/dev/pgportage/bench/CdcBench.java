package dev.pgportage.bench;

import java.sql.Connection;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;

/** A backlog of small transactions, from the first change sent to the last one committed. */
final class CdcBench {
  private CdcBench() {}

  static void run(BenchOptions options) throws Exception {
    Backlog backlog = Backlog.of(options.text("shape", "tpcb"));
    int transactions = options.number("transactions", backlog.transactions());
    int scale = options.number("scale", 10);
    try (var clusters = new Clusters(options.has("tmpfs"))) {
      var results = new Results();
      for (int run = 0; run < options.number("runs", 3); run++) {
        results.add("pgportage", portage(clusters, backlog, scale, transactions));
        results.add("native subscription", subscription(clusters, backlog, scale, transactions));
        results.add("decoding alone", decoding(clusters, backlog, scale, transactions));
      }
      results.print(
          "Backlog of %d transactions, %s, scale %d, %s; %s"
              .formatted(
                  transactions, backlog, scale, options.has("tmpfs") ? "tmpfs" : "disk", Bench.machine()));
    }
  }

  private static String end(Clusters clusters) throws Exception {
    try (Connection source = clusters.source()) {
      return Clusters.text(source, "SELECT pg_current_wal_lsn()");
    }
  }

  private static Timed portage(Clusters clusters, Backlog backlog, int scale, int transactions) throws Exception {
    backlog.prepare(clusters, scale);
    String migrate =
        "./pgportage migrate --name=bench --source='%s' --target='%s'"
            .formatted(clusters.sourceUrl(), clusters.targetUrl());
    Timed.command(clusters, migrate + " --until-ready");
    backlog.write(clusters, transactions);
    String end = end(clusters);
    var process =
        new ProcessBuilder("bash", "-c", "exec " + migrate)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (Connection target = clusters.target()) {
      // The program's start is its own affair: measured is from its first batch's beginning on.
      String applied = "SELECT applied_lsn FROM pgportage.apply_progress";
      String from = Clusters.text(target, applied);
      Clusters.await(
          target,
          "EXISTS (SELECT FROM pg_stat_activity WHERE application_name LIKE 'pgportage % apply')");
      double before = clusters.cpuSeconds();
      double moverBefore = cpuOf(process);
      long started = System.nanoTime();
      Clusters.await(
          target,
          "(SELECT applied_lsn >= '%s' FROM pgportage.apply_progress) AND '%s' <> ''"
              .formatted(end, from));
      double wall = (System.nanoTime() - started) / 1e9;
      double cpu = cpuOf(process) - moverBefore;
      return new Timed(wall, cpu, clusters.cpuSeconds() - before);
    } finally {
      process.destroy();
      process.waitFor();
      Timed.command(
          clusters,
          "./pgportage cleanup --yes --name=bench --source='%s' --target='%s'"
              .formatted(clusters.sourceUrl(), clusters.targetUrl()));
    }
  }

  private static double cpuOf(Process process) {
    return process.toHandle().info().totalCpuDuration().orElseThrow().toMillis() / 1000.0;
  }

  private static Timed subscription(Clusters clusters, Backlog backlog, int scale, int transactions)
      throws Exception {
    backlog.prepare(clusters, scale);
    Timed.command(
        clusters,
        "pg_dump '%s' | psql -qX -v ON_ERROR_STOP=1 '%s'"
            .formatted(clusters.sourceUrl(), clusters.targetUrl()));
    try (Connection source = clusters.source();
        Statement onSource = source.createStatement();
        Connection target = clusters.target();
        Statement onTarget = target.createStatement()) {
      onSource.execute("CREATE PUBLICATION bench FOR TABLE " + backlog.tables());
      onSource.execute("SELECT pg_create_logical_replication_slot('bench', 'pgoutput')");
      onTarget.execute(
          "CREATE SUBSCRIPTION bench CONNECTION '%s' PUBLICATION bench WITH (copy_data = false, create_slot = false, enabled = false, slot_name = 'bench')"
              .formatted(clusters.sourceUrl()));
      backlog.write(clusters, transactions);
      String end = end(clusters);
      double before = clusters.cpuSeconds();
      long started = System.nanoTime();
      onTarget.execute("ALTER SUBSCRIPTION bench ENABLE");
      Clusters.await(
          source,
          "SELECT confirmed_flush_lsn >= '%s' FROM pg_replication_slots WHERE slot_name = 'bench'"
              .formatted(end));
      double wall = (System.nanoTime() - started) / 1e9;
      Timed timed = new Timed(wall, 0, clusters.cpuSeconds() - before);
      onTarget.execute("ALTER SUBSCRIPTION bench DISABLE");
      onTarget.execute("ALTER SUBSCRIPTION bench SET (slot_name = NONE)");
      onTarget.execute("DROP SUBSCRIPTION bench");
      Clusters.await(
          source,
          "SELECT NOT active FROM pg_replication_slots WHERE slot_name = 'bench'");
      onSource.execute("SELECT pg_drop_replication_slot('bench')");
      return timed;
    }
  }

  private static Timed decoding(Clusters clusters, Backlog backlog, int scale, int transactions) throws Exception {
    backlog.prepare(clusters, scale);
    try (Connection source = clusters.source();
        Statement statement = source.createStatement()) {
      statement.execute("CREATE PUBLICATION bench FOR TABLE " + backlog.tables());
      statement.execute("SELECT pg_create_logical_replication_slot('bench', 'pgoutput')");
      backlog.write(clusters, transactions);
      TimeUnit.MILLISECONDS.sleep(100);
      double before = clusters.cpuSeconds();
      long started = System.nanoTime();
      statement.execute(
          "SELECT count(*) FROM pg_logical_slot_peek_binary_changes('bench', NULL, NULL, 'proto_version', '1', 'publication_names', 'bench')");
      double wall = (System.nanoTime() - started) / 1e9;
      Timed timed = new Timed(wall, 0, clusters.cpuSeconds() - before);
      statement.execute("SELECT pg_drop_replication_slot('bench')");
      return timed;
    }
  }
}
