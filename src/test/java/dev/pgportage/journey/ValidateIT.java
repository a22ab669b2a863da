package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pgportage.pg.Sql;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code validate} on a live migration: what it compares, and what it repairs. */
class ValidateIT {
  private static final String TABLES =
      """
      CREATE TABLE "Odd ""name""\" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        "v'v" text, n numeric, raw bytea, ts timestamptz, twice int GENERATED ALWAYS AS (2) STORED);
      INSERT INTO "Odd ""name""\" ("v'v", n, raw, ts)
        SELECT 'it''s \\ $undo$ ' || g, g * 1.0, '\\x5c00', '2026-01-01'
        FROM generate_series(1, 1000) AS g;
      CREATE TABLE keyless (v text, n int);
      ALTER TABLE keyless REPLICA IDENTITY FULL;
      INSERT INTO keyless SELECT 'same', 1 FROM generate_series(1, 20);
      CREATE TABLE parent (id int PRIMARY KEY);
      CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent);
      INSERT INTO parent SELECT generate_series(1, 10);
      INSERT INTO child SELECT g, g FROM generate_series(1, 10) AS g;
      CREATE UNLOGGED TABLE unlogged (id int PRIMARY KEY);
      INSERT INTO unlogged VALUES (1);
      CREATE SEQUENCE counter;
      SELECT nextval('counter'), lo_from_bytea(10001, 'large');
      """;

  private static final String DAMAGE =
      """
      UPDATE "Odd ""name""\" SET n = 1.00, "v'v" = NULL WHERE id = 1;
      DELETE FROM "Odd ""name""\" WHERE id IN (2, 3);
      INSERT INTO "Odd ""name""\" (id, "v'v") OVERRIDING SYSTEM VALUE
        VALUES (5000, ''), (5001, '$undo0$ \\ ''');
      DELETE FROM keyless WHERE ctid IN ('(0,1)', '(0,2)');
      INSERT INTO keyless VALUES ('extra', NULL), ('extra', NULL), ('extra', NULL), (NULL, 7);
      DELETE FROM child WHERE id = 5;
      """;

  @TempDir Path directory;

