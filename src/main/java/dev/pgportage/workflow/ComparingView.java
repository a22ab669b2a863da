package dev.pgportage.workflow;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.state.ComparingTables.Entry;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.telemetry.Progress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Tells a monitor how far another process is with a comparison. Not thread-safe. */
final class ComparingView {
  private final Monitor monitor;
  private final Set<QualifiedName> underWay = new HashSet<>();

  ComparingView(Monitor monitor) {
    this.monitor = monitor;
  }

  /** It was found there. */
  void show(List<Entry> tables) {
    var total =
        new Progress.Reading(
            tables.stream().mapToLong(Entry::rows).sum(),
            tables.stream().mapToLong(Entry::plannedRows).sum(),
            tables.stream().mapToLong(Entry::bytes).sum(),
            tables.stream().mapToLong(Entry::plannedBytes).sum(),
            0);
    for (Entry entry : tables) {
      boolean ended = entry.ended() && underWay.remove(entry.table());
      if (entry.isUnderWay()) {
        underWay.add(entry.table());
      }
      if (ended || entry.isUnderWay()) {
        monitor.validating(entry.table(), reading(entry), total);
      }
    }
  }

  private static Progress.Reading reading(Entry entry) {
    return new Progress.Reading(
        entry.rows(), entry.plannedRows(), entry.bytes(), entry.plannedBytes(), 0);
  }
}
