package dev.pgportage.bench;

import dev.pgportage.journey.RollbackSoak;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** The program behind {@code ./dev bench}. */
final class Bench {
  private static final String HELP =
      """
      ./dev bench load [--data=pgbench|mixed] [--scale=20] [--runs=3] [--jobs=2]
          [--only=pgportage,pgcopydb,pg_dump] [--tmpfs]
          A whole clone: schema, rows, indexes, constraints, ANALYZE. Peers: pgcopydb clone,
          pg_dump -Fd | pg_restore -j.
      ./dev bench cdc [--shape=tpcb|inserts|toast] [--streams=N] [--transactions=N] [--scale=10] [--runs=3]
          [--only=pgportage,native,decoding] [--tmpfs]
          A backlog of transactions, from the first change to the last: TPC-B (50,000), a hundred
          new rows each (10,000), or updates of wide rows of which half leave what is out of line
          (30,000). Peers: a native subscription; the floor: decoding the slot's changes and
          nothing else.
      ./dev bench assess [--tables=5000] [--runs=3] [--tmpfs]
          An assessment of very many tables: time, and how much it asks.
      ./dev bench latency [--rate=500] [--seconds=15] [--runs=3]
          [--only=pgportage,native] [--tmpfs]
          Small transactions at a steady rate: from each commit until its row is seen on the target.
          Peer: a native subscription.
      ./dev bench validate [--data=pgbench|wide] [--scale=80] [--runs=5] [--tmpfs]
          One table of about 1 GB, the same on both sides, compared. Floor: reading it with COPY.
      ./dev bench cutover [--scale=150] [--rows=10000] [--quiet] [--tmpfs]
          A pgbench database of 2 GB, proven; then so many rows change, and it is cut over while an
          application writes (--quiet: while none does): how long the proofs and the freeze take.
      ./dev bench pooler [--scale=135] [--rate=1000] [--runs=5] [--steady=10] [--tmpfs]
          Cutovers of 2 GB, and rollbacks between them, seen by clients of a PgBouncer: the longest
          transaction, and errors. The seconds of --steady lie before each cutover.
      ./dev bench rollback [--minutes=10]
          Writes on the target for so long after a cutover, then a rollback: every acknowledged
          transaction is looked for on both sides, and every row compared.
      ./dev bench soak [--transactions=2000000] [--tmpfs]
          So many transactions on a few hot rows, while both sides are compared again and again: how
          many differences were reported, which must be none. Takes half an hour and more.
      ./dev bench dashboard [--tables=10000] [--noted] [--runs=5] [--settle=30] [--seconds=40] [--tmpfs]
          The dashboard of so many tables: until its page shows them, and what the process that
          serves it takes of a core; says whether that is at most 2 s and 2 per cent. With --noted
          the tables are in the migration's state alone, which saves migrating them.
      ./dev bench flink [--scale=270] [--workers=4] [--runs=1] [--faults] [--tmpfs]
          Load and proof of 2 GB by two TaskManagers of Flink, beside the same by threads. --faults:
          instead, the same while they and the program are killed and put to sleep, and a comparison.
      ./dev bench memory [--gigabytes=2] [--rows=5000000] [--tmpfs]
          A table of so many gigabytes, then one transaction that inserts so many rows, and one that
          updates them, with a heap of 256 MB: how much of it was needed. Compares both sides at the end.

        --cache    with the cache of classes that the first demo leaves: runs a demo first
        --tmpfs    the servers' data in memory (/dev/shm), so that the processor is what is measured
      """;

  private Bench() {}

  /** Runs one measurement and prints its table; ends with status 2 if asked for none. */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length == 0) {
      System.err.print(HELP);
      System.exit(2);
    }
    var options = BenchOptions.parse(List.of(arguments).subList(1, arguments.length));
    if (options.has("cache")) {
      makeCache();
    }
    switch (arguments[0]) {
      case "load" -> LoadBench.run(options);
      case "cdc" -> CdcBench.run(options);
      case "assess" -> AssessBench.run(options);
      case "latency" -> LatencyBench.run(options);
      case "validate" -> ValidateBench.run(options);
      case "cutover" -> CutoverBench.run(options);
      case "pooler" -> PoolerBench.run(options);
      case "rollback" -> RollbackSoak.run(Duration.ofMinutes(options.number("minutes", 10)));
      case "soak" -> SoakBench.run(options);
      case "dashboard" -> DashboardBench.run(options);
      case "flink" -> FlinkBench.run(options);
      case "memory" -> MemoryBench.run(options);
      default -> {
        System.err.print(HELP);
        System.exit(2);
      }
    }
  }

  /**
   * Makes the cache of classes as a newcomer would, unless it is there for today's program: a demo
   * records what is worth keeping, and the next start makes the cache of it.
   */
  private static void makeCache() throws IOException, InterruptedException {
    String newer = "[ target/pgportage.aot -nt target/pgportage.jar ]";
    String made =
        "%s || { ./pgportage demo --no-ui && ./pgportage --version && for i in $(seq 120); do %1$s && exit; sleep 1; done; exit 1; }"
            .formatted(newer);
    var process =
        new ProcessBuilder("bash", "-c", made)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (process.waitFor() != 0) {
      throw new IllegalStateException("No cache of classes came of a demo");
    }
  }

  /** The machine in a line. */
  static String machine() throws IOException {
    var runtime = Runtime.getRuntime();
    return "%d cores, Java %s, PostgreSQL %d on both sides"
        .formatted(
            runtime.availableProcessors(), System.getProperty("java.version"), Clusters.MAJOR);
  }
}
