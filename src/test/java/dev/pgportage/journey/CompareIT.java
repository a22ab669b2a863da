package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pgportage.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code compare}, between two databases no migration knows of. */
class CompareIT {
  @TempDir private Path directory;

  private static final String SAME =
      """
      CREATE TABLE "Weird ""Table""\" (id serial PRIMARY KEY, v text);
      INSERT INTO "Weird ""Table""\" (v) SELECT i::text FROM generate_series(1, 1000) i;
      CREATE TABLE bag (v text);
      INSERT INTO bag VALUES ('a'), ('a'), (NULL);
      CREATE TABLE "user" (id int PRIMARY KEY, n numeric);
      INSERT INTO "user" VALUES (1, 1.0);
      """;

  @Test
  void findsExactlyWhatDiffersAndWritesNothing() throws Exception {
    try (var source = TestDatabase.source(15);
        var target = TestDatabase.source(18)) {
      source.execute(SAME);
      target.execute(SAME);
      var equal = compare(source, target);
      assertThat(equal.status()).as(equal.output()).isZero();
      assertThat(equal.output())
          .contains("Equal: 1,004 rows in 3 tables and 1 sequence were compared.");
      source.execute("CREATE TABLE gone (id int PRIMARY KEY)");
      var missing = compare(source, target);
      assertThat(missing.status()).as(missing.output()).isEqualTo(3);
      assertThat(missing.output())
          .contains("Tables the target lacks: public.gone", "Different: 1,004 rows")
          .doesNotContain("Equal");
      var narrowed = compare(source, target, "--set", "filters.exclude=public.gone");
      assertThat(narrowed.status()).as(narrowed.output()).isZero();
      target.execute(
          """
          DELETE FROM "Weird ""Table""\" WHERE id = 7;
          SELECT nextval('"Weird ""Table""_id_seq"');
          INSERT INTO bag VALUES ('a');
          ALTER TABLE "user" ALTER n TYPE text;
          CREATE TABLE new (id int PRIMARY KEY);
          """);
      var different = compare(source, target, "--output", "json");
      assertThat(different.status()).as(different.output()).isEqualTo(3);
      JsonNode content = different.result().at("/content");
      assertThat(content.at("/missing").toString()).isEqualTo("[\"public.gone\"]");
      assertThat(content.at("/extra").toString()).isEqualTo("[\"public.new\"]");
      assertThat(content.at("/other_columns").toString()).isEqualTo("[\"public.user\"]");
      assertThat(content.at("/differing_sequences")).hasSize(1);
      assertThat(content.findValuesAsText("key")).contains("(7)").hasSize(2);
      Path page = directory.resolve("proof.html");
      var hidden =
          compare(source, target, "--keys", "hide", "--workers", "3", "--html", page.toString());
      assertThat(hidden.status()).as(hidden.output()).isEqualTo(3);
      assertThat(hidden.output() + Files.readString(page))
          .contains(
              "1 row, not named", "Read the source at ", "Tables the source lacks: public.new")
          .doesNotContain("(7)", "ctid (");
      assertThat(compare(source, target, "--workers", "0").status()).isEqualTo(2);
      assertThat(target.number("SELECT count(*) FROM pg_namespace WHERE nspname = 'pgportage'"))
          .isZero();
    }
  }

