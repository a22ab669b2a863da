package dev.pgportage.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.pg.QualifiedName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GroupingTest {
  @Test
  void balancesByWritesThenBySize() {
    var units =
        List.of(
            unit("busy", 900, 10),
            unit("large", 0, 500),
            unit("medium", 500, 10),
            unit("small", 400, 10),
            unit("idle", 0, 1));
    assertThat(Grouping.divide(units, List.of(), 2))
        .containsExactly(names("busy", "large"), names("idle", "medium", "small"));
  }

  @Test
  void keepsTiedTablesTogetherOverTablesThatAreNoUnits() {
    var units = List.of(unit("a", 100, 1), unit("b", 100, 1), unit("c", 100, 1));
    var ties = List.of(tie("a", "root"), tie("root", "c"));
    assertThat(Grouping.divide(units, ties, 3)).containsExactly(names("a", "c"), names("b"));
  }

  @Test
  void makesNoStreamWithoutTables() {
    assertThat(Grouping.divide(List.of(unit("only", 0, 0)), List.of(), 8)).hasSize(1);
    assertThat(Grouping.divide(List.of(), List.of(), 8)).isEmpty();
  }

  /** Whatever the tables and ties: a partition, ties kept, nothing empty, as even as it can be. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void dividesEveryTableOnce(long seed) {
    var random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      var units = new ArrayList<Grouping.Unit>();
      int count = 1 + random.nextInt(30);
      for (int i = 0; i < count; i++) {
        units.add(unit("t" + i, random.nextInt(3) == 0 ? 0 : random.nextInt(1000), i));
      }
      var ties = new ArrayList<Grouping.Tie>();
      for (int i = random.nextInt(12); i > 0; i--) {
        ties.add(tie("t" + random.nextInt(count + 3), "t" + random.nextInt(count + 3)));
      }
      int most = 1 + random.nextInt(8);
      List<List<QualifiedName>> streams = Grouping.divide(units, ties, most);

      var streamOf = new HashMap<QualifiedName, Integer>();
      for (int i = 0; i < streams.size(); i++) {
        assertThat(streams.get(i)).isNotEmpty();
        for (QualifiedName name : streams.get(i)) {
          assertThat(streamOf.put(name, i)).as("in two streams").isNull();
        }
      }
      assertThat(streamOf).hasSize(count);
      assertThat(streams).hasSizeLessThanOrEqualTo(most);
      for (Grouping.Tie tie : ties) {
        if (streamOf.containsKey(tie.one()) && streamOf.containsKey(tie.other())) {
          assertThat(streamOf.get(tie.one())).isEqualTo(streamOf.get(tie.other()));
        }
      }
      assertThat(Grouping.divide(units.reversed(), ties.reversed(), most))
          .as("the same in whatever order")
          .isEqualTo(streams);
    }
  }

  private static Grouping.Unit unit(String name, long writes, long bytes) {
    return new Grouping.Unit(new QualifiedName("s", name), writes, bytes);
  }

  private static Grouping.Tie tie(String one, String other) {
    return new Grouping.Tie(new QualifiedName("s", one), new QualifiedName("s", other));
  }

  private static List<QualifiedName> names(String... names) {
    return List.of(names).stream().map(name -> new QualifiedName("s", name)).toList();
  }
}
