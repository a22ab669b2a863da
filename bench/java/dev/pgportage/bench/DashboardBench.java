package dev.pgportage.bench;

import dev.pgportage.testing.Browser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The dashboard of a migration of very many tables: how long its page takes to show them, and what
 * the process that serves it, and nothing else, spends on it while somebody looks and rows change.
 */
final class DashboardBench {
  private static final double MOST_SECONDS = 2;
  private static final double MOST_OF_A_CORE = 0.02;
  private static final int TABLES_PER_TRANSACTION = 500;
  private static final int NOTED_ALONE = 20;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String FILLED =
      "document.querySelectorAll('#grid .body .row').length > 5"
          + " && document.querySelectorAll('.node').length > 5"
          + " && document.querySelectorAll('#events li').length > 5";

  private DashboardBench() {}

  static void run(BenchOptions options) throws Exception {
    int tables = options.number("tables", 10_000);
    try (var clusters = new Clusters(options.has("tmpfs"))) {
      clusters.emptySource();
      clusters.emptyTarget();
      int made = options.has("noted") ? NOTED_ALONE : tables;
      create(clusters, made);
      System.err.println("Migrating " + made + " tables ...");
      Process migrate = start(clusters, "migrate --no-ui");
      try {
        await(migrate, "READY: ");
        if (options.has("noted")) {
          note(clusters, tables);
        }
        Process ui = start(clusters, "ui");
        try {
          String link = await(ui, "Dashboard: ").replaceFirst(".*Dashboard: ", "");
          measure(clusters, ui, link, tables, options);
        } finally {
          end(ui);
        }
      } finally {
        end(migrate);
      }
    }
  }

  private static void measure(
      Clusters clusters, Process ui, String link, int tables, BenchOptions options)
      throws Exception {
    var loads = new ArrayList<Double>();
    try (var browser = Browser.open("about:blank")) {
      browser.size(1440, 1200);
      for (int run = 0; run < options.number("runs", 5); run++) {
        long begin = System.nanoTime();
        browser.go(link);
        browser.await(FILLED, PATIENCE);
        loads.add((System.nanoTime() - begin) / 1e9);
        browser.go("about:blank");
      }
      browser.go(link);
      browser.await(FILLED, PATIENCE);
      // What a process may take for its start is spent by then.
      Thread.sleep(Duration.ofSeconds(options.number("settle", 30)));
      double atRest = share(ui, options, () -> {});
      boolean noted = options.has("noted");
      double busy =
          share(
              ui,
              options,
              () -> {
                if (noted) {
                  noteChanges(clusters, tables);
                } else {
                  change(clusters, tables);
                }
              });
      long begin = System.nanoTime();
      int middle = tables / 2;
      browser.evaluate(
          "(document.querySelector('.body').scrollTop = %d, 1)".formatted(middle * 30));
      browser.await(
          "[...document.querySelectorAll('#grid .row')].some("
              + "r => +r.getAttribute('aria-rowindex') > "
              + (middle - 10)
              + ")",
          PATIENCE);
      double scroll = (System.nanoTime() - begin) / 1e9;
      browser.screenshot("many-tables");
      print(tables, loads, atRest, busy, scroll);
    }
  }

  private static void print(
      int tables, List<Double> loads, double atRest, double busy, double scroll) throws Exception {
    System.out.printf(
        Locale.ROOT, "Dashboard of %d tables, by 'pgportage ui'; %s%n%n", tables, Bench.machine());
    System.out.println("| what | measured | at most |");
    System.out.println("|---|---|---|");
    String each =
        String.join(
            " ", loads.stream().map(s -> String.format(Locale.ROOT, "%.2f", s)).toList());
    System.out.printf(Locale.ROOT, "| page shown, s, each of the runs | %s | %.0f |%n", each, MOST_SECONDS);
    System.out.printf(Locale.ROOT, "| scrolled to the middle, s | %.2f | |%n", scroll);
    System.out.printf(Locale.ROOT, "| of a core while looked at, at rest | %.2f %% | 2 %% |%n", atRest * 100);
    System.out.printf(
        Locale.ROOT, "| the same while 200 tables a second change | %.2f %% | 2 %% |%n", busy * 100);
    boolean kept =
        loads.stream().allMatch(s -> s <= MOST_SECONDS)
            && atRest <= MOST_OF_A_CORE
            && busy <= MOST_OF_A_CORE;
    System.out.println(kept ? "\nWithin its limits." : "\nBEYOND ITS LIMITS.");
  }

