package dev.pgportage.bench;

import java.sql.Connection;
import java.sql.Statement;

/** A whole clone of one database: schema, rows, indexes, constraints, statistics. */
final class LoadBench {
  private LoadBench() {}

  static void run(BenchOptions options) throws Exception {
    int jobs = options.number("jobs", 2);
    int scale = options.number("scale", 20);
    String data = options.text("data", "pgbench");
    try (var clusters = new Clusters(options.has("tmpfs"))) {
      fill(clusters, data, scale);
      var results = new Results();
      for (int run = 0; run < options.number("runs", 3); run++) {
        if (options.wants("pgportage")) {
          portage(clusters, jobs, options.text("set", ""), results);
        }
        if (options.wants("pgcopydb")) {
          clusters.emptyTarget();
          results.add("pgcopydb clone", pgcopydb(clusters, jobs));
        }
        if (options.wants("pg_dump")) {
          clusters.emptyTarget();
          results.add("pg_dump -Fd, pg_restore -j", dump(clusters, jobs));
        }
      }
      try (Connection source = clusters.source()) {
        String size = "SELECT pg_size_pretty(pg_database_size(current_database()))";
        results.print(
            "Clone of %s, scale %d (%s), %d jobs, %s; %s"
                .formatted(
                    data,
                    scale,
                    Clusters.text(source, size),
                    jobs,
                    options.has("tmpfs") ? "tmpfs" : "disk",
                    Bench.machine()));
      }
    }
  }

  private static void fill(Clusters clusters, String data, int scale) throws Exception {
    clusters.emptySource();
    switch (data) {
      case "pgbench" ->
          Timed.command(
              clusters,
              "pgbench -q -i -s %d '%s'".formatted(scale, clusters.sourceUrl()));
      case "mixed" -> {
        try (Connection source = clusters.source()) {
          Mixed.fill(source, scale);
        }
      }
      default -> throw new IllegalArgumentException("--data=pgbench or --data=mixed");
    }
    try (Connection source = clusters.source();
        Statement statement = source.createStatement()) {
      statement.execute("VACUUM (FREEZE, ANALYZE)");
    }
  }

  /** One run gives two lines: the peers prove nothing, so the time without the proof compares. */
  private static void portage(Clusters clusters, int jobs, String set, Results results)
      throws Exception {
    clusters.emptyTarget();
    Timed whole =
        Timed.command(
            clusters,
            "./pgportage migrate --source='%s' --target='%s'"
                    .formatted(clusters.sourceUrl(), clusters.targetUrl())
                + " --type=full-load --name=bench --yes"
                + " --set load.workers=%1$d --set load.index_workers=%1$d --set validation.workers=%1$d"
                    .formatted(jobs)
                + (set.isEmpty() ? "" : " --set " + set)
                + " && rm -f pgportage-bench-*.html pgportage-bench-*.json");
    double proof = clusters.stepSeconds("validation");
    results.add("pgportage, without its proof", whole.without(proof));
    results.add("pgportage, every row proven", whole);
  }

  private static Timed pgcopydb(Clusters clusters, int jobs) throws Exception {
    return Timed.command(
        clusters,
        "d=$(mktemp -d) && pgcopydb clone --dir $d/w --table-jobs %1$d --index-jobs %1$d"
                .formatted(jobs)
            + " --source '%s' --target '%s' && rm -r $d"
                .formatted(clusters.sourceUrl(), clusters.targetUrl()));
  }

  private static Timed dump(Clusters clusters, int jobs) throws Exception {
    return Timed.command(
        clusters,
        "d=$(mktemp -d) && pg_dump -Fd -Z0 -j %1$d -f $d/w -d '%2$s'".formatted(jobs, clusters.sourceUrl())
            + " && pg_restore -j %1$d -d '%2$s' $d/w && psql -qXc ANALYZE '%2$s' && rm -r $d"
                .formatted(jobs, clusters.targetUrl()));
  }
}
