package dev.pgportage.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A backlog of small transactions, from the first change sent to the last one committed. It is
 * written once for all movers, each of which has a slot of its own; who comes first changes.
 */
final class CdcBench {
  private static final String NATIVE = "bench_native";

  private final Clusters clusters;
  private final Backlog backlog;
  private final int streams;

  private CdcBench(Clusters clusters, Backlog backlog, int streams) {
    this.clusters = clusters;
    this.backlog = backlog;
    this.streams = streams;
  }

  /** What applies the backlog. */
  private interface Mover {
    String name();

    /** Makes itself ready, before the backlog is written. */
    void begin() throws Exception;

    /** Takes what was written up to a position. */
    Timed take(String end) throws Exception;

    /** Removes its slot. */
    void end() throws Exception;
  }

  static void run(BenchOptions options) throws Exception {
    Backlog backlog = Backlog.of(options.text("shape", "tpcb"));
    int transactions = options.number("transactions", backlog.transactions());
    int scale = options.number("scale", 10);
    try (var clusters = new Clusters(options.has("tmpfs"))) {
      var bench = new CdcBench(clusters, backlog, options.number("streams", 1));
      var movers = new ArrayList<Mover>();
      if (options.wants("pgportage")) {
        movers.add(bench.new Portage());
      }
      if (options.wants("native")) {
        movers.add(bench.new Subscription());
      }
      if (options.wants("decoding")) {
        movers.add(bench.new Decoding());
      }
      var results = new Results();
      movers.forEach(mover -> results.expect(mover.name()));
      for (int run = 0; run < options.number("runs", 3); run++) {
        bench.measure(movers, run, scale, transactions, results);
      }
      results.print(
          "Backlog of %d transactions, %s, scale %d, %s; %s"
              .formatted(
                  transactions, backlog, scale, options.has("tmpfs") ? "tmpfs" : "disk", Bench.machine()));
    }
  }

  private void measure(List<Mover> movers, int run, int scale, int transactions, Results results)
      throws Exception {
    backlog.prepare(clusters, scale);
    for (Mover mover : movers) {
      mover.begin();
    }
    backlog.write(clusters, transactions);
    String end;
    try (Connection source = clusters.source()) {
      end = Clusters.text(source, "SELECT pg_current_wal_lsn()");
    }
    var order = new ArrayList<>(movers);
    Collections.rotate(order, run);
    for (Mover mover : order) {
      clusters.settle();
      results.add(mover.name(), mover.take(end));
    }
    for (Mover mover : movers) {
      mover.end();
    }
  }

  private void dropSlot(String slot) throws Exception {
    try (Connection source = clusters.source();
        Statement statement = source.createStatement()) {
      Clusters.await(
          source,
          "SELECT NOT active FROM pg_replication_slots WHERE slot_name = '%s'".formatted(slot));
      statement.execute("SELECT pg_drop_replication_slot('%s')".formatted(slot));
    }
  }

  private void createSlot(Connection source, String slot) throws SQLException {
    try (Statement statement = source.createStatement()) {
      statement.execute(
          "SELECT pg_create_logical_replication_slot('%s', 'pgoutput')".formatted(slot));
      statement.execute("CREATE PUBLICATION %s FOR TABLE %s".formatted(slot, backlog.tables()));
    }
  }

  private final class Portage implements Mover {
    private final String connections =
        "--name=bench --source='%s' --target='%s'"
                .formatted(clusters.sourceUrl(), clusters.targetUrl())
            + (streams == 1 ? "" : " --set apply.streams=" + streams);

    @Override
    public String name() {
      return streams == 1 ? "pgportage" : "pgportage, " + streams + " streams";
    }

    @Override
    public void begin() throws Exception {
      Timed.command(clusters, "./pgportage migrate %s --until-ready".formatted(connections));
    }

