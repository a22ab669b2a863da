package dev.pgportage.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pgoutput.Message;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TouchedRowsTest {
  private static final Lsn START = Lsn.parse("0/10");
  private static final Lsn LATER = Lsn.parse("0/20");
  private static final Lsn LATEST = Lsn.parse("0/30");

  private final ReplicatedTable table = TestTables.keyed("id", "v");
  private final QualifiedName name = table.name();

  @Test
  void knowsNothingOfWhatCameBeforeTheStart() {
    var rows = new TouchedRows(START, 1000);
    assertThat(rows.since(name, Lsn.parse("0/F"))).isInstanceOf(Touched.Everything.class);
    assertThat(rows.since(name, START)).isInstanceOf(Touched.Nothing.class);
  }

  @Test
  void fallsBackToTheWholeTableWhenItsKeysTakeTooMuchMemory() {
    var rows = new TouchedRows(START, 1000);
    rows.track(START);
    touch(rows, LATER, 1, 5);
    assertThat(rows.since(name, START)).isInstanceOf(Touched.Rows.class);
    touch(rows, LATEST, 6, 20);
    assertThat(rows.since(name, START)).isInstanceOf(Touched.Everything.class);
    assertThat(rows.since(name, LATEST)).isInstanceOf(Touched.Nothing.class);
    rows.track(LATEST);
    touch(rows, Lsn.parse("0/40"), 1, 2);
    assertThat(rows.since(name, LATEST)).isInstanceOf(Touched.Rows.class);
    assertThat(rows.since(name, LATER)).isInstanceOf(Touched.Everything.class);
  }

  @Test
  void makesRoomWhenKeysAreForgotten() {
    var rows = new TouchedRows(START, 1000);
    rows.track(START);
    for (int i = 0; i < 10; i++) {
      Lsn at = Lsn.parse("0/" + (40 + i));
      touch(rows, at, 1, 6);
      rows.forget(name, at);
      assertThat(rows.since(name, at)).isInstanceOf(Touched.Nothing.class);
    }
    touch(rows, Lsn.parse("0/60"), 1, 6);
    assertThat(rows.since(name, Lsn.parse("0/49"))).isInstanceOf(Touched.Rows.class);
  }

  private void touch(TouchedRows rows, Lsn at, int first, int count) {
    TouchedKeys keys = rows.keysOf(table);
    for (int i = first; i < first + count; i++) {
      keys.add(new Message.Insert(1, NetChangesTest.row(String.valueOf(i), "x")));
    }
    rows.add(at, Map.of(table, keys));
  }
}
