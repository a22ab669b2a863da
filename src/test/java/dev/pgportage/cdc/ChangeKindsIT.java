package dev.pgportage.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every kind of change and of table, one by one: the target must end as the source. */
class ChangeKindsIT {
  private final ReplicationFixture fixture;

  ChangeKindsIT() throws SQLException {
    fixture = ReplicationFixture.between(15, 15);
  }

  @AfterEach
  void close() throws SQLException {
    fixture.close();
  }

  @Test
  void movesKeysWhereverTheyGo() throws SQLException {
    fixture
        .schema(
            """
            CREATE TABLE t (a int, b text, v text, PRIMARY KEY (a, b));
            INSERT INTO t SELECT i, 'b', 'v' || i FROM generate_series(1, 20) i
            """)
        .start()
        .run("UPDATE t SET a = a + 100 WHERE a <= 5", "UPDATE t SET b = 'c' WHERE a = 6")
        .transaction(
            "UPDATE t SET a = 0 WHERE a = 7",
            "UPDATE t SET a = 7 WHERE a = 8",
            "UPDATE t SET a = 8 WHERE a = 0")
        .transaction("UPDATE t SET a = a + 1000 WHERE a = 9", "DELETE FROM t WHERE a = 1009")
        .transaction("DELETE FROM t WHERE a = 10", "INSERT INTO t VALUES (10, 'b', 'anew')")
        .transaction(
            "UPDATE t SET a = 2000 WHERE a = 11", "INSERT INTO t VALUES (11, 'b', 'other')")
        .syncAndCompare();
  }

  @Test
  void keepsUnchangedLongValues() throws SQLException {
    String longText =
        "(SELECT string_agg(md5(i::text || %s), '') FROM generate_series(1, 32000) i)";
    fixture
        .schema(
            """
            CREATE TABLE t (id int PRIMARY KEY, n int, long text, other text);
            ALTER TABLE t ALTER long SET STORAGE EXTERNAL;
            INSERT INTO t SELECT k, 0, %s, %s FROM generate_series(1, 3) k
            """
                .formatted(longText.formatted("k::text"), longText.formatted("'x'")))
        .start()
        .run("UPDATE t SET n = n + 1", "UPDATE t SET n = n + 1, other = 'short' WHERE id = 1")
        .transaction(
            "UPDATE t SET n = 9, long = 'short' WHERE id = 2", "UPDATE t SET n = 10 WHERE id = 2")
        .transaction(
            "INSERT INTO t SELECT 4, 0, long, other FROM t WHERE id = 3",
            "UPDATE t SET n = 1 WHERE id = 4",
            "UPDATE t SET id = 5 WHERE id = 4")
        .run("UPDATE t SET id = 6 WHERE id = 3")
        .run("UPDATE t SET long = repeat('x', 100000) WHERE id = 1")
        .syncAndCompare();
    // As its column wants it, and not as the staging table would have compressed it.
    assertThat(fixture.target.number("SELECT pg_column_size(long) FROM t WHERE id = 1"))
        .isEqualTo(100000);
    assertThat(fixture.target.number("SELECT length(long) FROM t WHERE id = 6"))
        .isGreaterThan(1000000);
  }

