package dev.pgportage.cdc;

import static dev.pgportage.pgoutput.Wire.UNCHANGED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pgoutput.Message;
import dev.pgportage.pgoutput.Message.Former;
import dev.pgportage.pgoutput.Tuple;
import dev.pgportage.pgoutput.Wire;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NetChangesTest {
  private final ReplicatedTable table = TestTables.keyed("id", "a", "b");
  private final ReplicatedTable bag = TestTables.keyless("a", "b");
  private final NetChanges net = new NetChanges();

  @Test
  void leavesNothingOfRowInsertedAndDeleted() {
    net.insert(table, row("1", "x", "y"));
    net.update(table, Former.NONE, null, row("1", "z", UNCHANGED));
    net.delete(table, Former.KEY, row("1", null, null));
    assertThat(keyed().deletes()).isEmpty();
    assertThat(keyed().updates()).isEmpty();
    assertThat(keyed().inserts()).isEmpty();
    assertThat(net.isEmpty()).isFalse();
  }

  @Test
  void keepsValueOfInsertWhenUpdateLeavesItOut() {
    net.insert(table, row("1", "x", "long"));
    net.update(table, Former.NONE, null, row("1", "z", UNCHANGED));
    assertThat(texts(keyed().inserts().getFirst())).containsExactly("1", "z", "long");
  }

  @Test
  void leavesUnchangedValueOfTheTargetAlone() {
    net.update(table, Former.NONE, null, row("1", "x", UNCHANGED));
    net.update(table, Former.NONE, null, row("1", "y", UNCHANGED));
    var updates = keyed().updates();
    assertThat(updates).hasSize(1);
    var shape = updates.keySet().iterator().next();
    assertThat(shape.moved()).isFalse();
    assertThat(shape.present().get(2)).isFalse();
    var lineages = updates.values().iterator().next();
    assertThat(lineages).hasSize(1);
    assertThat(texts(lineages.getFirst().row())).containsExactly("1", "y", UNCHANGED);
  }

  @Test
  void takesUnchangedValueFromWholeFormerRow() {
    net.update(table, Former.FULL, row("1", "x", "long"), row("1", "y", UNCHANGED));
    var lineage = keyed().updates().values().iterator().next().getFirst();
    assertThat(texts(lineage.row())).containsExactly("1", "y", "long");
  }

  @Test
  void takesUnchangedKeyFromFormerKey() {
    net.update(table, Former.KEY, row("1", null, null), row(UNCHANGED, "y", "z"));
    var lineage = keyed().updates().values().iterator().next().getFirst();
    assertThat(lineage.isMoved()).isFalse();
    assertThatThrownBy(() -> net.update(table, Former.NONE, null, row(UNCHANGED, "y", "z")))
        .isInstanceOf(MigrationException.class);
  }

  @Test
  void movesRowOnceWhenItsKeyChangesTwice() {
    net.update(table, Former.KEY, row("1", null, null), row("2", "x", UNCHANGED));
    net.update(table, Former.KEY, row("2", null, null), row("3", "x", UNCHANGED));
    var updates = keyed().updates();
    assertThat(updates.keySet()).allMatch(KeyedChanges.Shape::moved);
    var lineage = updates.values().iterator().next().getFirst();
    assertThat(lineage.origin()).isEqualTo(key("1"));
    assertThat(lineage.key()).isEqualTo(key("3"));
  }

  @Test
  void doesNotMoveRowThatCameBack() {
    net.update(table, Former.KEY, row("1", null, null), row("2", "x", UNCHANGED));
    net.update(table, Former.KEY, row("2", null, null), row("1", "x", UNCHANGED));
    assertThat(keyed().updates().keySet()).noneMatch(KeyedChanges.Shape::moved);
    net.delete(table, Former.KEY, row("1", null, null));
    assertThat(keyed().deletes()).containsExactly(key("1"));
  }

  @Test
  void deletesOriginOfMovedRow() {
    net.update(table, Former.KEY, row("1", null, null), row("2", "x", "y"));
    net.insert(table, row("1", "new", "new"));
    net.delete(table, Former.KEY, row("2", null, null));
    assertThat(keyed().deletes()).containsExactly(key("1"));
    assertThat(keyed().inserts()).hasSize(1);
    assertThat(keyed().updates()).isEmpty();
  }

  @Test
  void swapsKeysOfTwoRows() {
    net.update(table, Former.KEY, row("1", null, null), row("0", "one", UNCHANGED));
    net.update(table, Former.KEY, row("2", null, null), row("1", "two", UNCHANGED));
    net.update(table, Former.KEY, row("0", null, null), row("2", "one", UNCHANGED));
    assertThat(keyed().updates()).hasSize(1);
    assertThat(keyed().updates().values().iterator().next())
        .extracting(KeyedChanges.Lineage::origin)
        .containsExactlyInAnyOrder(key("1"), key("2"));
  }

  @Test
  void forgetsWhatWasBeforeTruncate() {
    net.insert(table, row("1", "x", "y"));
    net.delete(table, Former.KEY, row("2", null, null));
    net.truncate(List.of(table));
    net.insert(table, row("3", "x", "y"));
    assertThat(net.truncated()).containsExactly(table);
    assertThat(keyed().deletes()).isEmpty();
    assertThat(keyed().inserts()).hasSize(1);
    assertContradicts(() -> net.delete(table, Former.KEY, row("4", null, null)));
  }

  @Test
  void refusesStreamThatContradictsItself() {
    net.delete(table, Former.KEY, row("1", null, null));
    assertContradicts(() -> net.update(table, Former.NONE, null, row("1", "x", "y")));
    net.insert(table, row("1", "x", "y"));
    assertContradicts(() -> net.insert(table, row("1", "x", "y")));
    net.update(table, Former.KEY, row("5", null, null), row("6", "x", "y"));
    assertContradicts(() -> net.delete(table, Former.KEY, row("5", null, null)));
    assertContradicts(() -> net.delete(bag, Former.KEY, row("a", null)));
  }

  @Test
  void looksForNoKeysWhileRowsAreOnlyAdded() {
    net.insert(table, row("1", "x", null));
    net.insert(table, row("2", "", "y"));
    assertThat(keyed().added().size()).isEqualTo(2);
    assertThat(inserts(keyed()))
        .extracting(NetChangesTest::texts)
        .containsExactly(texts("1", "x", null), texts("2", "", "y"));
    net.insert(table, row("1", "x", "y"));
    assertContradicts(() -> net.update(table, Former.NONE, null, row("2", "x", "y")));
  }

  @Test
  void countsNoRowsWhileTheyAreOnlyAddedToTableWithoutKey() {
    net.insert(bag, row("x", null));
    net.insert(bag, row("x", null));
    var changes = (BagChanges) net.tables().iterator().next();
    assertThat(changes.inserts()).isEmpty();
    assertThat(changes.added().size()).isEqualTo(2);
    net.truncate(List.of(bag));
    assertThat(changes.added().isEmpty()).isTrue();
  }

  @Test
  void countsEqualRowsOfTableWithoutKey() {
    net.insert(bag, row("x", null));
    net.insert(bag, row("x", null));
    net.insert(bag, row("x", ""));
    net.update(bag, Former.FULL, row("x", null), row("y", UNCHANGED));
    net.delete(bag, Former.FULL, row("x", ""));
    net.delete(bag, Former.FULL, row("z", "z"));
    net.delete(bag, Former.FULL, row("z", "z"));
    var changes = (BagChanges) net.tables().iterator().next();
    assertThat(changes.inserts()).extracting(BagChanges.Copies::count).containsOnly(1L);
    assertThat(changes.inserts())
        .extracting(copies -> texts(copies.row()))
        .containsExactlyInAnyOrder(texts("x", null), texts("y", null));
    assertThat(changes.deletes()).hasSize(1);
    assertThat(changes.deletes().getFirst().count()).isEqualTo(2);
  }

  @Test
  void refusesTableWhoseRowsCannotBeTold() {
    assertThat(TestTables.keyless("a").isKeyed()).isFalse();
    assertThat(table.describe()).isEqualTo("table public.t (key: id)");
  }

  private KeyedChanges keyed() {
    return (KeyedChanges) net.tables().iterator().next();
  }

  private static RowKey key(String id) {
    return RowKey.of(List.of(0), _ -> row(id));
  }

  static Tuple row(@Nullable String... values) {
    return ((Message.Update) Wire.update(7, values)).row();
  }

  static List<@Nullable String> texts(NetRow row) {
    var texts = new ArrayList<@Nullable String>();
    for (int i = 0; i < row.size(); i++) {
      Tuple source = row.source(i);
      texts.add(source == null ? UNCHANGED : source.isNull(i) ? null : source.text(i));
    }
    return texts;
  }

  /** All rows that are new to the target. */
  static List<NetRow> inserts(KeyedChanges changes) {
    var rows = new ArrayList<>(changes.inserts());
    changes.added().forEach((bytes, begin) -> rows.add(NetRow.of(Tuple.at(bytes, begin))));
    return rows;
  }

  private static List<@Nullable String> texts(@Nullable String... values) {
    return Arrays.asList(values);
  }

  private static void assertContradicts(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            MigrationException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.PROTOCOL_VIOLATION));
  }
}
