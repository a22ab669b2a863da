package dev.pgportage.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.pg.ExportedSnapshot;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Snapshot;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.CatalogReader;
import dev.pgportage.schema.Table;
import dev.pgportage.state.PartRead;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.testing.TestDatabase;
import dev.pgportage.validation.Comparison.Difference;
import dev.pgportage.validation.Comparison.Kind;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ValidatorIT {
  private static final String EVERY_TYPE =
      """
      CREATE TYPE mood AS ENUM ('sad', 'happy');
      CREATE TYPE pair AS (a text, b numeric);
      CREATE DOMAIN positive AS int CHECK (value > 0);
      CREATE TABLE every_type (
        id int, name text, moods mood[], p pair, ps pair[], d positive, j json, jb jsonb,
        pt point, pg polygon, bx box, f4 float4, f8 float8, n numeric, m money, c char(5),
        v varchar(20), raw bytea, ts timestamp, tz timestamptz, tt timetz, iv interval,
        r int4range, mr int4multirange, net inet, mac macaddr, bits varbit, u uuid, tv tsvector,
        one "char", ones "char"[], arr int[], texts text[], rc regclass, l pg_lsn,
        doubled int GENERATED ALWAYS AS (id * 2) STORED, PRIMARY KEY (id, name));
      """;

  private static final String EVERY_ROW =
      """
      INSERT INTO every_type
      SELECT g, 'a "b" \\ ' || g || chr(228), '{sad,happy}', '("x,(y)",1.50)', '{"(a,1)"}', 3,
        '{"a" : 1, "a":2}', '{"b":1,"a":[1.0]}', '(1,2)', '((0,0),(1,1),(2,0))', '((0,0),(1,1))',
        0.1 + g, '-0', 'NaN', 12.5, 'ab', '', '\\x00ff', 'infinity', '2020-01-01 12:00+02',
        '12:00+05:30', '1 year -3 days 04:05:06.7', '[1,5)', '{[1,2),[5,9)}', '10.0.0.1/8',
        '08:00:2b:01:02:03', B'10110', '00000000-0000-0000-0000-00000000000a', 'a:1A b',
        chr(65)::"char", ARRAY[(-99)::int4::"char"], '[2:4]={1,2,3}', '{"a,b",NULL,"NULL",""}', 'pg_class', '16/B374D848'
      FROM generate_series(%s) AS g;
      UPDATE every_type SET one = (-100)::int4::"char", f8 = 'Infinity', n = 1e-20 WHERE id %% 3 = 0
      """;

  private final TestDatabase source;
  private final TestDatabase target;

  ValidatorIT() throws SQLException {
    source = TestDatabase.source(15);
    target = TestDatabase.target(18);
  }

  @AfterEach
  void close() throws SQLException {
    source.close();
    target.close();
  }

  @Test
  void findsNothingWhenEveryTypeIsEqualInAnotherOrder() throws SQLException {
    source.execute(EVERY_TYPE + EVERY_ROW.formatted("1, 300"));
    target.execute(EVERY_TYPE + EVERY_ROW.formatted("300, 1, -1"));
    assertThat(compare().getFirst())
        .matches(Comparison::equal)
        .satisfies(c -> assertThat(c.result().sourceRows()).isEqualTo(300))
        .satisfies(c -> assertThat(c.result().targetRows()).isEqualTo(300))
        .satisfies(c -> assertThat(c.result().digest()).matches("[0-9a-f]{32}"))
        .satisfies(c -> assertThat(c.listed()).isEmpty());
  }

  @Test
  void findsExactlyThePlantedDifferences() throws SQLException {
    source.execute(EVERY_TYPE + EVERY_ROW.formatted("1, 5000"));
    target.execute(EVERY_TYPE + EVERY_ROW.formatted("1, 5000"));
    List<String> changes =
        List.of(
            "n = 1.50",
            "f8 = '0'",
            "j = '{\"a\": 1, \"a\":2}'",
            "c = 'abc'",
            "v = NULL",
            "raw = '\\x00fe'",
            "arr = '{1,2,3}'",
            "texts = '{\"a,b\",NULL,NULL,\"\"}'",
            "p = '(\"x,(y)\",1.5)'",
            "ps = '{\"(a,1.0)\"}'",
            "moods = '{happy,sad}'",
            "pg = '((0,0),(1,1),(2,0.00001))'",
            "tz = tz + interval '1 microsecond'",
            "iv = '12 months -3 days 04:05:06.70001'",
            "d = 4",
            "one = 'B'",
            "tv = 'a:1 b'");
    source.execute("UPDATE every_type SET n = 1.5, f8 = '-0' WHERE id % 100 = 1");
    target.execute("UPDATE every_type SET n = 1.5, f8 = '-0' WHERE id % 100 = 1");
    for (int i = 0; i < changes.size(); i++) {
      target.execute("UPDATE every_type SET " + changes.get(i) + " WHERE id = " + (i * 100 + 1));
    }
    target.execute("DELETE FROM every_type WHERE id IN (7, 4007)");
    target.execute(EVERY_ROW.formatted("6000, 6001").replace("id % 3", "false AND id % 3"));
    target.execute("UPDATE every_type SET id = 9001 WHERE id = 9");

    Comparison found = compare().getFirst();

    assertThat(found.keyColumns()).containsExactly("id", "name");
    assertThat(found.result().missing()).isEqualTo(3);
    assertThat(found.result().extra()).isEqualTo(3);
    assertThat(found.result().differing()).isEqualTo(changes.size());
    assertThat(idsOf(found, Kind.MISSING)).containsExactlyInAnyOrder(7, 9, 4007);
    assertThat(idsOf(found, Kind.EXTRA)).containsExactlyInAnyOrder(6000, 6001, 9001);
    assertThat(idsOf(found, Kind.DIFFERING))
        .containsExactlyInAnyOrderElementsOf(
            java.util.stream.IntStream.range(0, changes.size())
                .map(i -> i * 100 + 1)
                .boxed()
                .toList());
    assertThat(found.listed())
        .filteredOn(difference -> difference.kind() == Kind.DIFFERING)
        .allSatisfy(
            difference -> {
              int id =
                  Integer.parseInt(difference.key().substring(1, difference.key().indexOf(',')));
              String change = changes.get(id / 100);
              assertThat(difference.columns())
                  .containsExactly(change.substring(0, change.indexOf(' ')));
            });
  }

  @Test
  void comparesNoRowsButThoseWithSomeKeys() throws SQLException {
    String rows =
        """
        CREATE TABLE "Odd ""t?\" (a int, "b ?" text COLLATE "en-x-icu", c numeric, v text,
          PRIMARY KEY (a, "b ?", c));
        INSERT INTO "Odd ""t?\" SELECT g, 'k' || g, g * 1.00, 'v' FROM generate_series(1, 5000) AS g;
        """;
    source.execute(rows);
    target.execute(rows);
    source.execute("DELETE FROM \"Odd \"\"t?\" WHERE a = 5");
    target.execute(
        """
        UPDATE "Odd ""t?\" SET v = 'other' WHERE a IN (1, 2);
        DELETE FROM "Odd ""t?\" WHERE a = 3;
        """);
    List<List<String>> keys = new ArrayList<>();
    for (int i : List.of(1, 3, 4, 5, 6000)) {
      keys.add(List.of("" + i, "k" + i, i + ".0"));
    }
    Comparison found = compareRows(keys);
    assertThat(found.extent()).isEqualTo(Comparison.Extent.CHANGED_ROWS);
    assertThat(found.listed())
        .containsExactlyInAnyOrder(
            new Difference(Kind.DIFFERING, "(1,k1,1.00)", List.of("v")),
            new Difference(Kind.MISSING, "(3,k3,3.00)", List.of()),
            new Difference(Kind.EXTRA, "(5,k5,5.00)", List.of()));
    assertThat(found.result().sourceRows()).isEqualTo(3);
    assertThat(compareRows(List.of(List.of("7", "k7", "7")))).matches(Comparison::equal);
  }

  private Comparison compareRows(List<List<String>> keys) throws SQLException {
    try (var before = ExportedSnapshot.take(database(source));
        var after = ExportedSnapshot.take(database(target))) {
      Table table = tables().getFirst();
      var subject = new Subject(table, new Portion.Rows(keys));
      var options = new Validator.Options(1, 10, Optional.empty());
      return new Validator(before, after, options, Monitor.none())
          .compareSome(List.of(subject), _ -> {})
          .getFirst();
    }
  }

  @Test
  void comparesTheRowsAConditionHoldsFor() throws SQLException {
    String rows =
        """
        CREATE TABLE t (id int PRIMARY KEY, j jsonb);
        INSERT INTO t SELECT g, jsonb_build_object('k' || g, 1) FROM generate_series(1, 100) AS g;
        """;
    source.execute(rows);
    target.execute(rows + "UPDATE t SET j = '{\"k7\": 2, \"x\": 1}' WHERE id IN (7, 70)");
    try (var before = ExportedSnapshot.take(database(source));
        var after = ExportedSnapshot.take(database(target))) {
      var subject = new Subject(tables().getFirst(), new Portion.Condition("j ? 'k7' -- seven"));
      var options = new Validator.Options(1, 10, Optional.empty());
      var found =
          new Validator(before, after, options, Monitor.none())
              .compareSome(List.of(subject), _ -> {})
              .getFirst();
      assertThat(found.listed())
          .containsExactlyInAnyOrder(
              new Difference(Kind.DIFFERING, "(7)", List.of("j")),
              new Difference(Kind.EXTRA, "(70)", List.of()));
    }
  }

  @Test
  void countsAllButListsNoMoreThanAsked() throws SQLException {
    String rows = "CREATE TABLE t AS SELECT g AS id, 'x' AS v FROM generate_series(1, 20000) AS g;";
    source.execute(rows + "ALTER TABLE t ADD PRIMARY KEY (id)");
    target.execute(rows + "UPDATE t SET v = 'y'");
    Comparison found = compare(new Validator.Options(1, 5, Optional.empty()), _ -> {}).getFirst();
    assertThat(found.result().differing()).isEqualTo(20000);
    assertThat(found.listed()).hasSize(5);
  }

  @Test
  void comparesALargeTableByRangesOfItsPages() throws SQLException {
    String table =
        """
        CREATE TABLE t (id int PRIMARY KEY, v text);
        INSERT INTO t SELECT g, repeat('v', 200) FROM generate_series(1, 20000) AS g;
        """;
    source.execute(table);
    target.execute(table + "UPDATE t SET v = v WHERE id % 3 = 0");
    Comparison whole = compare().getFirst();
    var parts = new ArrayList<PartRead>();
    assertThat(comparedInRanges(parts))
        .matches(Comparison::equal)
        .returns(whole.result().digest(), found -> found.result().digest())
        .returns(20_000L, found -> found.result().targetRows());
    assertThat(parts).filteredOn(part -> part.side() == Side.SOURCE).hasSizeGreaterThan(4);
    assertThat(parts).filteredOn(part -> part.side() == Side.TARGET).hasSizeGreaterThan(4);
    target.execute(
        "UPDATE t SET v = '' WHERE id IN (1, 10000); DELETE FROM t WHERE id = 20000;"
            + " INSERT INTO t VALUES (20001, 'v')");
    assertThat(comparedInRanges(parts).listed())
        .containsExactlyInAnyOrder(
            new Difference(Kind.DIFFERING, "(1)", List.of("v")),
            new Difference(Kind.DIFFERING, "(10000)", List.of("v")),
            new Difference(Kind.MISSING, "(20000)", List.of()),
            new Difference(Kind.EXTRA, "(20001)", List.of()));
  }

  /** As if the table's few pages held gigabytes. */
  private Comparison comparedInRanges(List<PartRead> parts) throws SQLException {
    Table table = tables().getFirst();
    var large =
        new Table(
            table.oid(),
            table.name(),
            table.kind(),
            table.unlogged(),
            table.columns(),
            table.key(),
            table.replicaIdentity(),
            table.partitionRoot(),
            table.rowSecurity(),
            table.forcedRowSecurity(),
            3L << 30,
            table.pages(),
            table.estimatedRows());
    try (var before = ExportedSnapshot.take(database(source));
        var after = ExportedSnapshot.take(database(target))) {
      var options = new Validator.Options(1, 10, Optional.empty());
      return new Validator(before, after, options, Monitor.none())
          .compareSome(
              List.of(Subject.whole(large)),
              new Validator.Observer() {
                @Override
                public void finished(Comparison comparison) {
                  assertThat(comparison.extent()).isEqualTo(Comparison.Extent.WHOLE);
                }

                @Override
                public void read(Subject subject, PartRead part) {
                  parts.add(part);
                }
              })
          .getFirst();
    }
  }

  @Test
  void comparesTablesWithoutKeyAsMultisets() throws SQLException {
    String table = "CREATE TABLE log (at date, what json);";
    source.execute(
        table
            + "INSERT INTO log SELECT '2020-01-01', '{}' FROM generate_series(1, 100);"
            + "INSERT INTO log VALUES (NULL, '[1]'), (NULL, '[2]'), (NULL, NULL)");
    target.execute(
        table
            + "INSERT INTO log SELECT '2020-01-01', '{}' FROM generate_series(1, 98);"
            + "INSERT INTO log VALUES (NULL, '[1]'), (NULL, '[ 2]'), (NULL, NULL), (NULL, NULL)");
    Comparison found = compare().getFirst();
    assertThat(found.result())
        .extracting(r -> r.missing(), r -> r.extra(), r -> r.differing())
        .containsExactly(3L, 2L, 0L);
    assertThat(found.listed())
        .extracting(Difference::kind, difference -> difference.key().startsWith("ctid ("))
        .containsExactlyInAnyOrder(
            tuple(Kind.MISSING, true),
            tuple(Kind.MISSING, true),
            tuple(Kind.EXTRA, true),
            tuple(Kind.EXTRA, true));
  }

  @Test
  void comparesEmptyTablesTablesWithoutColumnsAndOddNames() throws SQLException {
    String tables =
        """
        CREATE TABLE empty (id int PRIMARY KEY);
        CREATE TABLE no_columns ();
        INSERT INTO no_columns SELECT FROM generate_series(1, 3);
        CREATE SCHEMA "select?";
        CREATE TABLE "select?"."Weird ""Table"" %s" (
          "a'b""c %d \\" int PRIMARY KEY, "h" text, "k" text, "ctid?" int, "bucket" int);
        INSERT INTO "select?"."Weird ""Table"" %s" VALUES (1, 'x', 'y', 1, 2), (2, 'x', 'y', 1, 2);
        CREATE TABLE parent (id int PRIMARY KEY);
        CREATE TABLE child () INHERITS (parent);
        INSERT INTO parent VALUES (1);
        INSERT INTO child VALUES (2);
        CREATE TABLE parted (id int PRIMARY KEY) PARTITION BY RANGE (id);
        CREATE TABLE part1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
        INSERT INTO parted VALUES (5);
        """;
    source.execute(tables);
    target.execute(tables);
    assertThat(compare()).hasSize(6).allMatch(Comparison::equal);
    target.execute(
        """
        INSERT INTO no_columns DEFAULT VALUES;
        DELETE FROM "select?"."Weird ""Table"" %s" WHERE h = 'x' AND bucket = 2
          AND "a'b""c %d \\" = 2;
        """);
    assertThat(compare())
        .filteredOn(c -> !c.equal())
        .extracting(
            c -> c.result().table().name(), c -> c.result().missing(), c -> c.result().extra())
        .containsExactlyInAnyOrder(
            tuple("no_columns", 0L, 1L), tuple("Weird \"Table\" %s", 1L, 0L));
  }

  @Test
  void findsOneByteInValuesOfAHundredMegabytes() throws SQLException {
    String table =
        "CREATE TABLE huge (id int PRIMARY KEY, t text, b bytea);"
            + "ALTER TABLE huge ALTER t SET STORAGE EXTERNAL, ALTER b SET STORAGE EXTERNAL;"
            + "INSERT INTO huge VALUES (1, repeat('x', 100000000), '');"
            + "INSERT INTO huge VALUES (2, '', repeat('x', 20000000)::bytea);";
    source.execute(table);
    target.execute(table);
    assertThat(compare()).allMatch(Comparison::equal);
    target.execute("UPDATE huge SET t = left(t, -1) || 'y' WHERE id = 1");
    target.execute("UPDATE huge SET b = set_byte(b, 19999999, 1) WHERE id = 2");
    assertThat(compare().getFirst().listed())
        .containsExactlyInAnyOrder(
            new Difference(Kind.DIFFERING, "(1)", List.of("t")),
            new Difference(Kind.DIFFERING, "(2)", List.of("b")));
  }

  @Test
  void comparesDatabasesOfDifferentEncodings() throws SQLException {
    String table =
        "CREATE TABLE café (clé text PRIMARY KEY, v text, b bytea);"
            .concat("INSERT INTO café SELECT chr(228) || g, repeat('é', g), 'x' FROM")
            .concat(" generate_series(1, 500) AS g;");
    try (var latin = latinDatabase()) {
      Sql.execute(latin, table);
    }
    target.execute(table + "UPDATE café SET v = v || 'ü' WHERE clé IN ('ä7', 'ä8')");
    Database database = new Database(latinEndpoint(), "pgportage test");
    try (var before = ExportedSnapshot.take(database);
        var after = ExportedSnapshot.take(database(target));
        var connection = database.open("catalog")) {
      var tables =
          CatalogReader.read(connection).tables().stream().filter(Table::holdsRows).toList();
      var options = new Validator.Options(1, 10, Optional.empty());
      var found = new Validator(before, after, options, Monitor.none()).compare(tables, _ -> {});
      assertThat(found.getFirst().listed())
          .containsExactlyInAnyOrder(
              new Difference(Kind.DIFFERING, "(ä7)", List.of("v")),
              new Difference(Kind.DIFFERING, "(ä8)", List.of("v")));
    } finally {
      source.executeAsSuperuser("DROP DATABASE " + source.name() + "_latin WITH (FORCE)");
    }
  }

  private java.sql.Connection latinDatabase() throws SQLException {
    source.executeAsSuperuser(
        "CREATE DATABASE %s_latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C' OWNER app_owner"
            .formatted(source.name()));
    return source
        .server()
        .connect(TestDatabase.APP, TestDatabase.PASSWORD, source.name() + "_latin");
  }

  private Endpoint latinEndpoint() {
    Endpoint own = source.endpoint();
    return new Endpoint(
        own.side(),
        own.host(),
        own.port(),
        own.database() + "_latin",
        own.user(),
        own.password(),
        own.tls(),
        own.connectTimeout());
  }

  @Test
  void failsWhenARowIsTooLargeToBePrinted() throws SQLException {
    String table = "CREATE TABLE giant (id int PRIMARY KEY, n numeric[]);";
    source.execute(table + "INSERT INTO giant SELECT 1, array_fill(1e131071, ARRAY[9000])");
    target.execute(table);
    assertThatThrownBy(this::compare)
        .asInstanceOf(InstanceOfAssertFactories.type(MigrationException.class))
        .returns(ErrorCode.VALIDATION_FAILED, MigrationException::code)
        .satisfies(e -> assertThat(e.what()).contains("public.giant", "source", "too large"));
  }

  @Test
  void failsWhenTheTargetLacksTheTable() throws SQLException {
    source.execute("CREATE TABLE lonely (id int)");
    assertThatThrownBy(this::compare)
        .asInstanceOf(InstanceOfAssertFactories.type(MigrationException.class))
        .returns(ErrorCode.VALIDATION_FAILED, MigrationException::code)
        .satisfies(e -> assertThat(e.what()).contains("public.lonely", "target"));
  }

  @Test
  void seesTheSnapshotsAndNothingLater() throws SQLException {
    String table = "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3);";
    source.execute(table);
    target.execute(table);
    var database = database(source);
    try (var replication = database.openReplication("slot");
        var after = ExportedSnapshot.take(database(target))) {
      var slot = replication.createSlot("s_" + source.name(), true);
      source.execute("INSERT INTO t VALUES (4)");
      target.execute("DELETE FROM t");
      try (var before = ExportedSnapshot.adopt(database, Snapshot.of(slot))) {
        var options = new Validator.Options(1, 10, Optional.of(slot.consistentPoint()));
        var found =
            new Validator(before, after, options, Monitor.none()).compare(tables(), _ -> {});
        assertThat(found.getFirst())
            .matches(Comparison::equal)
            .satisfies(c -> assertThat(c.result().at()).hasValue(slot.consistentPoint()));
      }
    }
  }

  @Test
  void failsWhenTheSnapshotIsGone() throws SQLException {
    source.execute("CREATE TABLE t (id int)");
    target.execute("CREATE TABLE t (id int)");
    ExportedSnapshot gone = ExportedSnapshot.take(database(source));
    gone.close();
    try (var other = ExportedSnapshot.take(database(target))) {
      var options = new Validator.Options(1, 10, Optional.empty());
      var validator = new Validator(gone, other, options, Monitor.none());
      var tables = tables();
      assertThatThrownBy(() -> validator.compare(tables, _ -> {}))
          .asInstanceOf(InstanceOfAssertFactories.type(MigrationException.class))
          .returns(ErrorCode.SNAPSHOT_LOST, MigrationException::code);
    }
  }

  @Test
  void failsRatherThanCompareATableTruncatedMeanwhile() throws SQLException {
    String table = "CREATE TABLE t (id int); INSERT INTO t VALUES (1);";
    source.execute(table);
    target.execute(table);
    try (var before = ExportedSnapshot.take(database(source));
        var after = ExportedSnapshot.take(database(target))) {
      source.execute("TRUNCATE t");
      target.execute("TRUNCATE t");
      var options = new Validator.Options(1, 10, Optional.empty());
      var validator = new Validator(before, after, options, Monitor.none());
      var tables = tables();
      assertThatThrownBy(() -> validator.compare(tables, _ -> {}))
          .asInstanceOf(InstanceOfAssertFactories.type(MigrationException.class))
          .returns(ErrorCode.TABLE_REWRITTEN, MigrationException::code);
    }
  }

  @Test
  void releasesATablesLocksAsSoonAsItIsCompared() throws SQLException {
    String tables = "CREATE TABLE a (id int); CREATE TABLE b (id int); INSERT INTO b VALUES (1);";
    source.execute(tables);
    target.execute(tables);
    var truncated = new ArrayList<String>();
    compare(
        new Validator.Options(1, 10, Optional.empty()),
        comparison -> {
          String name = comparison.result().table().name();
          try (var connection = source.writer()) {
            Sql.execute(connection, "SET lock_timeout = '5s'; TRUNCATE " + name);
            truncated.add(name);
          } catch (SQLException e) {
            throw new AssertionError(e);
          }
        });
    assertThat(truncated).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void comparesManyTablesWithSeveralWorkers() throws SQLException {
    var tables = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      tables.append(
          "CREATE TABLE t%1$d AS SELECT g AS id FROM generate_series(1, %1$d) AS g;".formatted(i));
    }
    source.execute(tables.toString());
    target.execute(tables + "DELETE FROM t17 WHERE id = 3");
    var finished = new ArrayList<Comparison>();
    var found = compare(new Validator.Options(3, 10, Optional.empty()), finished::add);
    assertThat(finished).hasSize(40).containsExactlyInAnyOrderElementsOf(found);
    assertThat(found)
        .filteredOn(c -> !c.equal())
        .extracting(c -> c.result().table().name())
        .containsExactly("t17");
  }

  @Test
  void comparesLargeObjectsByOidAndContent() throws SQLException {
    String same =
        "SELECT lo_from_bytea(g, decode(repeat('ab', g::int), 'hex')) FROM generate_series(20001,"
            + " 20050) AS g; SELECT lo_from_bytea(30000, ''); SELECT lo_from_bytea(30001,"
            + " decode(repeat('00ff', 20000000), 'hex'));";
    source.execute(same + "SELECT lo_from_bytea(40000, 'x')");
    target.execute(same + "SELECT lo_from_bytea(40001, 'x')");
    target.execute("SELECT lo_put(30001, 39999999, 'y'); SELECT lo_put(20007, 5, 'z')");
    try (var before = ExportedSnapshot.take(database(source));
        var after = ExportedSnapshot.take(database(target))) {
      var options = new Validator.Options(1, 10, Optional.empty());
      Comparison found =
          new Validator(before, after, options, Monitor.none()).compareLargeObjects();
      assertThat(found.result().sourceRows()).isEqualTo(53);
      assertThat(found.result().targetRows()).isEqualTo(53);
      assertThat(found.listed())
          .containsExactly(
              new Difference(Kind.DIFFERING, "20007", List.of()),
              new Difference(Kind.DIFFERING, "30001", List.of()),
              new Difference(Kind.MISSING, "40000", List.of()),
              new Difference(Kind.EXTRA, "40001", List.of()));
    }
  }

  private List<Comparison> compare() throws SQLException {
    return compare(new Validator.Options(2, 1000, Optional.empty()), _ -> {});
  }

  private List<Comparison> compare(Validator.Options options, Consumer<Comparison> finished)
      throws SQLException {
    try (var before = ExportedSnapshot.take(database(source));
        var after = ExportedSnapshot.take(database(target))) {
      return new Validator(before, after, options, Monitor.none()).compare(tables(), finished);
    }
  }

  private List<Table> tables() throws SQLException {
    try (var connection = database(source).open("catalog")) {
      return CatalogReader.read(connection).tables().stream().filter(Table::holdsRows).toList();
    }
  }

  private static Database database(TestDatabase fixture) {
    return new Database(fixture.endpoint(), "pgportage test");
  }

  private static List<Integer> idsOf(Comparison comparison, Kind kind) {
    return comparison.listed().stream()
        .filter(difference -> difference.kind() == kind)
        .map(Difference::key)
        .map(key -> Integer.valueOf(key.substring(1, key.indexOf(','))))
        .toList();
  }
}
