package dev.pgportage.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.state.TableState;
import dev.pgportage.testing.TestDatabase;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FullLoadIT {
  private static final String KINDS_OF_TABLES =
      """
      CREATE TYPE mood AS ENUM ('sad', 'it''s "ok"', 'happy');
      CREATE TYPE pair AS (a int, b text);
      CREATE DOMAIN posint AS int CHECK (value > 0);
      CREATE TABLE plain (id bigint PRIMARY KEY, name text, at timestamptz, amount numeric,
        raw bytea, tags text[], doc jsonb);
      CREATE TABLE users_types (id posint, m mood, ms mood[], p pair, x xml, r regclass, j jsonpath, q tsquery);
      CREATE TABLE built_in (i interval, f float8, d date, n numeric[], m money, t timetz, u uuid,
        b bit(3), ip inet, tr tstzrange, mr int4multirange, v tsvector, c "char",
        pt point, po polygon, l pg_lsn);
      CREATE TABLE empty (id int);
      CREATE TABLE no_columns ();
      CREATE TABLE only_generated (one int GENERATED ALWAYS AS (1) STORED);
      CREATE TABLE generated (id int GENERATED ALWAYS AS IDENTITY, a int,
        twice int GENERATED ALWAYS AS (a * 2) STORED, b text);
      CREATE TABLE "Weird ""Table\""" ("select" int, "ü ""x\""" text);
      CREATE TABLE "table" ("table" text);
      CREATE SCHEMA "Odd schema";
      CREATE TABLE "Odd schema".naïve_and_sixty_three_bytes_long_name_that_ends_exactly_herexx (a int);
      CREATE TABLE parent (id int);
      CREATE TABLE child (more int) INHERITS (parent);
      CREATE TABLE parted (id int, at date) PARTITION BY RANGE (id);
      CREATE TABLE part_1 PARTITION OF parted FOR VALUES FROM (0) TO (100);
      CREATE TABLE part_2 PARTITION OF parted FOR VALUES FROM (100) TO (200) PARTITION BY HASH (id);
      CREATE TABLE part_2a PARTITION OF part_2 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
      CREATE TABLE part_2b PARTITION OF part_2 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
      CREATE UNLOGGED TABLE scratch (id int);
      CREATE TABLE dropped (a int, gone text, b int);
      ALTER TABLE dropped DROP COLUMN gone;
      """;

  private static final String ROWS =
      """
      INSERT INTO plain SELECT g, CASE g % 3 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE E'a\\tb\\n\\\\' || g END,
        '2020-01-01'::timestamptz + g * interval '1 s', g / 7.0, decode(md5(g::text), 'hex'),
        ARRAY['x', NULL, ''], '{"a": [1, 2.50]}' FROM generate_series(1, 5000) g;
      INSERT INTO users_types VALUES (1, 'happy', '{sad,"it''s \\"ok\\""}', (1, E'a,"b'),
        '<?xml version="1.0"?><a>ü</a>', 'plain', '$.a[*]', 'a & !b'),
        (2, NULL, '{}', NULL, 'x<b/>', NULL, NULL, '');
      INSERT INTO built_in VALUES ('1 mon -2 days', 'NaN', '-infinity', '{NaN,-Infinity,1.10}',
        '12.34', '10:00+05:30', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '101', '10.0.0.1/8',
        '[2020-01-01,)', '{[1,3),[5,)}', 'a:1A b', 'x', '(1,2)', '((0,0),(1,1),(2,0))',
        '16/B374D848'), ('0', '-0', '4713-01-01 BC', NULL, NULL, NULL, NULL, NULL, NULL, 'empty',
        '{}', '', '', NULL, NULL, NULL);
      INSERT INTO no_columns SELECT FROM generate_series(1, 7);
      INSERT INTO only_generated SELECT FROM generate_series(1, 7);
      INSERT INTO generated (a, b) SELECT g, 'b' || g FROM generate_series(1, 100) g;
      INSERT INTO "Weird ""Table\""" VALUES (1, 'ü');
      INSERT INTO "table" VALUES ('\\.'), (E'\\\\.'), ('\\N');
      INSERT INTO "Odd schema".naïve_and_sixty_three_bytes_long_name_that_ends_exactly_herexx VALUES (1);
      INSERT INTO parent VALUES (1);
      INSERT INTO child VALUES (2, 2), (3, 3);
      INSERT INTO parted SELECT g, NULL FROM generate_series(0, 199) g;
      INSERT INTO scratch SELECT generate_series(1, 3000);
      INSERT INTO dropped VALUES (1, 2);
      """;

  @ParameterizedTest
  @CsvSource({"15, 15", "15, 18", "18, 18"})
  void carriesEveryRowOfEveryKindOfTable(int sourceMajor, int targetMajor) throws Exception {
    try (var fixture = LoadFixture.between(sourceMajor, targetMajor).schema(KINDS_OF_TABLES)) {
      fixture.source.execute(ROWS);
      fixture.run(LoadFixture.TINY_CHUNKS);
      assertThat(fixture.digests(fixture.target)).isEqualTo(fixture.digests(fixture.source));
      assertThat(fixture.chunks("plain")).isGreaterThan(20);
      assertThat(fixture.chunks("scratch")).isEqualTo(1);
      assertThat(fixture.complete)
          .containsExactlyInAnyOrderElementsOf(fixture.digests(fixture.source).keySet());
      assertThat(fixture.progress.get(new QualifiedName("public", "plain")))
          .returns(5000L, p -> p.rows())
          .returns(1.0, p -> p.share());
    }
  }

  @Test
  void freezesWhatNobodyElseHolds() throws Exception {
    try (var fixture = LoadFixture.between(15, 15)) {
      fixture.schema(
          "CREATE TABLE whole (id int PRIMARY KEY, up int REFERENCES whole);"
              + " CREATE TABLE \"pointed at\" (id int PRIMARY KEY);"
              + " CREATE TABLE pointing (r int REFERENCES \"pointed at\")");
      fixture.schema("CREATE TABLE cut (a int, pad text)");
      fixture.source.execute(
          "INSERT INTO cut SELECT g, repeat('x', 100) FROM generate_series(1, 9000) g;"
              + " INSERT INTO whole SELECT g, g FROM generate_series(1, 500) g;"
              + " INSERT INTO \"pointed at\" SELECT generate_series(1, 500);"
              + " INSERT INTO pointing SELECT generate_series(1, 500)");
      fixture.run(100_000);
      assertThat(fixture.digests(fixture.target)).isEqualTo(fixture.digests(fixture.source));
      fixture.target.execute("ANALYZE cut, whole, \"pointed at\", pointing");
      assertThat(
              fixture.target.text(
                  "SELECT string_agg(relname, ', ' ORDER BY relname) FROM pg_class"
                      + " WHERE relkind = 'r' AND relpages > 0 AND relallvisible = relpages"
                      + " AND relnamespace = 'public'::regnamespace"))
          .hasValue("pointing, whole");
    }
  }

  @Test
  void carriesTheSnapshotExactlyWhileOthersWrite() throws Exception {
    try (var fixture = LoadFixture.between(15, 15)) {
      fixture.schema("CREATE TABLE t (id int PRIMARY KEY, v int, pad text)");
      fixture.source.execute(
          "INSERT INTO t SELECT g, 0, repeat('x', 100) FROM generate_series(1, 20000) g");
      String before = LoadFixture.digest(fixture.source, name("t")).orElseThrow();
      var done = new AtomicBoolean();
      Thread writer = null;
      try (var snapshot = fixture.snapshot()) {
        writer = new Thread(() -> writeUntil(done, fixture.source));
        writer.start();
        fixture.run(100_000, fixture.objects(), snapshot.snapshot());
      } finally {
        done.set(true);
        if (writer != null) {
          writer.join();
        }
      }
      assertThat(LoadFixture.digest(fixture.target, name("t"))).hasValue(before);
      assertThat(LoadFixture.digest(fixture.source, name("t")).orElseThrow()).isNotEqualTo(before);
    }
  }

  private static void writeUntil(AtomicBoolean done, TestDatabase source) {
    try (var connection = source.writer()) {
      for (int round = 1; !done.get() || round < 3; round++) {
        dev.pgportage.pg.Sql.execute(
            connection,
            """
            UPDATE t SET v = v + 1 WHERE id %% 7 = %1$d %% 7;
            DELETE FROM t WHERE id %% 1000 = %1$d;
            INSERT INTO t SELECT 100000 + %1$d * 100 + g, 1, 'y' FROM generate_series(1, 100) g;
            """
                .formatted(round));
      }
    } catch (java.sql.SQLException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void fillsTablesWithTriggersAndForeignKeysWithoutFiringThem() throws Exception {
    try (var fixture = LoadFixture.between(15, 15)) {
      fixture.schema(
          """
          CREATE TABLE a (id int PRIMARY KEY);
          CREATE TABLE b (id int REFERENCES a);
          CREATE TABLE log (n int);
          """);
      fixture.source.execute("INSERT INTO a VALUES (1); INSERT INTO b VALUES (1)");
      fixture.target.execute(
          """
          CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN INSERT INTO public.log VALUES (1); RETURN new; END';
          CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION note();
          """);
      fixture.run(LoadFixture.TINY_CHUNKS);
      assertThat(fixture.digests(fixture.target)).isEqualTo(fixture.digests(fixture.source));
    }
  }

  @Test
  void worksForARoleThatMayNotSwitchTriggersOff() throws Exception {
    try (var fixture =
        new LoadFixture(TestDatabase.source(15), TestDatabase.plainTarget(15), false)) {
      fixture.schema("CREATE TABLE t AS SELECT 1 AS a LIMIT 0");
      fixture.source.execute("INSERT INTO t SELECT generate_series(1, 1000)");
      fixture.run(LoadFixture.TINY_CHUNKS);
      assertThat(fixture.digests(fixture.target)).isEqualTo(fixture.digests(fixture.source));
    }
  }

  @Test
  void carriesValuesOfAHundredMegabytes() throws Exception {
    try (var fixture = LoadFixture.between(15, 15)) {
      fixture.schema("CREATE TABLE t (id int, v text, b bytea)");
      fixture.source.execute(
          """
          ALTER TABLE t ALTER v SET STORAGE EXTERNAL;
          INSERT INTO t SELECT 1, repeat('0123456789', 10000000), NULL;
          INSERT INTO t SELECT 2, 'x', decode(repeat('00ff', 20000000), 'hex');
          """);
      fixture.run(64 << 20);
      assertThat(fixture.digests(fixture.target)).isEqualTo(fixture.digests(fixture.source));
    }
  }

  @Test
  void refusesATargetTableThatHoldsRows() throws Exception {
    try (var fixture = LoadFixture.between(15, 15).schema("CREATE TABLE t (a int)")) {
      fixture.source.execute("INSERT INTO t VALUES (1)");
      fixture.target.execute("INSERT INTO t VALUES (2)");
      assertFails(() -> fixture.run(LoadFixture.TINY_CHUNKS), ErrorCode.TARGET_NOT_EMPTY);
      assertThat(fixture.target.number("SELECT sum(a) FROM t")).isEqualTo(2);
      assertThat(fixture.state("t")).isEqualTo(new TableState.Planned());
    }
  }

  @Test
  void reportsOneErrorWhenATableCannotBeCopied() throws Exception {
    try (var fixture = LoadFixture.between(15, 15)) {
      fixture.schema("CREATE TABLE good (a int); CREATE TABLE bad (a int)");
      fixture.source.execute(
          "INSERT INTO good SELECT generate_series(1, 100000);"
              + "INSERT INTO bad VALUES (1), (-123456)");
      fixture.target.execute("ALTER TABLE bad ADD CHECK (a > 0)");
      assertThatThrownBy(() -> fixture.run(LoadFixture.TINY_CHUNKS))
          .isInstanceOfSatisfying(
              MigrationException.class,
              e ->
                  assertThat(e.display())
                      .startsWith("LOAD_FAILED: Copying public.bad, on the target: check")
                      .doesNotContain("123456"));
      assertThat(fixture.target.number("SELECT count(*) FROM bad")).isZero();
      fixture.target.execute("ALTER TABLE bad DROP CONSTRAINT bad_a_check");
      fixture.run(LoadFixture.TINY_CHUNKS);
      assertThat(fixture.digests(fixture.target)).isEqualTo(fixture.digests(fixture.source));
    }
  }

  @Test
  void refusesATargetWithoutTheColumn() throws Exception {
    try (var fixture = LoadFixture.between(15, 15)) {
      fixture.source.execute("CREATE TABLE t (a int, b int)");
      fixture.target.execute("CREATE TABLE t (a int)");
      assertFails(() -> fixture.run(LoadFixture.TINY_CHUNKS), ErrorCode.SCHEMA_DIFFERS);
    }
  }

  @Test
  void refusesRowsThatRowSecurityHides() throws Exception {
    try (var fixture = LoadFixture.between(15, 15).schema("CREATE TABLE t (a int)")) {
      fixture.source.execute(
          "ALTER TABLE t ENABLE ROW LEVEL SECURITY; ALTER TABLE t FORCE ROW LEVEL SECURITY");
      assertFails(() -> fixture.run(LoadFixture.TINY_CHUNKS), ErrorCode.TABLE_HIDDEN_BY_RLS);
    }
  }

  @Test
  void doesNothingWhenEverythingIsThere() throws Exception {
    try (var fixture = LoadFixture.between(15, 15).schema("CREATE TABLE t (a int)")) {
      fixture.source.execute("INSERT INTO t SELECT generate_series(1, 1000)");
      fixture.run(LoadFixture.TINY_CHUNKS);
      TableState state = fixture.state("t");
      fixture.source.execute("INSERT INTO t VALUES (0)");
      fixture.run(LoadFixture.TINY_CHUNKS);
      assertThat(fixture.state("t")).isEqualTo(state).isInstanceOf(TableState.Copied.class);
      assertThat(fixture.target.number("SELECT count(*) FROM t")).isEqualTo(1000);
      assertThat(fixture.complete).containsExactly(name("t"), name("t"));
    }
  }

  static QualifiedName name(String table) {
    return new QualifiedName("public", table);
  }

  static void assertFails(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, ErrorCode code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            MigrationException.class, e -> assertThat(e.code()).as(e.display()).isEqualTo(code));
  }
}
