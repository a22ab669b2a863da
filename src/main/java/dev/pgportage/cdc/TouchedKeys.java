package dev.pgportage.cdc;

import dev.pgportage.pgoutput.Message;
import dev.pgportage.pgoutput.Tuple;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one table that the changes of one batch name, former and present ones, taken from the
 * stream itself: whatever the changes come to. Not thread-safe.
 */
final class TouchedKeys {
  private final ReplicatedTable table;
  private final int limit;
  private List<RowKey> keys = new ArrayList<>();
  private boolean everything;

  /**
   * No key yet.
   *
   * @param wanted whether anybody wants to know which rows it were
   * @param limit how many keys are kept; more of them are everything
   */
  TouchedKeys(ReplicatedTable table, boolean wanted, int limit) {
    this.table = table;
    this.limit = limit;
    this.everything = !wanted || !table.isKeyed();
  }

  /** The table whose keys these are. */
  ReplicatedTable table() {
    return table;
  }

  void add(Message.RowChange change) {
    if (everything) {
      return;
    }
    switch (change) {
      case Message.Insert insert -> add(insert.row(), null);
      case Message.Update update -> {
        add(update.row(), update.old());
        if (update.old() != null) {
          add(update.old(), null);
        }
      }
      case Message.Delete delete -> add(delete.old(), null);
    }
  }

  /** No row stayed as it was. */
  void addEverything() {
    everything = true;
    keys = List.of();
  }

  boolean isEverything() {
    return everything;
  }

  List<RowKey> keys() {
    return keys;
  }

  private void add(Tuple row, @Nullable Tuple old) {
    RowKey known = everything ? null : table.keyOf(row, old);
    if (known == null || keys.size() == limit) {
      addEverything();
    } else {
      keys.add(known);
    }
  }
}
