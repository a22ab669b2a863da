package dev.pgportage.validation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.CatalogReader;
import dev.pgportage.schema.Table;
import dev.pgportage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class RowTextIT {
  private static final HashFunction HASH = new HashFunction(false, "UTF8", true);

  /** Values made of what separates and marks values, so that texts run together where they can. */
  private static final String TRAPS =
      """
      CREATE TYPE label AS ENUM ('', E'\\001', E'1\\001', '-1', E'(\\001)', '!');
      CREATE TYPE pair AS (a text, b text);
      CREATE DOMAIN word AS text;
      CREATE FUNCTION pick(text[]) RETURNS text LANGUAGE sql VOLATILE AS
        'SELECT $1[1 + floor(random() * array_length($1, 1))::int]';
      CREATE TABLE traps (
        i int, t text, v varchar(9) COLLATE "C", n numeric(9,2), c char(3), e label, w word, p pair,
        a text[], j json, b bytea, o boolean, ch "char", "Weird, ""name"" x" text, jb jsonb,
        vb varbit, ia int[], last int);
      INSERT INTO traps SELECT
        pick('{1,0,-1,NULL,11}')::int, pick(s), pick(s), pick('{1,1.10,NULL}')::numeric, left(pick(s), 3),
        pick(replace('{"","|","1|",-1,"(|)",NULL,"!"}', '|', chr(1))::text[])::label,
        pick(s), ROW(pick(s), pick(s))::pair, ARRAY[pick(s), pick(s)],
        pick('{NULL,1,"1 ","\\"1,\\"","[1,-1]"}')::json, pick(s)::bytea, pick('{t,f,NULL}')::boolean,
        pick(s)::"char", pick(s), to_jsonb(pick(s)), pick('{"",1,0,10,NULL}')::varbit,
        pick('{NULL,"{}","{1,NULL}","[0:1]={1,1}"}')::int[], pick('{1,NULL}')::int
      FROM generate_series(1, 30000),
        (VALUES (replace(
          '{NULL,"",",","|","-1","0|","1|1","-1|-1","||","\\"","(","()","1||1","2|||","!","!|!","1|"}',
          '|', chr(1))::text[])) AS strings (s);
      UPDATE traps SET t = repeat(pick('{a,b}'), 100001) WHERE random() < 0.01;
      """;

  @Test
  void isAnotherForEachOtherRow() throws SQLException {
    try (var database = TestDatabase.source(15)) {
      database.execute(TRAPS);
      try (Connection connection = database.writer()) {
        String text = new RowText(HASH).of(table(connection).columns());
        assertThat(
                Sql.queryLong(
                    connection, "SELECT count(DISTINCT " + text + ") FROM public.traps AS t"))
            .isEqualTo(
                Sql.queryLong(
                    connection, "SELECT count(DISTINCT t.*::text) FROM public.traps AS t"))
            .isGreaterThan(10_000);
      }
    }
  }

  @Test
  void tellsFewColumnsApartInAnyOrder() throws SQLException {
    try (var database = TestDatabase.source(15)) {
      database.execute(TRAPS);
      try (Connection connection = database.writer()) {
        var columns = table(connection).columns();
        for (int first = 0; first < columns.size(); first++) {
          for (int second = 0; second < columns.size(); second++) {
            var two = List.of(columns.get(first), columns.get(second));
            String row =
                two.stream()
                    .map(column -> "t." + Quoting.identifier(column.name()))
                    .collect(Collectors.joining(", ", "ROW(", ")::text"));
            String text = new RowText(HASH).of(two);
            assertThat(
                    Sql.queryLong(
                        connection,
                        "SELECT count(DISTINCT "
                            + text
                            + ") - count(DISTINCT "
                            + row
                            + ") FROM (SELECT * FROM public.traps LIMIT 500) AS t"))
                .as(text)
                .isZero();
          }
        }
      }
    }
  }

  @Test
  void takesAsManyColumnsAsATableHas() throws SQLException {
    try (var database = TestDatabase.source(15)) {
      database.execute(
          IntStream.range(0, 1500)
              .mapToObj(i -> "c" + i + (i % 2 == 0 ? " int" : " text"))
              .collect(Collectors.joining(",", "CREATE TABLE traps (", ")")));
      database.execute("INSERT INTO traps (c0, c1499) VALUES (1, NULL), (1, ''), (NULL, '1')");
      try (Connection connection = database.writer()) {
        String text = new RowText(HASH).of(table(connection).columns());
        assertThat(
                Sql.queryLong(
                    connection, "SELECT count(DISTINCT " + text + ") FROM public.traps AS t"))
            .isEqualTo(3);
      }
    }
  }

  private static Table table(Connection connection) throws SQLException {
    return CatalogReader.read(connection).tables().stream()
        .filter(table -> table.name().name().equals("traps"))
        .findFirst()
        .orElseThrow();
  }
}
