package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.state.CrashPoint;
import dev.pgportage.testing.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Indexes and foreign keys of a schema the user made: dropped before rows come, and made again. */
class ParkingIT {
  private static final String TABLES =
      """
      CREATE TABLE parent (id int PRIMARY KEY, code text NOT NULL, kind int NOT NULL);
      CREATE UNIQUE INDEX parent_code ON parent (code);
      CREATE SCHEMA "W ""s""\";
      CREATE TABLE "W ""s""\"."select" (
        id int PRIMARY KEY, doc jsonb, body text, n int,
        "par ent" int CONSTRAINT "fk ö" REFERENCES public.parent DEFERRABLE INITIALLY DEFERRED,
        code text CONSTRAINT by_code REFERENCES public.parent (code) ON DELETE CASCADE);
      COMMENT ON CONSTRAINT "fk ö" ON "W ""s""\"."select" IS 'it''s \\ one';
      CREATE INDEX "weird ""i""\" ON "W ""s""\"."select" (lower(body) DESC NULLS LAST, n)
        INCLUDE (id) WITH (fillfactor = 70) WHERE doc ? 'a{d ''x''}?';
      CREATE UNIQUE INDEX once ON "W ""s""\"."select" (n, body COLLATE "C") NULLS NOT DISTINCT;
      CREATE INDEX spoken_of ON "W ""s""\"."select" (n); COMMENT ON INDEX "W ""s""\".spoken_of IS 'x';
      CREATE INDEX measured ON "W ""s""\"."select" ((n + 1));
      ALTER INDEX "W ""s""\".measured ALTER COLUMN 1 SET STATISTICS 7;
      CREATE INDEX walked ON parent (kind); ALTER TABLE parent CLUSTER ON walked;
      CREATE TABLE keyless (a int NOT NULL, b int);
      CREATE UNIQUE INDEX a_key ON keyless (a); ALTER TABLE keyless REPLICA IDENTITY USING INDEX a_key;
      CREATE INDEX keyless_b ON keyless USING hash (b);
      CREATE TABLE parts (id int PRIMARY KEY, n int) PARTITION BY RANGE (id);
      CREATE TABLE part PARTITION OF parts FOR VALUES FROM (0) TO (10000);
      CREATE INDEX parts_n ON parts (n); CREATE INDEX part_alone ON part (n, id);
      """;

  private static final String ROWS =
      """
      INSERT INTO parent SELECT i, 'c' || i, i % 7 FROM generate_series(1, 500) i;
      INSERT INTO "W ""s""\"."select"
        SELECT i, '{"a{d ''x''}?": 1}', repeat('b', 500) || i, i, i % 500 + 1, 'c1'
        FROM generate_series(1, 5000) i;
      INSERT INTO keyless SELECT i, i FROM generate_series(1, 100) i;
      INSERT INTO parts SELECT i, i FROM generate_series(1, 100) i
      """;

  private static final String THERE =
      """
      SELECT string_agg(relname::text, ', ' ORDER BY relname::text COLLATE "C") FROM (
        SELECT relname FROM pg_class WHERE relkind = 'i' AND relname IN
          ('weird "i"', 'once', 'keyless_b', 'part_alone')
        UNION ALL SELECT conname FROM pg_constraint
        WHERE contype = 'f' AND connamespace::regnamespace::text <> 'pgportage') AS o
      """;
  private static final String ALL = "by_code, fk ö, keyless_b, once, part_alone, weird \"i\"";

  @Test
  void bringsEverythingBackHoweverOftenItIsKilled() throws Exception {
    try (var journey = Journey.between(15, 16)) {
      Map<String, String> before = prepare(journey);
      assertThat(shown(journey))
          .contains("Taken off before rows come")
          .contains("PARKED INDEX \"W \"\"s\"\"\".\"weird \"\"i\"\"\"")
          .contains("INDEX \"W \"\"s\"\"\".spoken_of: stays while rows come: has a comment")
          .contains(".measured: stays while rows come: has a statistics target")
          .contains("INDEX public.parent_code: stays while rows come: a foreign key refers to it")
          .contains("INDEX public.walked: stays while rows come: is what CLUSTER goes by")
          .contains("INDEX public.a_key: stays while rows come: is the replica identity")
          .contains("INDEX public.parts_n: stays while rows come: belongs to a partitioned table")
          .contains("Brought back");
      assertThat(journey.target().text(THERE)).hasValue(ALL);
      kill(journey, CrashPoint.SCHEMA_AFTER_OBJECT, 3);
      kill(journey, CrashPoint.LOAD_BEFORE_CHUNK_COMMIT, 1);
      assertThat(journey.target().text(THERE)).isEmpty();
      kill(journey, CrashPoint.INDEX_AFTER_BUILD, 2);
      assertThat(journey.target().text(THERE)).get().asString().isNotEqualTo(ALL);
      kill(journey, CrashPoint.CONSTRAINT_AFTER_ADD, 1);
      journey.toReady();
      assertThat(journey.target().text(THERE)).hasValue(ALL);
      assertThat(openParked(journey)).isZero();
      journey.cutOver();
      assertThat(Contents.differences(before, Contents.schema(journey.target()))).isEmpty();
      journey.assertArrived().cleanUp();
    }
  }

  @Tag("long")
  @Test
  void bringsEverythingBackWhenTheMigrationIsGivenUp() throws Exception {
    try (var journey = Journey.of(TestDatabase.source(15), TestDatabase.plainTarget(16))) {
      Map<String, String> before = prepare(journey.set("load.workers", "1"));
      kill(journey, CrashPoint.LOAD_AFTER_TABLE, 1);
      journey.program("cleanup", "--yes").dieAt(CrashPoint.CLEANUP_BEFORE_COMMIT, 2);
      journey.target().execute("DROP TABLE keyless");
      var cleaned = journey.program("cleanup", "--yes").run();
      assertThat(cleaned.status()).as(cleaned.output()).isZero();
      assertThat(cleaned.output())
          .contains("INDEX public.keyless_b: not brought back, since what it belongs to is gone")
          .contains(
              "FK VALIDATION \"W \"\"s\"\"\".select fk ö: stays NOT VALID, since rows it points at are not there");
      journey.assertClean();
      assertThat(Contents.differences(before, Contents.schema(journey.target())))
          .filteredOn(line -> !line.contains("keyless"))
          .hasSize(2)
          .allMatch(line -> line.startsWith("constraint ") && line.contains("NOT VALID f"));
    }
  }

  private static Map<String, String> prepare(Journey journey) throws SQLException {
    journey.set("schema.mode", "existing").set("schema.park", "all");
    for (TestDatabase side : List.of(journey.source(), journey.target())) {
      side.execute(TABLES);
    }
    journey.source().execute(ROWS);
    return Contents.schema(journey.target());
  }

  private static String shown(Journey journey) {
    var ended = journey.program("schema", "--all").run();
    assertThat(ended.status()).as(ended.output()).isZero();
    return ended.output();
  }

  private static void kill(Journey journey, CrashPoint point, int passage) {
    journey.program("migrate", "--until-ready").dieAt(point, passage);
  }

  private static long openParked(Journey journey) throws SQLException {
    return journey
        .target()
        .number(
            "SELECT count(*) FROM pgportage.resource WHERE kind = 'parked' AND undone_at IS NULL");
  }
}