  @Test
  void updatesWideRowsOfEveryType() throws SQLException {
    fixture
        .schema(
            """
            CREATE DOMAIN "do main" AS text CHECK (VALUE <> 'never');
            CREATE TYPE "mo?od" AS ENUM ('so ''?', 'sad');
            CREATE TABLE "wi?de ""ta'ble" ("k?1" "mo?od", k2 numeric(6, 2), t text, "v?" varchar(9000),
              c char(3000), j json, b jsonb, x xml, y bytea, d "do main", l text[], m "mo?od"[],
              n numeric, z timestamptz, o oid, i interval, f float8, PRIMARY KEY ("k?1", k2));
            INSERT INTO "wi?de ""ta'ble" ("k?1", k2) SELECT 'so ''?', i FROM generate_series(1, 300) i;
            INSERT INTO "wi?de ""ta'ble" ("k?1", k2) VALUES ('sad', -0.5), ('sad', 0);
            CREATE TABLE plain (id int PRIMARY KEY, t text, v varchar, j json, b jsonb, n int);
            INSERT INTO plain SELECT i FROM generate_series(1, 30) i;
            CREATE TABLE large (id int PRIMARY KEY, y bytea, l text[], t text);
            INSERT INTO large VALUES (1), (2), (3)
            """)
        .start()
        .run(
            """
            UPDATE "wi?de ""ta'ble" SET t = repeat('a\tb\\n?' || k2, 400), "v?" = E'\n',
              c = repeat('ü', 3000), j = '{"a": [1,  2]}', b = '{"b": "\\u00e9", "a": 2}', x = '<a>&lt;</a>',
              y = decode(md5(k2::text), 'hex'), d = '', l = ARRAY[NULL, '', 'NULL', '"\\'],
              m = ARRAY['sad', NULL]::"mo?od"[], n = 'NaN', z = '0044-03-15 12:00:00 BC', o = 4294967295,
              i = '-1 mons +2 days -00:00:00.000001', f = '-0'
            """,
            "UPDATE plain SET t = repeat('äöü\\🦖', 900), n = id, v = 'é', j = '[\"ß\"]', b = '[\"ß\"]'",
            "UPDATE large SET y = decode(repeat('00ff5c', 100000), 'hex')",
            "UPDATE large SET y = '', t = repeat('t', 70000), l = ARRAY[repeat('l', 70000), NULL] WHERE id = 2",
            "UPDATE plain SET v = '', b = NULL, n = NULL WHERE id < 4",
            "UPDATE plain SET t = '', v = repeat('ñ', 3000), j = NULL WHERE id = 4",
            "UPDATE \"wi?de \"\"ta'ble\" SET t = '', j = NULL, c = NULL WHERE k2 % 2 = 0",
            // A character that bytes of no text would be turned into.
            "UPDATE \"wi?de \"\"ta'ble\" SET d = U&'\\FFFD', t = repeat('🦖', 3000) WHERE k2 = 3",
            "UPDATE \"wi?de \"\"ta'ble\" SET d = repeat(U&'\\FFFD', 3000) WHERE k2 > 290",
            "UPDATE \"wi?de \"\"ta'ble\" SET k2 = k2 + 1000, t = repeat('moved', 1000) WHERE k2 = 9")
        .syncAndCompare();
  }

  @Test
  void updatesWideRowsByKeysOfTypesInOddSchemas() throws SQLException {
    String extension =
        """
        CREATE SCHEMA "e?t"; GRANT USAGE ON SCHEMA "e?t" TO PUBLIC;
        CREATE EXTENSION citext SCHEMA "e?t"
        """;
    fixture.source.executeAsSuperuser(extension);
    fixture.target.executeAsSuperuser(extension);
    fixture
        .schema(
            """
            CREATE TABLE t (mail "e?t".citext PRIMARY KEY, long text);
            INSERT INTO t SELECT 'A' || i FROM generate_series(1, 20) i
            """)
        .start()
        .run("UPDATE t SET long = repeat(mail::text, 3000)")
        .syncAndCompare();
  }

  @Test
  void swapsUniqueValuesOfWideRows() throws SQLException {
    fixture
        .schema(
            """
            CREATE TABLE t (id int PRIMARY KEY, place int UNIQUE, long text);
            INSERT INTO t SELECT i, i, repeat('l', 5000) FROM generate_series(1, 10) i
            """)
        .start()
        .transaction(
            "UPDATE t SET place = 0 WHERE id = 1",
            "UPDATE t SET place = 1, long = repeat('m', 5000) WHERE id = 2",
            "UPDATE t SET place = 2, long = repeat('n', 5000) WHERE id = 1")
        .syncAndCompare();
  }

