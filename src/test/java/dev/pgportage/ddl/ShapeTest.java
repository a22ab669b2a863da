package dev.pgportage.ddl;

import static dev.pgportage.ddl.Shapes.added;
import static dev.pgportage.ddl.Shapes.column;
import static dev.pgportage.ddl.Shapes.object;
import static dev.pgportage.ddl.Shapes.table;
import static dev.pgportage.ddl.Shapes.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.ddl.Shape.ColumnShape;
import dev.pgportage.ddl.Shape.ObjectShape;
import dev.pgportage.ddl.Shape.TableShape;
import dev.pgportage.pg.QualifiedName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Whole readings against each other: which tables and objects are the same, and what changed. */
class ShapeTest {
  private static final ColumnShape ID = column(1, "id", "integer");

  @Property(tries = 50)
  void hasADigestWhateverTheOrder(
      @ForAll List<@IntRange(min = 1, max = 1000) Integer> numbers, @ForAll Random order) {
    List<Integer> oids = new ArrayList<>(numbers.stream().distinct().toList());
    Shape one = shapeOf(oids);
    Collections.shuffle(oids, order);
    assertThat(shapeOf(oids).digest()).isEqualTo(one.digest());
    assertThat(shapeOf(oids).looksLike(one)).isTrue();
    Shape more = shapeOf(IntStream.concat(oids.stream().mapToInt(i -> i), IntStream.of(1001)));
    assertThat(more.digest()).isNotEqualTo(one.digest());
    assertThat(more.looksLike(one)).isFalse();
  }

  @Test
  void knowsTablesThatExchangeTheirNames() {
    Shape then = Shapes.of(table(1, "one", ID), table(2, "two", ID));
    Shape now = Shapes.of(table(1, "two", ID), table(2, "one", ID));
    var match = new TableMatch(then, now);
    assertThat(match.made()).isEmpty();
    assertThat(match.gone()).isEmpty();
    assertThat(match.renamed())
        .isEqualTo(Map.of(name("one"), name("two"), name("two"), name("one")));
    assertThat(match.aside(match.kept().getFirst())).hasValue(name("pgportage aside 1"));
  }

  @Test
  void takesATableInAnotherSchemaForANewOne() {
    TableShape then = table(1, "t", ID);
    var moved =
        new TableShape(
            1,
            new QualifiedName("other", "t"),
            false,
            1,
            Optional.empty(),
            Optional.empty(),
            false,
            List.of(),
            "r",
            "",
            "DEFAULT",
            1,
            List.of(ID));
    var match = new TableMatch(Shapes.of(then), Shapes.of(moved));
    assertThat(match.kept()).isEmpty();
    assertThat(match.made()).containsExactly(moved);
    assertThat(match.gone()).containsExactly(then);
  }

  @Test
  void loadsAFamilyAgainWhoseRowsNeedDifferentValues() {
    Shape then = Shapes.of(heir(1, "a"), heir(2, "b"), table(3, "top", ID));
    Shape same =
        Shapes.of(
            heir(1, "a", added(2, "n", "int", "7")),
            heir(2, "b", added(2, "n", "int", "7")),
            table(3, "top", ID, added(2, "n", "int", "7")));
    Shape mixed =
        Shapes.of(
            heir(1, "a", added(2, "n", "int", "7")),
            heir(2, "b", added(2, "n", "int", "8")),
            table(3, "top", ID, added(2, "n", "int", "7")));
    assertThat(new TableMatch(then, same).reloaded(Set.of())).isEmpty();
    assertThat(new TableMatch(then, same).reloaded(Set.of(2L))).containsExactly(2L);
    assertThat(new TableMatch(then, mixed).reloaded(Set.of())).containsExactly(1L, 2L, 3L);
  }

  @Test
  void takesAnIndexMadeAgainForTheSameButNotAView() {
    var objects =
        new ObjectDifferences(
            shape(object(10, "INDEX", "i", 1, "on t (a)"), object(11, "VIEW", "v", 0, "SELECT 1")),
            shape(object(20, "INDEX", "i", 1, "on t (a)"), object(21, "VIEW", "v", 0, "SELECT 1")));
    assertThat(objects.made()).extracting(ObjectShape::label).containsExactly("VIEW public.v");
    assertThat(objects.gone()).extracting(ObjectShape::oid).containsExactly(11L);
    assertThat(objects.changed()).isEmpty();
  }

  @Test
  void tellsOidsOfDifferentCatalogsApart() {
    var objects =
        new ObjectDifferences(
            shape(object(10, "INDEX", "i", 1, "a")),
            shape(object(10, "FUNCTION", "f", 0, "b"), object(10, "INDEX", "renamed", 1, "a")));
    assertThat(objects.made()).extracting(ObjectShape::name).containsExactly("f");
    assertThat(objects.changed()).extracting(c -> c.now().name()).containsExactly("renamed");
    assertThat(objects.gone()).isEmpty();
  }

  @Test
  void dropsEarlyWhatOthersHangOn() {
    Shape then =
        new Shape(
            List.of(table(1, "t", ID)),
            List.of(
                object(9, "FUNCTION", "f()", 0, "body"),
                object(10, "CHECK", "sane", 1, "CHECK (f())"),
                object(11, "VIEW", "v", 0, "SELECT f()")));
    Shape now = Shapes.of(table(1, "t", ID));
    var alteration =
        new ObjectAlteration(then, new TableMatch(then, now), new ObjectDifferences(then, now));
    assertThat(alteration.obstacles()).isEmpty();
    assertThat(alteration.early()).extracting(Statement::sql).hasSize(2);
    assertThat(alteration.early().getFirst().sql()).startsWith("DROP VIEW");
    assertThat(alteration.early().getLast().sql()).contains("DROP CONSTRAINT");
    assertThat(alteration.late())
        .extracting(Statement::sql)
        .singleElement()
        .asString()
        .startsWith("DROP FUNCTION");
  }

  private static TableShape heir(long oid, String name, ColumnShape... more) {
    ColumnShape[] columns =
        Stream.concat(Stream.of(ID), Stream.of(more)).toArray(ColumnShape[]::new);
    return with(oid, name, oid, Optional.of("top"), List.of(), columns.length, columns);
  }

  private static Shape shape(ObjectShape... objects) {
    return new Shape(List.of(table(1, "t", ID)), List.of(objects));
  }

  private static Shape shapeOf(List<Integer> oids) {
    return shapeOf(oids.stream().mapToInt(i -> i));
  }

  private static Shape shapeOf(IntStream oids) {
    int[] all = oids.toArray();
    return new Shape(
        IntStream.of(all).mapToObj(oid -> table(oid, "t" + oid, ID)).toList(),
        IntStream.of(all).mapToObj(oid -> object(oid, "INDEX", "i" + oid, oid, "a")).toList());
  }

  private static QualifiedName name(String table) {
    return new QualifiedName("public", table);
  }
}