    @Override
    public Timed take(String end) throws Exception {
      var process =
          new ProcessBuilder("bash", "-c", "exec ./pgportage migrate " + connections)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (Connection target = clusters.target()) {
        // The program's start is its own affair: measured is from its first batch's beginning on.
        Clusters.await(
            target,
            "EXISTS (SELECT FROM pg_stat_activity WHERE application_name LIKE 'pgportage % apply')");
        Clusters.Cpu before = clusters.cpu();
        double moverBefore = Timed.cpuOf(process);
        long started = System.nanoTime();
        Clusters.await(
            target,
            "(SELECT min(applied_lsn) >= '%s' FROM pgportage.apply_progress)".formatted(end));
        double wall = (System.nanoTime() - started) / 1e9;
        double cpu = Timed.cpuOf(process) - moverBefore;
        return new Timed(wall, cpu, clusters.cpu().minus(before));
      } finally {
        process.destroy();
        process.waitFor();
      }
    }

    @Override
    public void end() throws Exception {
      Timed.command(clusters, "./pgportage cleanup --yes --no-report " + connections);
    }
  }

  private final class Subscription implements Mover {
    @Override
    public String name() {
      return "native subscription";
    }

    @Override
    public void begin() throws Exception {
      String url = clusters.otherTarget(NATIVE);
      Timed.command(
          clusters,
          "pg_dump -n public '%s' | grep -v 'CREATE SCHEMA public' | psql -qX -v ON_ERROR_STOP=1 '%s'"
              .formatted(clusters.sourceUrl(), url));
      try (Connection source = clusters.source();
          Connection target = clusters.otherTargetSession(NATIVE);
          Statement onTarget = target.createStatement()) {
        createSlot(source, NATIVE);
        onTarget.execute(
            "CREATE SUBSCRIPTION bench CONNECTION '%s' PUBLICATION %s WITH (copy_data = false, create_slot = false, enabled = false, slot_name = '%2$s')"
                .formatted(clusters.sourceUrl(), NATIVE));
      }
    }

    @Override
    public Timed take(String end) throws Exception {
      try (Connection source = clusters.source();
          Connection target = clusters.otherTargetSession(NATIVE);
          Statement onTarget = target.createStatement()) {
        Clusters.Cpu before = clusters.cpu();
        long started = System.nanoTime();
        onTarget.execute("ALTER SUBSCRIPTION bench ENABLE");
        Clusters.await(
            source,
            "SELECT confirmed_flush_lsn >= '%s' FROM pg_replication_slots WHERE slot_name = '%s'"
                .formatted(end, NATIVE));
        double wall = (System.nanoTime() - started) / 1e9;
        return new Timed(wall, 0, clusters.cpu().minus(before));
      }
    }

    @Override
    public void end() throws Exception {
      try (Connection target = clusters.otherTargetSession(NATIVE);
          Statement onTarget = target.createStatement()) {
        onTarget.execute("ALTER SUBSCRIPTION bench DISABLE");
        onTarget.execute("ALTER SUBSCRIPTION bench SET (slot_name = NONE)");
        onTarget.execute("DROP SUBSCRIPTION bench");
      }
      dropSlot(NATIVE);
    }
  }

  private final class Decoding implements Mover {
    private static final String SLOT = "bench_floor";

    @Override
    public String name() {
      return "decoding alone";
    }

    @Override
    public void begin() throws Exception {
      try (Connection source = clusters.source()) {
        createSlot(source, SLOT);
      }
    }

    @Override
    public Timed take(String end) throws Exception {
      try (Connection source = clusters.source();
          Statement statement = source.createStatement()) {
        Clusters.Cpu before = clusters.cpu();
        long started = System.nanoTime();
        statement.execute(
            "SELECT count(*) FROM pg_logical_slot_peek_binary_changes('%s', '%s', NULL, 'proto_version', '1', 'publication_names', '%1$s')"
                .formatted(SLOT, end));
        double wall = (System.nanoTime() - started) / 1e9;
        return new Timed(wall, 0, clusters.cpu().minus(before));
      }
    }

    @Override
    public void end() throws Exception {
      dropSlot(SLOT);
    }
  }
}