  @Test
  void appliesTablesWithOtherReplicaIdentities() throws SQLException {
    fixture
        .schema(
            """
            CREATE TABLE full_keyed (id int PRIMARY KEY, v text, long text);
            ALTER TABLE full_keyed REPLICA IDENTITY FULL;
            ALTER TABLE full_keyed ALTER long SET STORAGE EXTERNAL;
            CREATE TABLE by_index (id int PRIMARY KEY, code text NOT NULL, v text);
            CREATE UNIQUE INDEX by_index_code ON by_index (code);
            ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_index_code;
            INSERT INTO full_keyed SELECT i, 'v', repeat('long', 2000) FROM generate_series(1, 9) i;
            INSERT INTO by_index SELECT i, 'c' || i, 'v' FROM generate_series(1, 9) i
            """)
        .start()
        .run("UPDATE full_keyed SET v = NULL WHERE id < 4", "UPDATE full_keyed SET id = id + 50")
        .run("DELETE FROM full_keyed WHERE id > 57")
        .run(
            "UPDATE by_index SET id = id + 50",
            "UPDATE by_index SET code = 'x' || code WHERE id < 54")
        .run("DELETE FROM by_index WHERE code = 'c9'")
        .syncAndCompare();
  }

  @Test
  void countsRowsOfTablesWithoutKey() throws SQLException {
    fixture
        .schema(
            """
            CREATE TABLE log (a int, b text, j json, p point, x xml, c char(4));
            ALTER TABLE log REPLICA IDENTITY FULL;
            INSERT INTO log SELECT i % 3, '', '{"a": 1}', '(1,2)', '<a/>', 'x'
              FROM generate_series(1, 12) i;
            INSERT INTO log (a, b) VALUES (NULL, NULL), (1, NULL), (1, '')
            """)
        .start()
        .run("DELETE FROM log WHERE ctid IN (SELECT ctid FROM log WHERE a = 1 LIMIT 2)")
        .run("UPDATE log SET b = NULL WHERE ctid = (SELECT ctid FROM log WHERE a = 2 LIMIT 1)")
        .run("DELETE FROM log WHERE a IS NULL", "INSERT INTO log (a) VALUES (7), (7), (7)")
        .transaction("INSERT INTO log (a) VALUES (8)", "DELETE FROM log WHERE a = 8")
        .transaction("UPDATE log SET a = a + 1", "UPDATE log SET a = a - 1")
        .syncAndCompare();
  }

  @Test
  void truncates() throws SQLException {
    fixture
        .schema(
            """
            CREATE TABLE parent (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, v text);
            CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent);
            CREATE TABLE other (id int PRIMARY KEY);
            INSERT INTO parent (v) VALUES ('a'), ('b');
            INSERT INTO child VALUES (1, 1); INSERT INTO other VALUES (1)
            """)
        .start()
        .transaction(
            "INSERT INTO parent (v) VALUES ('c')",
            "INSERT INTO child VALUES (2, 3)",
            "TRUNCATE parent RESTART IDENTITY CASCADE",
            "INSERT INTO parent (v) VALUES ('new')",
            "INSERT INTO other VALUES (2)")
        .run("INSERT INTO child VALUES (5, 1)", "TRUNCATE child", "INSERT INTO child VALUES (6, 1)")
        .syncAndCompare();
    assertThat(fixture.replication().counters().truncates()).isEqualTo(3);
  }

  @Test
  void movesRowsBetweenPartitions() throws SQLException {
    fixture
        .schema(
            """
            CREATE TABLE p (id int, region text, v text, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
            CREATE TABLE p_eu PARTITION OF p FOR VALUES IN ('eu');
            CREATE TABLE p_us PARTITION OF p FOR VALUES IN ('us') PARTITION BY RANGE (id);
            CREATE TABLE p_us_1 PARTITION OF p_us FOR VALUES FROM (0) TO (100);
            CREATE TABLE p_us_2 PARTITION OF p_us FOR VALUES FROM (100) TO (1000);
            INSERT INTO p SELECT i, CASE i % 2 WHEN 0 THEN 'eu' ELSE 'us' END, 'v'
              FROM generate_series(1, 200) i
            """)
        .start()
        .run("UPDATE p SET region = 'us' WHERE region = 'eu' AND id < 20", "UPDATE p SET v = 'w'")
        .run("DELETE FROM p WHERE id > 190", "UPDATE p SET id = id + 500 WHERE region = 'us'")
        .run("TRUNCATE p_us_2", "INSERT INTO p VALUES (777, 'us', 'late')")
        .syncAndCompare()
        .run("TRUNCATE p", "INSERT INTO p VALUES (1, 'us', 'last')")
        .syncAndCompare();
  }

