package dev.pgportage.bench;

import java.sql.Connection;
import java.sql.Statement;

/** The comparison of one large table on both sides, and the floor: reading it with COPY. */
final class ValidateBench {
  private ValidateBench() {}

  static void run(BenchOptions options) throws Exception {
    int scale = options.number("scale", 80);
    String data = options.text("data", "pgbench");
    try (var clusters = new Clusters(options.has("tmpfs"))) {
      clusters.emptySource();
      clusters.emptyTarget();
      fill(clusters, data, scale, clusters.sourceUrl());
      fill(clusters, data, scale, clusters.targetUrl());
      String table = data.equals("pgbench") ? "pgbench_accounts" : "wide";
      var results = new Results();
      for (int run = 0; run < options.number("runs", 5); run++) {
        results.add(
            "COPY to /dev/null, source",
            Timed.command(clusters, copy(table, clusters.sourceUrl())));
        results.add(
            "COPY to /dev/null, both at once",
            Timed.command(
                clusters,
                copy(table, clusters.sourceUrl())
                    + " & "
                    + copy(table, clusters.targetUrl())
                    + "; wait"));
        results.add(
            "pgportage compare",
            Timed.command(
                clusters,
                "./pgportage compare '%s' '%s'"
                    .formatted(clusters.sourceUrl(), clusters.targetUrl())));
      }
      try (Connection source = clusters.source()) {
        String size = "SELECT pg_size_pretty(pg_table_size('%s'))".formatted(table);
        results.print(
            "Comparison of %s (%s), %s; %s"
                .formatted(
                    table,
                    Clusters.text(source, size),
                    options.has("tmpfs") ? "tmpfs" : "disk",
                    Bench.machine()));
      }
    }
  }

  private static String copy(String table, String url) {
    return "psql -qX -c \"COPY %s TO '/dev/null'\" '%s'".formatted(table, url);
  }

  private static void fill(Clusters clusters, String data, int scale, String url)
      throws Exception {
    switch (data) {
      case "pgbench" -> Timed.command(clusters, "pgbench -q -i -s %d '%s'".formatted(scale, url));
      case "wide" -> {
        boolean isSource = url.equals(clusters.sourceUrl());
        try (Connection side = isSource ? clusters.source() : clusters.target();
            Statement statement = side.createStatement()) {
          statement.execute(
              """
              CREATE TABLE wide AS SELECT g AS id, md5(g::text) || md5((g + 1)::text) AS a,
              timestamptz '2026-01-01 00:00Z' + g * interval '1s' AS at, g * 1.25::numeric AS n,
              sqrt(g) AS f, jsonb_build_object('a', g, 'b', md5(g::text)) AS j,
              repeat(md5(g::text), 6) AS t, mod(g, 2) = 0 AS o, NULL::text AS z, g::bigint AS big
              FROM generate_series(1, 18000 * %d) AS g;
              ALTER TABLE wide ADD PRIMARY KEY (id);
              """
                  .formatted(scale));
        }
      }
      default -> throw new IllegalArgumentException("--data=pgbench or --data=wide");
    }
    Timed.command(clusters, "psql -qXc 'VACUUM (FREEZE, ANALYZE)' '%s'".formatted(url));
  }
}
