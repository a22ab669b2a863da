package dev.pgportage.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Locale;

/** What waits in the slot: the tables it is written to, and pgbench's script that writes it. */
enum Backlog {
  /** pgbench's own transactions: three updates, a SELECT and an INSERT each. */
  TPCB(
      "pgbench_accounts, pgbench_branches, pgbench_tellers, pgbench_history",
      // Without a key a subscription would refuse it; the insert-only table is published by both.
      "ALTER TABLE pgbench_history ADD id bigserial PRIMARY KEY",
      "",
      50_000),

  /** A hundred new rows in each transaction. */
  INSERTS(
      "events",
      """
      CREATE TABLE events (
        id bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), kind int, payload text)
      """,
      "INSERT INTO events (kind, payload) SELECT g, md5(g::text) FROM generate_series(1, 100) AS g;",
      10_000),

  /** Rows with 16 kB out of line; half of the updates leave it as it is. */
  TOAST(
      "documents",
      """
      CREATE TABLE documents (id int PRIMARY KEY, hits int, title text, body text);
      ALTER TABLE documents ALTER body SET STORAGE EXTERNAL;
      INSERT INTO documents SELECT g, 0, md5(g::text), repeat(md5(g::text), 500)
      FROM generate_series(1, 4000) AS g
      """,
      """
      \\set id random(1, 4000)
      \\set same random(0, 1)
      \\if :same
      UPDATE documents SET hits = hits + 1, title = md5(random()::text) WHERE id = :id;
      \\else
      UPDATE documents SET body = repeat(md5(random()::text), 500) WHERE id = :id;
      \\endif
      """,
      30_000);

  private final String tables;
  private final String prepare;
  private final String script;
  private final int transactions;

  Backlog(String tables, String prepare, String script, int transactions) {
    this.tables = tables;
    this.prepare = prepare;
    this.script = script;
    this.transactions = transactions;
  }

  static Backlog of(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  String tables() {
    return tables;
  }

  /** How many transactions unless told otherwise. */
  int transactions() {
    return transactions;
  }

  /** Makes both databases anew, and the source's tables. */
  void prepare(Clusters clusters, int scale) throws Exception {
    clusters.emptySource();
    clusters.emptyTarget();
    if (this == TPCB) {
      Timed.command(
          clusters, "pgbench -q -i -s %d '%s'".formatted(scale, clusters.sourceUrl()));
    }
    try (Connection source = clusters.source();
        Statement statement = source.createStatement()) {
      statement.execute(prepare);
    }
  }

  /** Writes so many transactions to the source. */
  void write(Clusters clusters, int count) throws Exception {
    Path file = Files.createTempFile("backlog", ".sql");
    try {
      Files.writeString(file, script);
      Timed.command(
          clusters,
          "pgbench -n -c 2 -j 1 -t %d %s '%s'"
              .formatted(
                  count / 2, script.isEmpty() ? "" : "-f " + file, clusters.sourceUrl()));
    } finally {
      Files.delete(file);
    }
  }
}
