package dev.pgportage.cdc;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pgoutput.Message;
import dev.pgportage.telemetry.ApplyCounters;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The transactions that will be committed on the target together: their net changes that are not
 * written yet, and what to tell when they are. Not thread-safe.
 */
final class Batch {
  private final TouchedRows rows;
  private final Map<ReplicatedTable, TouchedKeys> touched = new HashMap<>();
  private @Nullable TouchedKeys lastTouched;
  private NetChanges net = new NetChanges();
  private Lsn commit = Lsn.ZERO;
  private Lsn end = Lsn.ZERO;
  private int transactions;
  private boolean changing;
  private boolean begunWriting;
  private long changed;
  private long inserts;
  private long updates;
  private long deletes;
  private long truncates;
  private long bytes;
  private long begun;

  /**
   * An empty one.
   *
   * @param rows knows whose keys are wanted
   */
  Batch(TouchedRows rows) {
    this.rows = rows;
  }

  /** A transaction begins. */
  void begin(Lsn commitLsn) {
    if (transactions == 0) {
      begun = System.nanoTime();
    }
    commit = commitLsn;
    transactions++;
    changing = false;
  }

  /** The transaction is complete. */
  void end(Lsn endLsn) {
    end = endLsn;
    changed += changing ? 1 : 0;
  }

  void add(ReplicatedTable table, Message.RowChange change, int size) {
    switch (change) {
      case Message.Insert insert -> {
        net.insert(table, insert.row());
        inserts++;
      }
      case Message.Update update -> {
        net.update(table, update.former(), update.old(), update.row());
        updates++;
      }
      case Message.Delete delete -> {
        net.delete(table, delete.former(), delete.old());
        deletes++;
      }
    }
    touch(table, size).add(change);
  }

  void truncate(List<ReplicatedTable> tables, int size) {
    if (tables.isEmpty()) {
      return;
    }
    net.truncate(tables);
    truncates += tables.size();
    tables.forEach(table -> touch(table, 0).addEverything());
    bytes += size;
  }

  private TouchedKeys touch(ReplicatedTable table, int size) {
    bytes += size;
    changing = true;
    TouchedKeys keys = lastTouched;
    if (keys == null || keys.table() != table) {
      keys = touched.computeIfAbsent(table, rows::keysOf);
      lastTouched = keys;
    }
    return keys;
  }

  /** The changes not written yet. */
  NetChanges net() {
    return net;
  }

  /** They are written. */
  void written() {
    net = new NetChanges();
    begunWriting = true;
  }

  /** Whether the target has a part of it, not committed. */
  boolean isBegun() {
    return begunWriting;
  }

  /** How many transactions there are in it, one not complete included. */
  int transactions() {
    return transactions;
  }

  /** How many changes it was told of, those written included. */
  long changes() {
    return inserts + updates + deletes + truncates;
  }

  /** How long ago its first transaction began to come. */
  Duration age() {
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  /** Where the last transaction, complete or not, was committed. */
  Lsn commit() {
    return commit;
  }

  /** Where the last complete transaction ends. */
  Lsn end() {
    return end;
  }

  /** The tables that were changed. */
  Set<QualifiedName> tables() {
    return touched.keySet().stream().map(ReplicatedTable::name).collect(Collectors.toSet());
  }

  /** The rows that were changed. */
  Map<ReplicatedTable, TouchedKeys> touched() {
    return touched;
  }

  ApplyCounters counters() {
    return new ApplyCounters(changed, inserts, updates, deletes, truncates, bytes);
  }
}