  /** What one of the sides may have made otherwise stands in the first place. */
  private static final String ODD =
      """
      CREATE EXTENSION hstore; CREATE EXTENSION citext; CREATE EXTENSION ltree;
      CREATE TYPE mood AS ENUM ('sad', 'so, "so"', '');
      CREATE TYPE pair AS (a text, m mood[], r int4range);
      CREATE TYPE nested AS (p pair, ps pair[]);
      CREATE TYPE moods AS RANGE (subtype = mood);
      CREATE DOMAIN small AS int4[] CHECK (cardinality(value) < 4);
      CREATE DOMAIN shout AS text COLLATE "C" CHECK (value = upper(value));
      CREATE TABLE odd (%1$s id int8, n nested, ns nested[], ms moods, mm int8multirange, tr tstzrange,
        nr numrange[], s small, sh shout, x xml, jp jsonpath, vb bit varying, fb bit(5), iv interval,
        mo money, ad inet, ci cidr, m8 macaddr8, l pg_lsn, x8 xid8, tq tsquery, tv tsvector[], ci2 circle,
        hs hstore, ct citext, lt ltree, li line, pa path, ls lseg, oids oidvector, nm name, tid tid, rg regclass, one "char"[], tt time[],
        g1 text GENERATED ALWAYS AS (lower(sh)) STORED, nn numeric(40, 20)[], f4 float4[],
        PRIMARY KEY (id));
      %2$s
      INSERT INTO odd (id, n, ns, ms, mm, tr, nr, s, sh, x, jp, vb, fb, iv, mo, ad, ci, m8, l, x8, tq, tv,
        ci2, hs, ct, lt, li, pa, ls, oids, nm, tid, rg, one, tt, nn, f4)
      SELECT g, ROW(ROW('a,b', ARRAY['sad', 'so, "so"']::mood[], '[1,3)')::pair, '{}')::nested, NULL,
        moods('so, "so"', NULL),
        '{[1,2),[5,9)}', '["2020-01-01 00:00+05",infinity)', '{"[0.10,1)",empty}', '[2:3]={1,NULL}', 'É',
        '<a b="1"/>text<!-- c -->', '$.a[*] ? (@.b > 1)', B'1011', B'00001', '-1 mons +1 day -00:00:00.1',
        -12.34, '::ffff:1.2.3.4/120', '10/8', '08:00:2b:01:02:03:04:05', 'FFFFFFFF/FFFFFFFF',
        '18446744073709551615', 'a & !b <-> c:*', '{"a:1A","b"}', '<(1,2),3>', 'a=>1, b=>NULL', 'Case',
        'Top.Science', '{1,2,3}', '[(0,0),(1,1)]',
        '[(0,0),(1,1)]', '1 2 3', 'Name', '(1,2)', 'pg_class', '{a,NULL," "}', '{24:00,00:00}',
        '{1.10,NaN}', '{-0,NaN,1e-30}'
      FROM generate_series(%3$s) AS g;
      CREATE TABLE parent (id int, v text, at date) PARTITION BY RANGE (id);
      CREATE TABLE "Part One" PARTITION OF parent FOR VALUES FROM (1) TO (10);
      CREATE TABLE rest (at date, v text, id int);
      ALTER TABLE parent ATTACH PARTITION rest DEFAULT;
      INSERT INTO parent SELECT g, 'v' || g, '-infinity' FROM generate_series(1, 20) AS g;
      CREATE TABLE base (id int PRIMARY KEY, v text);
      CREATE TABLE heir (w text, PRIMARY KEY (id)) INHERITS (base);
      INSERT INTO base VALUES (1, 'base');
      INSERT INTO heir VALUES (1, 'heir', NULL), (2, 'heir', '');
      CREATE UNLOGGED TABLE fleeting (id uuid PRIMARY KEY, v bytea);
      INSERT INTO fleeting VALUES ('00000000-0000-0000-0000-000000000001', '\\x00');
      CREATE TABLE secured (id int PRIMARY KEY, owner name);
      INSERT INTO secured VALUES (1, 'somebody');
      ALTER TABLE secured ENABLE ROW LEVEL SECURITY;
      CREATE POLICY nobody ON secured USING (false);
      CREATE TABLE empty ();
      CREATE TABLE nothing (id int PRIMARY KEY);
      INSERT INTO empty SELECT FROM generate_series(1, 3);
      """;

  @Test
  void comparesOddTypesAndTablesOfEveryKind() throws Exception {
    try (var source = TestDatabase.source(16);
        var target = TestDatabase.target(18)) {
      source.execute(
          ODD.formatted(
              "gone text, gone2 int,", "ALTER TABLE odd DROP gone, DROP gone2;", "1, 50"));
      target.execute(ODD.formatted("", "", "50, 1, -1"));
      var equal = compare(source, target);
      assertThat(equal.status()).as(equal.output()).isZero();
      assertThat(equal.output()).contains("Equal: 78 rows in 9 tables");
      var changes =
          List.of(
              "n = ROW(ROW('a,b', ARRAY['sad']::mood[], '[1,3)')::pair, '{}')::nested",
              "ns = '{}'",
              "ms = 'empty'",
              "tr = '[\"2020-01-01 00:00+05\",)'",
              "nr = '{\"[0.1,1)\",empty}'",
              "s = '{1,NULL}'",
              "x = '<a b=\"1\" />text<!-- c -->'",
              "vb = B'10110'",
              "iv = '-29 days -00:00:00.1'",
              "ad = '::ffff:1.2.3.4'",
              "x8 = '18446744073709551614'",
              "tq = 'a & !b <2> c:*'",
              "one = '{a,NULL,b}'",
              "nn = '[0:1]={1.10,NaN}'",
              "f4 = '{0,NaN,1e-30}'",
              "nm = 'name'",
              "hs = 'a=>1, b=>NULL, c=>1'",
              "ct = 'case'",
              "lt = 'top.Science'");
      for (int i = 0; i < changes.size(); i++) {
        target.execute("UPDATE odd SET " + changes.get(i) + " WHERE id = " + (i + 1));
      }
      target.execute(
          """
          UPDATE "Part One" SET at = 'infinity' WHERE id = 3;
          UPDATE ONLY base SET v = 'heir' WHERE id = 1;
          UPDATE heir SET w = '' WHERE id = 1;
          UPDATE fleeting SET v = '';
          DELETE FROM secured;
          DELETE FROM empty WHERE ctid = '(0,1)';
          """);
      var different = compare(source, target, "--output", "json");
      assertThat(different.status()).as(different.output()).isEqualTo(3);
      JsonNode content = different.result().at("/content");
      var columns = new ArrayList<String>();
      content
          .findValues("listed")
          .forEach(
              listed ->
                  listed.forEach(
                      one ->
                          columns.add(
                              one.at("/kind").asText()
                                  + one.at("/key").asText()
                                  + one.at("/columns"))));
      for (int i = 0; i < changes.size(); i++) {
        String column = changes.get(i).substring(0, changes.get(i).indexOf(' '));
        assertThat(columns).contains("differing(%d)[\"%s\"]".formatted(i + 1, column));
      }
      assertThat(columns)
          .hasSize(changes.size() + 7)
          .contains("missing(1)[]", "differing(1)[\"w\"]");
    }
  }

  private static Program.Ended compare(
      TestDatabase source, TestDatabase target, String... options) {
    var line = new ArrayList<>(List.of("compare", source.url(), target.url()));
    line.addAll(List.of(options));
    return Program.of(line).run();
  }
}
