package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pgportage.pg.Quoting;
import dev.pgportage.testing.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * One difference of every kind among a million rows, between servers of different versions whose
 * sessions are set up differently.
 */
class PlantedDifferencesIT {
  private static final String DIFFERENCES =
      """
      DELETE FROM million WHERE id = 11;
      INSERT INTO million (id) VALUES (2000000);
      UPDATE million SET n = 1.00 WHERE id = 21;
      UPDATE million SET f = 0 WHERE id = 31;
      UPDATE million SET f = NULL WHERE id = 41;
      UPDATE million SET ts = ts + interval '1 microsecond' WHERE id = 51;
      UPDATE million SET c = 'ab ' WHERE id = 61;
      UPDATE million SET j = '{"b":2,"a":1}' WHERE id = 71;
      UPDATE million SET a = '[2:2]={81}' WHERE id = 81;
      UPDATE million SET t = '' WHERE id = 91;
      UPDATE million SET t = 'cafe' || chr(769) WHERE id = 101;
      UPDATE million SET t = 'row ' || 223 - id WHERE id IN (111, 112);
      DELETE FROM "Bag of ""things""\" WHERE ctid = '(0,5)';
      UPDATE large SET v = set_byte(v, 77777777, 121);
      SELECT nextval('"off by one"');
      """;

  /** Writes what is there once more, in other words and places. */
  private static final String NO_DIFFERENCES =
      """
      UPDATE million SET jb = '{"b" : 2, "a": 1}', tz = tz AT TIME ZONE 'UTC' AT TIME ZONE 'UTC',
        f = '-NaN' WHERE id = 42;
      UPDATE million SET id = id WHERE id BETWEEN 500000 AND 505000;
      """;

  @Test
  void findsExactlyThePlantedDifferencesWhateverTheSessionsDefaults() throws Exception {
    try (var source = TestDatabase.source(15);
        var target = TestDatabase.target(18)) {
      settings(source, "'SQL, DMY'", "Asia/Kathmandu", "-5", "escape", "iso_8601");
      settings(target, "'German'", "America/St_Johns", "3", "hex", "sql_standard");
      var other = CompletableFuture.runAsync(() -> fill(target, "1000000, 1, -1", "\"C\""));
      fill(source, "1, 1000000", "\"en-x-icu\"");
      other.join();
      target.execute(NO_DIFFERENCES);
      target.execute(DIFFERENCES);
      JsonNode content = compare(source, target);
      assertThat(content.at("/tables")).hasSize(4);
      assertThat(found(content, "public.million"))
          .containsExactlyInAnyOrder(
              "missing (11)",
              "extra (2000000)",
              "differing (21)",
              "differing (31)",
              "differing (41)",
              "differing (51)",
              "differing (61)",
              "differing (71)",
              "differing (81)",
              "differing (91)",
              "differing (101)",
              "differing (111)",
              "differing (112)");
      assertThat(found(content, "public.\"Bag of \"\"things\"\"\"")).hasSize(1);
      assertThat(found(content, "public.large")).containsExactly("differing (1)");
      assertThat(found(content, "public.words")).isEmpty();
      assertThat(content.at("/differing_sequences")).hasSize(1);
      assertThat(content.at("/differing_sequences/0").asText()).isEqualTo("public.\"off by one\"");
    }
  }

  private static void settings(TestDatabase database, String... values) throws SQLException {
    String alter = "ALTER DATABASE " + Quoting.identifier(database.name()) + " SET ";
    database.execute(
        String.join(
            ";",
            alter + "datestyle = " + values[0],
            alter + "timezone = '" + values[1] + "'",
            alter + "extra_float_digits = " + values[2],
            alter + "bytea_output = " + values[3],
            alter + "intervalstyle = " + values[4]));
  }

  private static void fill(TestDatabase database, String rows, String collation) {
    try {
      database.execute(
          """
          CREATE UNLOGGED TABLE million (id int, n numeric, f float8, ts timestamp, tz timestamptz,
            iv interval, c bpchar, j json, jb jsonb, a int[], b bytea, t text);
          INSERT INTO million
          SELECT g, g * 0.10, g / 3.0::float8, to_timestamp(g)::timestamp, to_timestamp(g),
            make_interval(secs => g), 'ab', '{"a":1,"b":2}', '{"a":1,"b":2}', ARRAY[g], '\\x00ff5c',
            'row ' || g
          FROM generate_series(%1$s) AS g;
          ALTER TABLE million ADD PRIMARY KEY (id);
          UPDATE million SET n = 1.0 WHERE id = 21;
          UPDATE million SET f = '-0' WHERE id = 31;
          UPDATE million SET f = 'NaN' WHERE id IN (41, 42);
          UPDATE million SET t = NULL WHERE id = 91;
          UPDATE million SET t = 'caf' || chr(233) WHERE id IN (101, 102);
          CREATE TABLE "Bag of ""things""\" (v text, n int);
          INSERT INTO "Bag of ""things""\" SELECT 'same', 1 FROM generate_series(1, 1000);
          CREATE TABLE large (id int PRIMARY KEY, v bytea);
          ALTER TABLE large ALTER v SET STORAGE EXTERNAL;
          INSERT INTO large VALUES (1, convert_to(repeat('x', 100000000), 'UTF8'));
          CREATE TABLE words (word text COLLATE %2$s PRIMARY KEY);
          INSERT INTO words SELECT chr(64 + g %% 60) || g FROM generate_series(1, 5000) AS g;
          CREATE SEQUENCE same START 7;
          CREATE SEQUENCE "off by one";
          SELECT nextval('same'), nextval('"off by one"');
          """
              .formatted(rows, collation));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static JsonNode compare(TestDatabase source, TestDatabase target) throws Exception {
    var ended =
        Program.of(List.of("compare", source.url(), target.url(), "--output", "json")).run();
    assertThat(ended.status()).as(ended.output()).isEqualTo(3);
    return ended.result().at("/content");
  }

  private static List<String> found(JsonNode content, String table) {
    var found = new ArrayList<String>();
    for (JsonNode compared : content.at("/tables")) {
      if (compared.at("/result/table").asText().equals(table)) {
        compared
            .at("/listed")
            .forEach(one -> found.add(one.at("/kind").asText() + " " + one.at("/key").asText()));
      }
    }
    return found;
  }
}