  @Test
  void repairsWhatDiffersAndNothingElseAndTakesItBack() throws Exception {
    try (var journey = Journey.between(15, 18)) {
      journey.source().execute(TABLES);
      try (var running = journey.start()) {
        running.awaitReady();
        journey.target().execute(DAMAGE);
        Map<String, String> damaged = Contents.rows(journey.target());
        Path undo = directory.resolve("undo.sql");
        var repaired =
            journey.program("validate", "--repair", "--undo", undo.toString(), "--yes").run();
        assertThat(repaired.status()).as(repaired.output()).isZero();
        assertThat(repaired.output())
            .contains(
                "public.\"Odd \"\"name\"\"\": 3 rows removed, 3 rows added",
                "public.keyless: 4 rows removed, 2 rows added",
                "public.child: 0 rows removed, 1 row added");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(undo)))
            .isEqualTo("rw-------");
        journey.assertSameRows();
        journey.source().execute("UPDATE \"Odd \"\"name\"\"\" SET n = 7 WHERE id > 900");
        try (var connection = journey.target().migrator()) {
          Sql.execute(connection, Files.readString(undo));
        }
        journey.source().execute("UPDATE \"Odd \"\"name\"\"\" SET n = id * 1.0 WHERE id > 900");
        journey.program("validate").run();
        assertThat(Contents.rows(journey.target())).isEqualTo(damaged);
      }
    }
  }

  @Test
  void refusesToUndoWhatHasChangedSince() throws Exception {
    try (var journey = Journey.between(15, 15)) {
      journey.source().execute(TABLES);
      try (var running = journey.start()) {
        running.awaitReady();
        journey.target().execute("DELETE FROM parent WHERE id = 10 AND false; DELETE FROM child");
        Path undo = directory.resolve("undo.sql");
        journey.program("validate", "--repair", "--undo", undo.toString(), "--yes").run();
        journey.target().execute("UPDATE child SET parent = 1 WHERE id = 2");
        Map<String, String> before = Contents.rows(journey.target());
        try (var connection = journey.target().migrator()) {
          org.assertj.core.api.Assertions.assertThatThrownBy(
                  () -> Sql.execute(connection, Files.readString(undo)))
              .isInstanceOf(SQLException.class)
              .hasMessageContaining("have changed since the repair");
        }
        assertThat(Contents.rows(journey.target())).isEqualTo(before);
        var again = journey.program("validate", "--repair", "--undo", undo.toString(), "--yes");
        assertThat(again.run().output()).contains("is there already");
      }
    }
  }

  @Test
  void comparesWhatIsAskedForAndTellsSequencesAndLargeObjects() throws Exception {
    try (var journey = Journey.between(15, 17)) {
      journey.source().execute(TABLES);
      try (var running = journey.start()) {
        running.awaitReady();
        assertThat(tables(journey.validated(0, "--table", "public.*", "--exclude", "public.k*")))
            .hasSize(3)
            .allMatch(table -> table.endsWith(" equal"));
        assertThat(tables(journey.validated(0, "--unproven"))).isEmpty();
        journey.target().execute("UPDATE child SET parent = 1 WHERE id = 7");
        assertThat(tables(journey.validated(0, "--unproven"))).isEmpty();
        assertThat(
                journey
                    .validated(0, "--table", "public.child", "--where", "id < 7")
                    .at("/tables/0/result/source_rows")
                    .asInt())
            .isEqualTo(6);
        JsonNode different = journey.validated(3, "--max-rate", "1MB", "--workers", "1");
        assertThat(tables(different)).contains("public.child different").hasSize(4);
        assertThat(different.at("/tables").findValues("columns").toString())
            .contains("[\"parent\"]");
        assertThat(different.at("/recopied")).hasSize(2);
        assertThat(different.at("/sequences").asInt()).isEqualTo(2);
        // Without another look at the source, a difference stays one.
        assertThat(tables(journey.validated(3, "--unproven")))
            .containsExactly("public.child different");
        journey.target().execute("UPDATE child SET parent = 7 WHERE id = 7");
        journey.target().execute("SELECT nextval('counter')");
        journey
            .source()
            .execute("SELECT lo_put(10001, 0, 'LARGE'); INSERT INTO unlogged VALUES (2)");
        JsonNode moved = journey.validated(3);
        assertThat(moved.at("/moved_sequences").toString()).isEqualTo("[\"public.counter\"]");
        assertThat(moved.at("/recopied").findValues("differing").toString()).contains("1");
        assertThat(
                journey
                    .validated(
                        0, "--repair", "--yes", "--undo", directory.resolve("u.sql").toString())
                    .at("/moved_sequences"))
            .isEmpty();
        journey.source().execute("INSERT INTO child VALUES (77, 7)");
        assertThat(state(journey, "public.parent")).startsWith("PROVEN proven at ");
        assertThat(state(journey, "public.unlogged")).startsWith("RECOPIED copied again");
        String changed = "";
        while (!changed.startsWith("CHANGED")) {
          changed = state(journey, "public.child");
        }
        assertThat(changed).contains("; changed since at ");
        assertThat(tables(journey.validated(0, "--unproven")))
            .containsExactly("public.child equal");
        journey.cutOver();
        running.await();
        journey.assertSameRows();
      }
    }
  }

  private static String state(Journey journey, String table) {
    return journey.migration().status().proofs().stream()
        .filter(proof -> proof.table().equals(table))
        .map(proof -> proof.state() + " " + proof.meaning())
        .findFirst()
        .orElseThrow();
  }

  private static List<String> tables(JsonNode result) {
    var tables = new ArrayList<String>();
    for (JsonNode table : result.at("/tables")) {
      JsonNode counts = table.at("/result");
      boolean equal =
          counts.at("/missing").asLong()
                  + counts.at("/extra").asLong()
                  + counts.at("/differing").asLong()
              == 0;
      tables.add(counts.at("/table").asText() + (equal ? " equal" : " different"));
    }
    return tables;
  }
}
