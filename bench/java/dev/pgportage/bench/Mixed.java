package dev.pgportage.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A database as applications have them: one table with 60 % of the bytes, twenty others, secondary
 * indexes, foreign keys, text that is stored out of line. Scale 100 is about 1 GB.
 */
final class Mixed {
  private static final int OTHERS = 20;

  private Mixed() {}

  static void fill(Connection connection, int scale) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          """
          CREATE TABLE customer (id int PRIMARY KEY, name text NOT NULL, email text UNIQUE,
            made timestamptz NOT NULL, score numeric(10, 2));
          INSERT INTO customer SELECT i, 'customer ' || i, 'c' || i || '@example.com',
            '2026-01-01'::timestamptz + i * interval '1 second', i %% 997 / 7.0
          FROM generate_series(1, %1$d) i;
          CREATE TABLE big (id bigint PRIMARY KEY, customer int NOT NULL, at timestamptz NOT NULL,
            kind text NOT NULL, amount numeric(12, 2), detail jsonb, note text);
          INSERT INTO big SELECT i, 1 + i %% %1$d, '2026-01-01'::timestamptz + i * interval '1 second',
            'kind' || i %% 20, i / 3.0, jsonb_build_object('a', i, 'b', md5(i::text)),
            repeat(md5(i::text), 3)
          FROM generate_series(1, %2$d) i;
          CREATE INDEX ON big (customer, at);
          CREATE INDEX ON big (kind);
          """
              .formatted(scale * 500, scale * 16_000));
      for (int i = 1; i <= OTHERS; i++) {
        statement.execute(
            """
            CREATE TABLE other_%1$d (id int PRIMARY KEY, customer int NOT NULL, v text, n float8,
              long text);
            INSERT INTO other_%1$d SELECT i, 1 + i %% %2$d, md5(i::text), random(),
              CASE WHEN i %% 50 = 0 THEN
                (SELECT string_agg(md5((i * g)::text), '') FROM generate_series(1, 120) g) END
            FROM generate_series(1, %3$d) i;
            CREATE INDEX ON other_%1$d (customer);
            """
                .formatted(i, scale * 500, scale * 700));
      }
      statement.execute("ALTER TABLE big ADD FOREIGN KEY (customer) REFERENCES customer");
      for (int i = 1; i <= OTHERS; i++) {
        statement.execute(
            "ALTER TABLE other_%d ADD FOREIGN KEY (customer) REFERENCES customer".formatted(i));
      }
    }
  }
}
