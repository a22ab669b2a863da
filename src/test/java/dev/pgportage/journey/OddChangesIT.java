package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Changes of the source's schema that few make, while nobody writes: each ends exact. */
class OddChangesIT {
  private static final String TABLES =
      """
      CREATE TABLE one (id int PRIMARY KEY, v text, w text);
      CREATE TABLE two (id int PRIMARY KEY, v text, w text);
      CREATE TABLE parted (id int NOT NULL, v text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
      CREATE TABLE low PARTITION OF parted FOR VALUES FROM (0) TO (100);
      CREATE TABLE keyed (id int PRIMARY KEY, v text);
      CREATE SCHEMA "Other place";
      INSERT INTO one SELECT i, 'one' || i, 'w' FROM generate_series(1, 50) AS i;
      INSERT INTO two SELECT i, 'two' || i, 'w' FROM generate_series(1, 70) AS i;
      INSERT INTO parted SELECT i, 'p' || i FROM generate_series(1, 50) AS i;
      INSERT INTO keyed SELECT i, 'k' || i FROM generate_series(1, 50) AS i;
      """;

  static List<List<String>> changes() {
    return List.of(
        List.of(
            "ALTER TABLE one RENAME TO three; ALTER TABLE two RENAME TO one;"
                + " ALTER TABLE three RENAME TO two",
            "INSERT INTO one VALUES (1000, 'was two', 'w'); UPDATE two SET v = 'was one'"),
        List.of(
            "ALTER TABLE one RENAME v TO x; ALTER TABLE one RENAME w TO v;"
                + " ALTER TABLE one RENAME x TO w",
            "INSERT INTO one (id, v, w) VALUES (1000, 'new', 'old'); UPDATE one SET v = w"
                + " WHERE id < 10"),
        List.of(
            "ALTER TABLE one ADD n int GENERATED ALWAYS AS IDENTITY;"
                + " ALTER TABLE two ADD twice int GENERATED ALWAYS AS (id * 2) STORED;"
                + " ALTER TABLE keyed ADD s serial",
            "INSERT INTO one (id) VALUES (1000); INSERT INTO two (id) VALUES (1000);"
                + " INSERT INTO keyed (id) VALUES (1000)"),
        List.of(
            "ALTER TABLE one SET SCHEMA \"Other place\";"
                + " CREATE TABLE high PARTITION OF parted FOR VALUES FROM (100) TO (200)"
                + " PARTITION BY LIST (id);"
                + " CREATE TABLE sub PARTITION OF high DEFAULT;"
                + " ALTER TABLE two REPLICA IDENTITY FULL, SET (fillfactor = 50);"
                + " ALTER TABLE keyed ENABLE ROW LEVEL SECURITY",
            "INSERT INTO \"Other place\".one (id) VALUES (1000); INSERT INTO parted VALUES (150,"
                + " 'sub'); DELETE FROM two WHERE id % 2 = 0"),
        List.of(
            "ALTER TABLE parted DETACH PARTITION low; CREATE TYPE mood AS ENUM ('a', 'b');"
                + " ALTER TABLE keyed ADD m mood NOT NULL DEFAULT 'b';"
                + " COMMENT ON TABLE keyed IS 'moody';"
                + " CREATE MATERIALIZED VIEW seen AS SELECT v FROM two",
            "INSERT INTO low VALUES (60, 'alone'); INSERT INTO keyed VALUES (1000, 'x', 'a')",
            // Only this takes back the mark that a table has partitions.
            "ANALYZE parted"));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void endExact(List<String> statements) throws Exception {
    try (var journey = Journey.between(15, 15).set("ddl", "apply")) {
      journey.source().execute(TABLES);
      journey.toReady();
      for (String statement : statements) {
        journey.source().execute(statement);
      }
      journey.toReady().cutOver().assertArrived().cleanUp();
      assertThat(journey.target().number("SELECT count(*) FROM two")).isPositive();
    }
  }
}