  /** What happens once a second meanwhile. */
  private interface Deed {
    void now() throws Exception;
  }

  /** The share of one core the process takes. */
  private static double share(Process process, BenchOptions options, Deed deed) throws Exception {
    int seconds = options.number("seconds", 40);
    double before = Timed.cpuOf(process);
    long begin = System.nanoTime();
    for (int second = 0; second < seconds; second++) {
      deed.now();
      Thread.sleep(Duration.ofSeconds(1));
    }
    return (Timed.cpuOf(process) - before) / ((System.nanoTime() - begin) / 1e9);
  }

  private static void change(Clusters clusters, int tables) throws Exception {
    try (Connection source = clusters.source();
        Statement statement = source.createStatement()) {
      var sql = new StringBuilder();
      for (int i = 0; i < 200; i++) {
        sql.append("UPDATE t%d SET v = v || '.';".formatted(1 + (int) (Math.random() * tables)));
      }
      statement.execute(sql.toString());
    }
  }

  /** Tables that are in the migration's state alone, which takes seconds instead of minutes. */
  private static void note(Clusters clusters, int tables) throws Exception {
    execute(
        clusters,
        """
        INSERT INTO pgportage.relation (migration, schema_name, table_name, state, planned_bytes,
          planned_rows)
        SELECT 'bench', 'many', 'table_' || n, CASE WHEN n %% 3 = 0 THEN 'planned' ELSE 'copied' END,
          n * 1000, n FROM generate_series(1, %1$d) n;
        INSERT INTO pgportage.chunk (migration, schema_name, table_name, number, rows, bytes)
        SELECT 'bench', 'many', 'table_' || n, 1, n, n FROM generate_series(1, %1$d) n
        WHERE n %% 3 > 0;
        INSERT INTO pgportage.validation (migration, schema_name, table_name, source_rows,
          target_rows, missing, extra, differing, digest, at_lsn, proven_lsn)
        SELECT 'bench', 'many', 'table_' || n, n, n, 0, 0, 0, md5(n::text), '0/10', '0/10'
        FROM generate_series(1, %1$d) n;
        ANALYZE pgportage.relation, pgportage.chunk, pgportage.validation
        """
            .formatted(tables));
  }

  private static void noteChanges(Clusters clusters, int tables) throws Exception {
    execute(
        clusters,
        """
        INSERT INTO pgportage.table_change (migration, schema_name, table_name, changed_lsn)
        SELECT DISTINCT 'bench', 'many', 'table_' || (1 + random() * (%d - 1))::int,
          pg_current_wal_lsn()
        FROM generate_series(1, 200)
        ON CONFLICT (migration, schema_name, table_name)
        DO UPDATE SET changed_lsn = excluded.changed_lsn
        """
            .formatted(tables));
  }

  private static void execute(Clusters clusters, String sql) throws Exception {
    try (Connection target = clusters.target();
        Statement statement = target.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void create(Clusters clusters, int tables) throws Exception {
    try (Connection source = clusters.source();
        Statement statement = source.createStatement()) {
      for (int first = 1; first <= tables; first += TABLES_PER_TRANSACTION) {
        statement.execute(
            """
            DO $$ BEGIN FOR i IN %d..%d LOOP
              EXECUTE format('CREATE TABLE t%%s (id int PRIMARY KEY, v text)', i);
              EXECUTE format('INSERT INTO t%%s SELECT n, ''x'' FROM generate_series(1, 5) n', i);
            END LOOP; END $$
            """
                .formatted(first, Math.min(first + TABLES_PER_TRANSACTION - 1, tables)));
      }
      statement.execute("ANALYZE");
    }
  }

  private static Process start(Clusters clusters, String command) throws IOException {
    return new ProcessBuilder(
            "sh",
            "-c",
            "exec ./pgportage %s --name=bench --source='%s' --target='%s' --set=cutover.reverse=off"
                .formatted(command, clusters.sourceUrl(), clusters.targetUrl()))
        .redirectErrorStream(true)
        .start();
  }

  /** Reads what a program prints up to a line that holds a text; what follows is read and left. */
  private static String await(Process process, String text) throws IOException {
    var lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.contains(text)) {
        Thread.ofVirtual().start(() -> lines.lines().forEach(_ -> {}));
        return line;
      }
      System.err.println("  " + line);
    }
    throw new IOException("It ended without saying '" + text + "'");
  }

  private static void end(Process process) throws InterruptedException {
    process.destroy();
    process.waitFor();
  }
}
