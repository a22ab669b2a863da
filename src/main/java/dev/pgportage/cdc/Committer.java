package dev.pgportage.cdc;

import dev.pgportage.MigrationException;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.telemetry.ApplyCounters;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Brings batches to the target, one transaction each, in their order, and tells everybody how far
 * it is. A batch may be under way while the next one is gathered. Used by the applier's thread;
 * owns the session on the target.
 */
final class Committer implements AutoCloseable {
  private static final Duration IDLE_SAVE = Duration.ofSeconds(5);

  private final TargetSession target;
  private final AppliedState state;
  private final TouchedRows touched;
  private final Heartbeat heartbeat;
  private final Set<QualifiedName> unsaved = new HashSet<>();
  private Lsn saved;
  private long savedAt = System.nanoTime();

  /** What was applied and is in no saved position's counters. */
  private ApplyCounters uncounted = ApplyCounters.NONE;

  private @Nullable UnderWay underWay;
  private @Nullable Batch failed;

  Committer(TargetSession target, AppliedState state, TouchedRows touched, Heartbeat heartbeat) {
    this.target = target;
    this.state = state;
    this.touched = touched;
    this.heartbeat = heartbeat;
    this.saved = state.applied();
  }

  /** The position on the target: what a run that begins anew goes on from. */
  Lsn saved() {
    return saved;
  }

  /** Whether the target is at work on a batch. */
  boolean isBusy() {
    return underWay != null && !underWay.isDone();
  }

  /** Writes a part of a batch that is too large to be held in memory. */
  void write(Batch batch, SlotReader reader) {
    collect(reader);
    flush(batch);
  }

  private void flush(Batch batch) {
    if (!batch.net().isEmpty()) {
      target.write(batch.net());
      batch.written();
    }
  }

  /** Commits a batch, if there is anything in it. */
  void commit(Batch batch, SlotReader reader) {
    collect(reader);
    if (batch.transactions() == 0) {
      return;
    }
    flush(batch);
    ApplyCounters more = uncounted.plus(batch.counters());
    unsaved.addAll(batch.tables());
    if (batch.isBegun()) {
      save(batch.end(), more);
    } else {
      uncounted = more;
    }
    advance(batch.end(), batch, reader);
  }

  /** Commits a batch while the next one is gathered. */
  void begin(Batch batch, SlotReader reader) {
    if (batch.isBegun() || batch.net().isEmpty()) {
      commit(batch, reader);
      return;
    }
    collect(reader);
    unsaved.addAll(batch.tables());
    underWay =
        UnderWay.begin(target, batch, uncounted.plus(batch.counters()), touched.unnoted(unsaved));
  }

  /** Takes note of the batch under way if it is committed by now. */
  void collectIfDone(SlotReader reader) {
    if (!isBusy()) {
      collect(reader);
    }
  }

  /** Waits for the batch under way, if there is one. */
  void collect(SlotReader reader) {
    UnderWay before = underWay;
    if (before == null) {
      return;
    }
    underWay = null;
    try {
      before.await();
    } catch (MigrationException e) {
      failed = before.batch();
      throw e;
    }
    saved(before.batch().end(), before.noted());
    advance(before.batch().end(), before.batch(), reader);
  }

  /** The batch that failed: the one that was under way, or else the one that is gathered. */
  Batch culprit(Batch gathered) {
    Batch before = failed;
    return before == null ? gathered : before;
  }

  /** Undoes what is not committed. */
  void rollback() {
    failed = null;
    target.rollback();
  }

  /** Takes note that there is nothing up to a position. */
  void pass(Lsn position, SlotReader reader) {
    advance(position, new Batch(touched), reader);
  }

  /** Saves how far it is if that was long ago. */
  void saveNowAndThen(SlotReader reader) {
    if (System.nanoTime() - savedAt > IDLE_SAVE.toNanos()) {
      saveApplied(reader);
    }
  }

  /** Saves how far it is. */
  void saveApplied(SlotReader reader) {
    saveApplied();
    reader.confirm(saved);
  }

  /** The source and the spool go by what is saved, whatever was merely passed over. */
  void saveApplied() {
    if (saved.isBefore(state.applied())) {
      save(state.applied(), uncounted);
    }
  }

  private void save(Lsn position, ApplyCounters more) {
    // A batch that came to nothing is not committed, yet its rows are as little proven.
    Set<QualifiedName> noted = touched.unnoted(unsaved);
    target.commit(position, more, noted);
    saved(position, noted);
  }

  private void saved(Lsn position, Set<QualifiedName> noted) {
    uncounted = ApplyCounters.NONE;
    touched.noted(noted);
    unsaved.clear();
    saved = position;
    savedAt = System.nanoTime();
  }

  private void advance(Lsn position, Batch done, SlotReader reader) {
    touched.add(position, done.touched());
    state.advance(position, done.counters());
    heartbeat.moved();
    // Never what is not saved: another machine, without this one's spool, must find it all.
    reader.confirm(saved);
    CrashPoint.APPLY_AFTER_CONFIRM.pass();
  }

  /** Ends the session under it, from any thread, when it does not end by itself. */
  void abort() {
    target.abort();
  }

  @Override
  public void close() {
    target.close();
  }
}