  @Test
  void leavesInheritingTablesToThemselves() throws SQLException {
    fixture
        .schema(
            """
            CREATE TABLE base (id int PRIMARY KEY, v text);
            CREATE TABLE derived (extra text, PRIMARY KEY (id)) INHERITS (base);
            INSERT INTO base VALUES (1, 'b'), (2, 'b');
            INSERT INTO derived VALUES (1, 'd', 'x'), (2, 'd', 'y')
            """)
        .start()
        .run("UPDATE ONLY base SET v = 'B' WHERE id = 1", "DELETE FROM ONLY base WHERE id = 2")
        .run("UPDATE derived SET extra = 'z' WHERE id = 2")
        .syncAndCompare()
        .run("TRUNCATE ONLY base")
        .syncAndCompare();
  }

  @Test
  void writesIdentityAndGeneratedColumns() throws SQLException {
    fixture
        .schema(
            """
            CREATE TABLE by_always (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text);
            CREATE TABLE beside (id int PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY, v text,
              long text);
            ALTER TABLE beside ALTER long SET STORAGE EXTERNAL;
            CREATE TABLE computed (id int PRIMARY KEY, a int,
              twice int GENERATED ALWAYS AS (a * 2) STORED, b text);
            INSERT INTO by_always (v) SELECT 'v' FROM generate_series(1, 10);
            INSERT INTO beside (id, v, long) SELECT i, 'v', repeat('x', 9000) FROM generate_series(1, 10) i;
            INSERT INTO computed (id, a, b) SELECT i, i, 'b' FROM generate_series(1, 10) i
            """)
        .start()
        .run(
            "INSERT INTO by_always (v) VALUES ('new')", "UPDATE by_always SET v = 'w' WHERE id < 3")
        .run("INSERT INTO by_always OVERRIDING SYSTEM VALUE VALUES (99, 'given')")
        .run("UPDATE by_always SET id = DEFAULT WHERE id = 5", "DELETE FROM by_always WHERE id = 6")
        .run("UPDATE beside SET v = 'w' WHERE id < 4", "UPDATE beside SET n = DEFAULT WHERE id = 8")
        .run("UPDATE beside SET id = id + 100 WHERE id = 9", "INSERT INTO beside VALUES (50)")
        .run("UPDATE computed SET a = a + 1", "INSERT INTO computed VALUES (11, 4)")
        .run("UPDATE computed SET id = 70 WHERE id = 7", "DELETE FROM computed WHERE id = 8")
        .syncAndCompare();
  }

