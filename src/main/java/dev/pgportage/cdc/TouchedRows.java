package dev.pgportage.cdc;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which rows of which tables the stream touched, and at which position last: so that a proof need
 * not read again what rested since the one before.
 *
 * <p>Keys are kept from the moment on at which {@link #track} was called, with the applier standing
 * still; before that, and where they would take too much memory, a table is touched as a whole. All
 * of it is forgotten with the process; what outlives it is which tables are touched (see {@link
 * #unnoted}). Thread-safe.
 */
final class TouchedRows {
  /** How much memory the keys of all tables may take, about. */
  static final long DEFAULT_BYTES = 64L << 20;

  /** What a kept key costs beside its bytes: an entry, an object and an array. */
  private static final int OVERHEAD = 110;

  private final Lsn start;
  private final long limitBytes;
  private final Map<QualifiedName, Rows> tables = new HashMap<>();
  private final Set<QualifiedName> noted = new HashSet<>();
  private Lsn trackedFrom = Lsn.MAX;
  private long bytes;

  /** What is known of one table. */
  private static final class Rows {
    private final Map<RowKey, Lsn> keys = new HashMap<>();

    /** The keys are all that were touched after this; MAX if none are kept. */
    private Lsn from;

    private Lsn last = Lsn.ZERO;
    private long bytes;

    private Rows(Lsn from) {
      this.from = from;
    }
  }

  /** Nothing is known of what came before the start. */
  TouchedRows(Lsn start, long limitBytes) {
    this.start = start;
    this.limitBytes = limitBytes;
  }

  /** Keeps keys from now on; to be called while nothing is applied, with everything before it. */
  synchronized void track(Lsn position) {
    trackedFrom = position;
    noted.clear();
    for (Rows rows : tables.values()) {
      if (rows.from.equals(Lsn.MAX)) {
        rows.from = position;
      }
    }
  }

  /** The keys of a table that a batch is about to touch. */
  synchronized TouchedKeys keysOf(ReplicatedTable table) {
    Rows rows = tables.get(table.name());
    Lsn from = rows == null ? trackedFrom : rows.from;
    return new TouchedKeys(table, !from.equals(Lsn.MAX), (int) (limitBytes / OVERHEAD));
  }

  /** A batch that ends at a position is on the target. */
  synchronized void add(Lsn position, Map<ReplicatedTable, TouchedKeys> touched) {
    touched.forEach(
        (table, keys) -> {
          Rows rows = tables.computeIfAbsent(table.name(), _ -> new Rows(trackedFrom));
          rows.last = Lsn.max(rows.last, position);
          if (keys.isEverything()) {
            giveUp(rows);
          } else if (!rows.from.equals(Lsn.MAX)) {
            add(rows, position, keys.keys());
          }
        });
  }

  private void add(Rows rows, Lsn position, List<RowKey> keys) {
    long before = rows.bytes;
    for (RowKey key : keys) {
      if (rows.keys.put(key, position) == null) {
        rows.bytes += key.size() + OVERHEAD;
      }
    }
    bytes += rows.bytes - before;
    while (bytes > limitBytes) {
      giveUp(tables.values().stream().max(Comparator.comparingLong(t -> t.bytes)).orElseThrow());
    }
  }

  private void giveUp(Rows rows) {
    bytes -= rows.bytes;
    rows.bytes = 0;
    rows.keys.clear();
    rows.from = Lsn.MAX;
  }

  /** What was touched of a table by transactions applied after a position. */
  synchronized Touched since(QualifiedName table, Lsn position) {
    if (position.isBefore(start)) {
      return new Touched.Everything();
    }
    Rows rows = tables.get(table);
    if (rows == null || !position.isBefore(rows.last)) {
      return new Touched.Nothing();
    }
    if (position.isBefore(rows.from)) {
      return new Touched.Everything();
    }
    var keys = new ArrayList<List<String>>();
    rows.keys.forEach(
        (key, at) -> {
          if (position.isBefore(at)) {
            keys.add(key.texts());
          }
        });
    return new Touched.Rows(keys);
  }

  /** Forgets keys that nobody will ask for any more. */
  synchronized void forget(QualifiedName table, Lsn upTo) {
    Rows rows = tables.get(table);
    if (rows == null || rows.from.equals(Lsn.MAX)) {
      return;
    }
    rows.keys
        .entrySet()
        .removeIf(
            entry -> {
              boolean gone = !upTo.isBefore(entry.getValue());
              long size = gone ? entry.getKey().size() + OVERHEAD : 0;
              rows.bytes -= size;
              bytes -= size;
              return gone;
            });
    rows.from = Lsn.max(rows.from, upTo);
  }

  /** Those of some touched tables that have yet to be noted in the state as touched. */
  synchronized Set<QualifiedName> unnoted(Set<QualifiedName> touched) {
    var names = new HashSet<>(touched);
    names.removeAll(noted);
    return names;
  }

  /** They are noted, in a transaction that is committed. */
  synchronized void noted(Set<QualifiedName> touched) {
    noted.addAll(touched);
  }
}
