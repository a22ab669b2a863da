package dev.pgportage.ddl;

import static dev.pgportage.ddl.Shapes.added;
import static dev.pgportage.ddl.Shapes.column;
import static dev.pgportage.ddl.Shapes.computed;
import static dev.pgportage.ddl.Shapes.table;
import static dev.pgportage.ddl.Shapes.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.ddl.Shape.TableShape;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TableAlterationTest {
  private static final TableShape THEN =
      table(1, "t", column(1, "id", "integer", true, null), column(2, "a", "text"));

  @Test
  void changesNothingWhereNothingChanged() {
    assertThat(all(THEN, THEN)).isEmpty();
  }

  @Test
  void renamesTheTableFirstAndUsesItsNewNameFromThenOn() {
    TableShape now =
        table(1, "T \"u\"", column(1, "id", "integer", true, null), column(2, "b", "text"));
    assertThat(all(THEN, now))
        .containsExactly(
            "ALTER TABLE \"public\".\"t\" RENAME TO \"T \"\"u\"\"\";",
            "ALTER TABLE \"public\".\"T \"\"u\"\"\" RENAME COLUMN \"a\" TO \"b\";");
  }

  @Test
  void exchangesTwoColumnsNamesByNamesInBetween() {
    TableShape now = table(1, "t", column(1, "a", "integer", true, null), column(2, "id", "text"));
    assertThat(all(THEN, now))
        .containsExactly(
            "ALTER TABLE \"public\".\"t\" RENAME COLUMN \"id\" TO \"pgportage was 1\";",
            "ALTER TABLE \"public\".\"t\" RENAME COLUMN \"a\" TO \"pgportage was 2\";",
            "ALTER TABLE \"public\".\"t\" RENAME COLUMN \"pgportage was 1\" TO \"a\";",
            "ALTER TABLE \"public\".\"t\" RENAME COLUMN \"pgportage was 2\" TO \"id\";");
  }

  @Test
  void givesFormerRowsTheValueTheyHaveOnTheSource() {
    TableShape now =
        table(
            1,
            "t",
            column(1, "id", "integer", true, null),
            column(2, "a", "text"),
            added(3, "n", "numeric(5,2)", "1.50"));
    assertThat(form(THEN, now, Map.of("n", "1.50")))
        .containsExactly(
            "ALTER TABLE \"public\".\"t\" ADD COLUMN \"n\" numeric(5,2) DEFAULT '1.50'::numeric(5,2);",
            "ALTER TABLE \"public\".\"t\" ALTER COLUMN \"n\" DROP DEFAULT;");
  }

  @Test
  void dropsBeforeItAddsAColumnOfTheSameName() {
    TableShape now =
        table(1, "t", column(1, "id", "integer", true, null), column(3, "a", "integer"));
    assertThat(form(THEN, now, Map.of()))
        .containsExactly(
            "ALTER TABLE \"public\".\"t\" DROP COLUMN \"a\";",
            "ALTER TABLE \"public\".\"t\" ADD COLUMN \"a\" integer;");
  }

  @Test
  void retypesAnEmptyTableWithoutReadingTheFormerDefault() {
    TableShape then = table(1, "t", column(1, "a", "text", false, "'7'::text"));
    TableShape now = table(1, "t", column(1, "a", "integer", false, "7"));
    var alteration = new TableAlteration(difference(then, now), Map.of(), true, Set.of());
    assertThat(alteration.all())
        .containsExactly(
            "ALTER TABLE \"public\".\"t\" ALTER COLUMN \"a\" DROP DEFAULT;",
            "ALTER TABLE \"public\".\"t\" ALTER COLUMN \"a\" TYPE integer USING NULL;",
            "ALTER TABLE ONLY \"public\".\"t\" ALTER COLUMN \"a\" SET DEFAULT 7;");
  }

  @Test
  void leavesDefaultsThatComeByThemselves() {
    TableShape drawn =
        table(1, "t", column(1, "id", "integer", true, "nextval('s')"), column(2, "a", "text"));
    assertThat(new TableAlteration(difference(THEN, drawn), Map.of(), false, Set.of("id")).all())
        .isEmpty();
    assertThat(all(drawn, THEN))
        .containsExactly("ALTER TABLE ONLY \"public\".\"t\" ALTER COLUMN \"id\" DROP DEFAULT;");
  }

  @Test
  void loosensOnlyWhatRefusedNull() {
    TableShape now = table(1, "t", column(1, "no", "integer"), column(2, "a", "text", true, null));
    assertThat(new TableAlteration(difference(THEN, now), Map.of(), false, Set.of()).loosening())
        .containsExactly("ALTER TABLE \"public\".\"t\" ALTER COLUMN \"id\" DROP NOT NULL;");
  }

  @Test
  void makesGeneratedColumnsAndChangesTheirExpressions() {
    TableShape one = table(1, "t", column(1, "id", "integer"), computed(2, "g", "integer", "id"));
    TableShape two =
        table(1, "t", column(1, "id", "integer"), computed(2, "g", "integer", "(id * 2)"));
    TableShape without = table(1, "t", column(1, "id", "integer"));
    assertThat(all(without, one))
        .containsExactly(
            "ALTER TABLE \"public\".\"t\" ADD COLUMN \"g\" integer GENERATED ALWAYS AS (id) STORED;");
    assertThat(all(one, two))
        .containsExactly(
            "ALTER TABLE \"public\".\"t\" ALTER COLUMN \"g\" SET EXPRESSION AS ((id * 2));");
    assertThat(all(one, table(1, "t", column(1, "id", "integer"), column(2, "g", "integer"))))
        .containsExactly(
            "ALTER TABLE ONLY \"public\".\"t\" ALTER COLUMN \"g\" DROP EXPRESSION IF EXISTS;");
  }

  @Test
  void setsAndResetsStorageParameters() {
    TableShape then = withOptions("fillfactor=70", "autovacuum_enabled=false");
    TableShape now = withOptions("fillfactor=80");
    assertThat(all(then, now))
        .containsExactly(
            "ALTER TABLE ONLY \"public\".\"t\" SET (fillfactor = '80');",
            "ALTER TABLE ONLY \"public\".\"t\" RESET (autovacuum_enabled);");
  }

  private static TableShape withOptions(String... options) {
    return with(1, "t", 1, Optional.empty(), List.of(options), 1, column(1, "id", "integer"));
  }

  private static List<String> all(TableShape then, TableShape now) {
    return new TableAlteration(difference(then, now), Map.of(), false, Set.of()).all();
  }

  private static List<String> form(TableShape then, TableShape now, Map<String, String> values) {
    return new TableAlteration(difference(then, now), values, false, Set.of()).form();
  }

  private static TableDifference difference(TableShape then, TableShape now) {
    return TableDifference.between(then, now);
  }
}
