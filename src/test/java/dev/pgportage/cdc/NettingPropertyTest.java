package dev.pgportage.cdc;

import static dev.pgportage.pgoutput.Wire.UNCHANGED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.pgoutput.Message.Former;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;

/** Whatever happens to a table, its net change done to the former rows gives the later ones. */
class NettingPropertyTest {
  /** Something to try; what does not fit the table's rows at that moment is passed over. */
  record Step(Kind kind, String key, String otherKey, String value, boolean toasted) {}

  enum Kind {
    INSERT,
    UPDATE,
    MOVE,
    DELETE,
    TRUNCATE
  }

  private final ReplicatedTable table = TestTables.keyed("id", "a", "b");

  @Property(tries = 3000)
  void netChangeLeadsToTheSameRows(@ForAll("steps") List<Step> steps) {
    var rows = new TreeMap<String, List<String>>();
    for (String key : List.of("1", "2", "3")) {
      rows.put(key, List.of(key, "a" + key, "b" + key));
    }
    var target = new TreeMap<>(rows);
    var net = new NetChanges();
    steps.forEach(step -> run(step, rows, net));
    net.tables().forEach(changes -> apply((KeyedChanges) changes, target));
    assertThat(target).isEqualTo(rows);
  }

  private void run(Step step, Map<String, List<String>> rows, NetChanges net) {
    List<String> row = rows.get(step.key);
    boolean free = !rows.containsKey(step.otherKey);
    switch (step.kind) {
      case INSERT -> {
        if (row == null) {
          rows.put(step.key, List.of(step.key, step.value, step.value));
          net.insert(table, NetChangesTest.row(step.key, step.value, step.value));
        }
      }
      case UPDATE -> {
        if (row != null) {
          update(step, row, step.key, rows, net);
        }
      }
      case MOVE -> {
        if (row != null && free) {
          update(step, row, step.otherKey, rows, net);
        }
      }
      case DELETE -> {
        if (row != null) {
          rows.remove(step.key);
          net.delete(table, Former.KEY, NetChangesTest.row(step.key, null, null));
        }
      }
      case TRUNCATE -> {
        rows.clear();
        net.truncate(List.of(table));
      }
    }
  }

  private void update(
      Step step, List<String> row, String newKey, Map<String, List<String>> rows, NetChanges net) {
    rows.remove(step.key);
    rows.put(newKey, List.of(newKey, step.value, step.toasted ? row.get(2) : step.value));
    boolean moved = !newKey.equals(step.key);
    net.update(
        table,
        moved ? Former.KEY : Former.NONE,
        moved ? NetChangesTest.row(step.key, null, null) : null,
        NetChangesTest.row(newKey, step.value, step.toasted ? UNCHANGED : step.value));
  }

  /** What the SQL does: empty, delete, update all at once, insert. */
  private static void apply(KeyedChanges changes, Map<String, List<String>> target) {
    if (changes.isTruncated()) {
      target.clear();
    }
    changes.deletes().forEach(key -> assertThat(target.remove(text(key))).isNotNull());
    var moved = new ArrayList<List<String>>();
    for (var lineages : changes.updates().values()) {
      for (var lineage : lineages) {
        RowKey origin = lineage.origin();
        List<String> base =
            Objects.requireNonNull(target.remove(text(Objects.requireNonNull(origin))));
        moved.add(over(base, NetChangesTest.texts(lineage.row())));
      }
    }
    for (List<String> row : moved) {
      assertThat(target.put(row.getFirst(), row)).isNull();
    }
    for (NetRow row : NetChangesTest.inserts(changes)) {
      List<String> values = over(List.of("", "", ""), NetChangesTest.texts(row));
      assertThat(target.put(values.getFirst(), values)).isNull();
    }
  }

  @SuppressWarnings("ReferenceEquality") // the marker is one object
  private static List<String> over(List<String> base, List<@Nullable String> changed) {
    var result = new ArrayList<String>();
    for (int i = 0; i < base.size(); i++) {
      String value = changed.get(i);
      result.add(value == null || value == UNCHANGED ? base.get(i) : value);
    }
    return result;
  }

  private static String text(RowKey key) {
    var text = new StringBuilder();
    key.forEach(
        (bytes, start, length) ->
            text.append(new String(bytes, start, length, StandardCharsets.UTF_8)));
    return text.toString();
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    var keys = Arbitraries.of("1", "2", "3", "4", "5");
    var kinds =
        Arbitraries.frequency(
            Tuple.of(6, Kind.INSERT),
            Tuple.of(6, Kind.UPDATE),
            Tuple.of(6, Kind.MOVE),
            Tuple.of(4, Kind.DELETE),
            Tuple.of(1, Kind.TRUNCATE));
    return Combinators.combine(
            kinds, keys, keys, Arbitraries.of("p", "q", "r"), Arbitraries.of(true, false))
        .as(Step::new)
        .list()
        .ofMaxSize(30);
  }
}
