package dev.pgportage.bench;

import java.sql.Connection;
import java.sql.Statement;
import java.util.Locale;

/** An assessment of a database of very many tables: its time, and what it asks of each server. */
final class AssessBench {
  private static final int TABLES_PER_TRANSACTION = 500;

  private AssessBench() {}

  static void run(BenchOptions options) throws Exception {
    int tables = options.number("tables", 5000);
    try (var clusters = new Clusters(options.has("tmpfs"))) {
      clusters.emptySource();
      clusters.emptyTarget();
      create(clusters, tables);
      System.out.printf(
          Locale.ROOT, "Assessment of %d tables; %s%n%n", tables, Bench.machine());
      System.out.println("| run | wall, s | program's CPU, s | servers' CPU, s | transactions |");
      System.out.println("|---|---|---|---|---|");
      for (int run = 1; run <= options.number("runs", 3); run++) {
        long before = transactions(clusters);
        Timed timed =
            Timed.command(
                clusters,
                "./pgportage assess --name=bench --source='%s' --target='%s'"
                    .formatted(clusters.sourceUrl(), clusters.targetUrl()));
        System.out.printf(
            Locale.ROOT,
            "| %d | %.2f | %.2f | %.2f | %d |%n",
            run,
            timed.wall(),
            timed.moverCpu(),
            timed.cpu().source() + timed.cpu().target(),
            transactions(clusters) - before);
      }
    }
  }

  /** Each with a sequence, two indexes and a foreign key; every hundredth without any key. */
  private static void create(Clusters clusters, int tables) throws Exception {
    try (Connection source = clusters.source();
        Statement statement = source.createStatement()) {
      for (int first = 1; first <= tables; first += TABLES_PER_TRANSACTION) {
        statement.execute(
            """
            DO $$ BEGIN FOR i IN %d..%d LOOP
              IF i %% 100 = 0 THEN
                EXECUTE format('CREATE TABLE t%%s (id int, v text)', i);
              ELSE
                EXECUTE format('CREATE TABLE t%%s (id serial PRIMARY KEY, v text, at timestamptz,'
                  ' other int REFERENCES t%%s)', i, CASE WHEN i %% 100 > 1 THEN i - 1 ELSE i END);
                EXECUTE format('CREATE INDEX ON t%%s (v)', i);
              END IF;
            END LOOP; END $$
            """
                .formatted(first, Math.min(first + TABLES_PER_TRANSACTION - 1, tables)));
      }
      statement.execute("ANALYZE");
    }
  }

  /** Every statement of an assessment is a transaction of its own, but for those of pg_dump. */
  private static long transactions(Clusters clusters) throws Exception {
    long sum = 0;
    for (Connection connection : new Connection[] {clusters.source(), clusters.target()}) {
      try (connection) {
        sum +=
            Long.parseLong(
                Clusters.text(
                    connection,
                    "SELECT xact_commit + xact_rollback FROM pg_stat_database"
                        + " WHERE datname = current_database()"));
      }
    }
    return sum;
  }
}