  @Test
  void swapsUniqueValues() throws SQLException {
    fixture
        .schema(
            """
            CREATE TABLE deferred (id int PRIMARY KEY,
              place int UNIQUE DEFERRABLE INITIALLY IMMEDIATE, code text UNIQUE DEFERRABLE);
            CREATE TABLE immediate (id int PRIMARY KEY, place int UNIQUE, code text UNIQUE,
              long text);
            CREATE TABLE booked (id int PRIMARY KEY, during int4range,
              EXCLUDE USING gist (during WITH &&));
            ALTER TABLE immediate ALTER long SET STORAGE EXTERNAL;
            INSERT INTO deferred SELECT i, i, 'c' || i FROM generate_series(1, 10) i;
            INSERT INTO immediate SELECT i, i, 'c' || i, repeat('l', 5000) FROM generate_series(1, 10) i;
            INSERT INTO booked SELECT i, int4range(i * 10, i * 10 + 5) FROM generate_series(1, 9) i
            """)
        .start()
        .run("UPDATE deferred SET place = 11 - place")
        .transaction(
            "SET CONSTRAINTS ALL DEFERRED",
            "UPDATE deferred SET code = 'c2' WHERE id = 1",
            "UPDATE deferred SET code = 'c1' WHERE id = 2")
        .transaction(
            "UPDATE immediate SET place = 0 WHERE id = 1",
            "UPDATE immediate SET place = 1 WHERE id = 2",
            "UPDATE immediate SET place = 2 WHERE id = 1")
        .transaction(
            "UPDATE immediate SET code = 'x' WHERE id = 5",
            "INSERT INTO immediate VALUES (20, 20, 'c5')",
            "UPDATE immediate SET code = 'c6' WHERE id = 6")
        .transaction(
            "UPDATE booked SET during = NULL WHERE id = 1",
            "UPDATE booked SET during = int4range(10, 15) WHERE id = 2",
            "UPDATE booked SET during = int4range(20, 25) WHERE id = 1")
        .transaction(
            "UPDATE immediate SET id = 0 WHERE id = 1",
            "UPDATE immediate SET id = 1 WHERE id = 2",
            "UPDATE immediate SET id = 2 WHERE id = 0")
        .syncAndCompare()
        .run("UPDATE immediate SET place = place + 100", "DELETE FROM immediate WHERE id = 3")
        .syncAndCompare();
  }

  @Test
  void carriesEveryTypeAsText() throws SQLException {
    fixture
        .schema(
            """
            CREATE TYPE mood AS ENUM ('sad', 'a "quoted" one');
            CREATE TYPE pair AS (a int, b text);
            CREATE DOMAIN positive AS int NOT NULL CHECK (value > 0);
            CREATE TABLE t (id positive PRIMARY KEY, m mood, ms mood[], p pair, ps pair[], d positive,
              n numeric, f float8, r float4, dt date, ts timestamptz, iv interval, by bytea, b bit(3),
              js jsonb, tr tsrange, mr int4multirange, ip inet, mo money, c char(5), "C" "char",
              ta text[], tt timetz, bx box, ts2 tsvector)
            """)
        .start()
        .run(
            """
            INSERT INTO t VALUES (1, 'sad', '{sad,NULL,"a \\"quoted\\" one"}', '(1,"x,y")',
              '{"(1,)","(,\\"\\")"}', 5, 'NaN', '-Infinity', 'NaN', '-infinity', 'infinity',
              '1 mon -3 days 04:05:06.789', '\\x0001ff5c', B'101', '{"a": [1, null, "\\u00e9"]}',
              '[2020-01-01, infinity)', '{[1,3), [7,9)}', '::1/64', '-12.34', 'ab', 'z',
              '[0:1]={NULL,"NULL"}', '04:05:06.789-03:30', '(1,1),(0,0)', 'a:1B fat')
            """,
            """
            INSERT INTO t (id, d, n, f, dt, ts, iv, ta, c) VALUES (2, 1, 1e-400, 1e-307,
              '4713-01-01 BC', '0044-03-15 12:00:00 BC', '-178000000 years', '{}', '')
            """,
            """
            INSERT INTO t (id, d, n, f, r, ta) VALUES (3, 7, 0.1000, '-0', 1.1,
              ARRAY[E'tab\\t', E'line\\n', E'back\\\\slash', '', '\\.', 'ünï😀'])
            """)
        .sync()
        .run("UPDATE t SET d = d + 1, f = f / 3", "UPDATE t SET id = id + 10, m = 'sad'")
        .syncAndCompare();
  }

