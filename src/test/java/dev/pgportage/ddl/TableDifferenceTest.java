package dev.pgportage.ddl;

import static dev.pgportage.ddl.Shapes.added;
import static dev.pgportage.ddl.Shapes.changed;
import static dev.pgportage.ddl.Shapes.column;
import static dev.pgportage.ddl.Shapes.computed;
import static dev.pgportage.ddl.Shapes.table;
import static dev.pgportage.ddl.Shapes.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.ddl.Shape.ColumnShape;
import dev.pgportage.ddl.Shape.TableShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TableDifferenceTest {
  private static final ColumnShape ID = column(1, "id", "integer");
  private static final TableShape THEN = table(1, "t", ID, column(2, "a", "text"));

  @Test
  void takesARewriteForOneOnlyIfAColumnWasTouched() {
    TableShape vacuumed = table(1, "t", 99, ID, column(2, "a", "text"));
    TableShape retyped = table(1, "t", 99, ID, changed(2, "a", "integer"));
    TableShape relabelled = table(1, "t", ID, changed(2, "a", "varchar"));
    assertThat(to(vacuumed).needsReload()).isFalse();
    assertThat(to(retyped).needsReload()).isTrue();
    assertThat(to(relabelled).needsReload()).isFalse();
    assertThat(to(table(2, "t", ID)).isRemade()).isTrue();
    assertThat(to(table(2, "t", ID)).needsReload()).isTrue();
  }

  @Test
  void loadsAgainWhatIsComputedOrCannotBeRead() {
    assertThat(
            to(table(1, "t", ID, column(2, "a", "text"), computed(3, "g", "int", "id")))
                .needsReload())
        .isTrue();
    ColumnShape unreadable =
        new ColumnShape(
            3,
            "u",
            "point",
            false,
            Optional.empty(),
            "",
            "",
            Optional.empty(),
            "2",
            Optional.empty(),
            true,
            false);
    assertThat(to(table(1, "t", ID, column(2, "a", "text"), unreadable)).needsReload()).isTrue();
    assertThat(
            to(table(1, "t", ID, column(2, "a", "text"), added(3, "n", "int", "7"))).needsReload())
        .isFalse();
  }

  @Test
  void isOneStepIfNothingElseCanHaveHappenedInBetween() {
    ColumnShape a = column(2, "a", "text");
    ColumnShape n = added(3, "n", "int", "7");
    assertThat(to(table(1, "t", ID, a, n)).isSingleStep()).isTrue();
    assertThat(to(table(1, "other", ID, column(2, "b", "text"))).isSingleStep()).isTrue();
    assertThat(to(with(1, "t", 1, Optional.empty(), List.of(), 2, ID)).isSingleStep()).isTrue();
    assertThat(to(with(1, "t", 1, Optional.empty(), List.of(), 4, ID, a, n)).isSingleStep())
        .as("a column came and went")
        .isFalse();
    assertThat(to(table(1, "t", ID, n)).isSingleStep()).as("one added, one dropped").isFalse();
    assertThat(to(with(1, "t", 1, Optional.of("parent"), List.of(), 2, ID, a)).isSingleStep())
        .as("attached")
        .isFalse();
  }

  @Test
  void lettingInKeepsWhatRefusedARowAsItWas() {
    TableShape now =
        table(1, "t", column(1, "id", "integer", true, null), column(2, "b", "text", true, "'x'"));
    TableShape form = to(now).inNewForm();
    assertThat(form.columns())
        .extracting(ColumnShape::text)
        .containsExactly("id integer", "b text");
  }

  @Test
  void tellsWhatChanged() {
    var lines = new ArrayList<String>();
    to(table(1, "u", ID, column(2, "a", "text", true, "'x'::text"), added(3, "n", "int", "7")))
        .describe(lines);
    assertThat(lines)
        .containsExactly(
            "table public.t is public.u",
            "column public.u.n is new",
            "column public.t was: a text; is: a text not null default 'x'::text");
  }

  private static TableDifference to(TableShape now) {
    return TableDifference.between(THEN, now);
  }
}