  @Test
  void carriesOddNames() throws SQLException {
    fixture
        .schema(
            """
            CREATE SCHEMA "Odd ""Schema\""";
            CREATE TABLE "Odd ""Schema\"""."Weird ""Table""?" ("select" int, "a b?" text, "ü$1" text,
              PRIMARY KEY ("select", "a b?"));
            CREATE TABLE "user" (id int PRIMARY KEY, "v0" int, "g" int, "k0" int, "n" int);
            CREATE TABLE "%s" ("%s" int PRIMARY KEY, v text);
            CREATE TABLE nothing (); ALTER TABLE nothing REPLICA IDENTITY FULL
            """
                .formatted("t".repeat(63), "c".repeat(63)))
        .start()
        .run(
            "INSERT INTO \"Odd \"\"Schema\"\"\".\"Weird \"\"Table\"\"?\" VALUES (1, 'x', 'y'), (2, '', '?')")
        .run(
            "UPDATE \"Odd \"\"Schema\"\"\".\"Weird \"\"Table\"\"?\" SET \"ü$1\" = 'z', \"select\" = 5 WHERE \"select\" = 1")
        .run("INSERT INTO \"user\" VALUES (1, 2, 3, 4, 5), (6, 7, 8, 9, 10)")
        .run("UPDATE \"user\" SET g = 0, k0 = 1 WHERE id = 1", "DELETE FROM \"user\" WHERE v0 = 7")
        .run("INSERT INTO %s VALUES (1, 'v')".formatted("t".repeat(63)))
        .run("UPDATE %s SET v = 'w'".formatted("t".repeat(63)))
        .run("INSERT INTO nothing DEFAULT VALUES", "INSERT INTO nothing DEFAULT VALUES")
        .run("DELETE FROM nothing WHERE ctid = '(0,1)'")
        .syncAndCompare();
  }

  @Test
  void passesOverWhatWasRolledBack() throws SQLException {
    fixture
        .schema("CREATE TABLE t (id int PRIMARY KEY, v text)")
        .start()
        .transaction(
            "INSERT INTO t VALUES (1, 'kept')",
            "SAVEPOINT a",
            "INSERT INTO t VALUES (2, 'gone')",
            "SAVEPOINT b",
            "UPDATE t SET v = 'gone'",
            "ROLLBACK TO a",
            "INSERT INTO t VALUES (2, 'kept')",
            "SAVEPOINT c",
            "UPDATE t SET v = 'changed' WHERE id = 2",
            "RELEASE c")
        .transaction("INSERT INTO t VALUES (3, 'gone')", "ROLLBACK")
        .syncAndCompare();
    assertThat(fixture.replication().counters().inserts()).isEqualTo(2);
  }

  @Test
  void appliesTransactionLargerThanItsMemory() throws SQLException {
    fixture
        .memory(1 << 20)
        .schema(
            """
            CREATE TABLE t (id int PRIMARY KEY, v text, place int UNIQUE DEFERRABLE);
            CREATE TABLE log (v text); ALTER TABLE log REPLICA IDENTITY FULL;
            INSERT INTO t SELECT i, 'v', i FROM generate_series(1, 1000) i
            """)
        .start()
        .transaction(
            "INSERT INTO t SELECT i, md5(i::text), i FROM generate_series(1001, 200000) i",
            "INSERT INTO log SELECT v FROM t",
            "UPDATE t SET v = v || 'x' WHERE id % 2 = 0",
            "UPDATE t SET id = id + 1000000 WHERE id % 100 = 0",
            "UPDATE t SET place = 200001 - place",
            "DELETE FROM t WHERE id % 3 = 0",
            "DELETE FROM log WHERE v LIKE 'a%'")
        .syncAndCompare();
    assertThat(fixture.replication().counters().transactions()).isEqualTo(1);
  }

  @Test
  void findsKeysOfTypesFromExtensions() throws SQLException {
    fixture.source.executeAsSuperuser("CREATE EXTENSION citext");
    fixture.target.executeAsSuperuser("CREATE EXTENSION citext");
    fixture
        .schema(
            """
            CREATE DOMAIN email AS public.citext;
            CREATE TYPE color AS ENUM ('red', 'green');
            CREATE TABLE t (mail email, c color, tags int[], PRIMARY KEY (mail, c, tags), v int);
            INSERT INTO t SELECT 'A' || i, 'red', ARRAY[i], i FROM generate_series(1, 50) i
            """)
        .start()
        .run("UPDATE t SET v = v + 1", "UPDATE t SET mail = lower(mail::text)::email WHERE v < 20")
        .run("DELETE FROM t WHERE v > 40", "UPDATE t SET c = 'green' WHERE v = 30")
        .syncAndCompare();
  }
}
