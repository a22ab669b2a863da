package dev.pgportage.cdc;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.SqlStates;
import dev.pgportage.pgoutput.Message;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.telemetry.ApplyCounters;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The applier: takes whole transactions off the stream and commits them to the target, as many
 * together as are at hand. Runs on one thread; {@link #stop} is for any.
 *
 * <p>When a batch of several transactions fails, the stream is read again from the last commit and
 * they are applied one by one, so that all before the culprit are on the target and it is named.
 */
final class ApplyLoop implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(ApplyLoop.class);
  private static final Duration PATIENCE = Duration.ofMillis(50);
  private static final Duration IDLE_SAVE = Duration.ofSeconds(5);

  /** So far behind, larger batches are worth more than a moment earlier. */
  private static final long FAR_BEHIND_BYTES = 4L << 20;

  private static final Duration FAR_BEHIND_WAIT = Duration.ofMillis(500);

  /**
   * A backlog's first batch, each later one being twice as large: the target need not wait for the
   * first until memory is full, nor do much for small ones.
   */
  private static final long FIRST_BATCH_BYTES = 2L << 20;

  /**
   * The part of the memory that a batch of several transactions may fill. Larger ones bring little,
   * and leave the target the more to do when the last has come.
   */
  private static final int PARTS = 4;

  private static final int MOST_ATTEMPTS = 5;

  /** Failures that are of the changes themselves, so that it helps to know which transaction. */
  private static final Set<ErrorCode> OF_CHANGES =
      Set.of(
          ErrorCode.APPLY_FAILED,
          ErrorCode.CONSTRAINT_VIOLATED,
          ErrorCode.TARGET_DIVERGED,
          ErrorCode.SCHEMA_CHANGED,
          ErrorCode.PRIVILEGE_MISSING,
          ErrorCode.PROTOCOL_VIOLATION);

  private final ReplicationSettings settings;
  private final AppliedState state;
  private final Gate gate;
  private final Heartbeat heartbeat;
  private final ReaderWatcher watcher;
  private final TargetSession target;
  private final Relations relations;

  private final TouchedRows touched;
  private final Set<QualifiedName> unsaved = new HashSet<>();

  private Batch batch;
  private Message.@Nullable Begin open;

  /** Whether the target has the open transaction's changes already. */
  private boolean openIsThere;

  private Lsn singlyUntil = Lsn.ZERO;
  private Lsn saved;
  private long savedAt = System.nanoTime();
  private Lsn quiet = Lsn.ZERO;
  private int attempts;
  private long fullBytes = FIRST_BATCH_BYTES;

  /** What was applied and is in no saved position's counters. */
  private ApplyCounters uncounted = ApplyCounters.NONE;

  private volatile Lsn received;
  private volatile boolean stopping;

  ApplyLoop(
      ReplicationSettings settings,
      AppliedState state,
      TouchedRows touched,
      Gate gate,
      Heartbeat heartbeat,
      ReaderWatcher watcher) {
    this.watcher = watcher;
    this.settings = settings;
    this.state = state;
    this.touched = touched;
    this.batch = new Batch(touched);
    this.gate = gate;
    this.heartbeat = heartbeat;
    this.saved = state.applied();
    this.received = saved;
    this.target = TargetSession.open(settings);
    this.relations = new Relations(settings);
  }

  /** Applies until told to stop, or until it cannot. */
  @Override
  public void run() {
    try (target;
        relations) {
      while (!stopping) {
        stream();
      }
      state.end(null);
    } catch (MigrationException e) {
      state.end(stopping ? null : e);
    } catch (RuntimeException e) {
      state.end(new MigrationException(ErrorCode.INTERNAL, "Applying changes: " + e, e));
    } finally {
      gate.end();
    }
  }

  /** Ends soon, without what is not committed. */
  void stop() {
    stopping = true;
  }

  /** Ends the target's session under the applier, when it does not end by itself. */
  void abort() {
    target.abort();
  }

  /** The table that does not look as planned, if that ended the stream. */
  Optional<RelationChange> change() {
    return relations.change();
  }

  /** The newest position received. */
  Lsn received() {
    return received;
  }

  /** Reads one stream until it ends or fails. */
  private void stream() {
    if (saved.isBefore(state.applied())) {
      // The source and the spool go by what is saved.
      save(state.applied(), uncounted);
    }
    try (var reader = SlotReader.open(SlotReader.Setup.of(settings, watcher), saved)) {
      while (!stopping) {
        step(reader);
      }
      if (!target.isBegun()) {
        // Or a spool read to its end would be wanted again, for positions alone.
        saveApplied(reader);
      }
    } catch (MigrationException e) {
      startOver(e);
    }
  }

  /** Prepares to apply the failed batch one by one, or gives up. */
  private void startOver(MigrationException failure) {
    if (!OF_CHANGES.contains(failure.code())) {
      throw failure;
    }
    Lsn culprit = batch.commit();
    if (isTransient(failure) && ++attempts < MOST_ATTEMPTS) {
      LOG.atInfo().addKeyValue("lsn", culprit).log("Applying failed for a moment; trying again");
      restart();
      return;
    }
    if (batch.transactions() <= 1 || !singlyUntil.isBefore(culprit)) {
      throw located(failure, culprit);
    }
    LOG.atInfo()
        .addKeyValue("lsn", culprit)
        .log("A batch failed with {}; applying its transactions one by one", failure.code());
    singlyUntil = culprit;
    restart();
  }

  private void restart() {
    target.rollback();
    relations.forget();
    batch = new Batch(touched);
    open = null;
    quiet = Lsn.ZERO;
  }

  /** Whether the target may take the same changes later: a deadlock, a lock not granted. */
  private static boolean isTransient(MigrationException failure) {
    return failure.getCause() instanceof SQLException cause && SqlStates.isTransient(cause);
  }

  private static MigrationException located(MigrationException failure, Lsn commit) {
    return new MigrationException(
        failure.code(),
        failure.what() + " (transaction committed at " + commit + ")",
        failure.remedy(),
        failure);
  }

  private void step(SlotReader reader) {
    heartbeat.check();
    Received next = reader.poll(Duration.ZERO);
    if (next == null) {
      settle(reader);
      next = reader.poll(PATIENCE);
    }
    switch (next) {
      case Received.Sent sent -> handle(sent, reader);
      case Received.Quiet(Lsn position) -> {
        received = reader.received();
        quiet = position;
      }
      case null -> {}
    }
  }

  /** Nothing is at hand: commits what there is, and passes over WAL that holds nothing for us. */
  private void settle(SlotReader reader) {
    if (open != null || gathersMore()) {
      return;
    }
    fullBytes = FIRST_BATCH_BYTES;
    commit(reader);
    if (state.applied().isBefore(quiet)) {
      received = Lsn.max(received, quiet);
      advance(quiet, new Batch(touched), reader);
    }
    if (System.nanoTime() - savedAt > IDLE_SAVE.toNanos()) {
      saveApplied(reader);
    }
    gate.stand(null);
  }

  private void saveApplied(SlotReader reader) {
    if (saved.isBefore(state.applied())) {
      save(state.applied(), uncounted);
      reader.confirm(saved);
    }
  }

  /** Whether the batch waits for more, which is certain to come soon. */
  private boolean gathersMore() {
    return batch.transactions() > 0
        && batch.age().compareTo(FAR_BEHIND_WAIT) < 0
        && batch.commit().isBefore(heartbeat.source())
        && heartbeat.source().bytesSince(batch.commit()) > FAR_BEHIND_BYTES
        && !gate.isClosed(null);
  }

  private void handle(Received.Sent next, SlotReader reader) {
    switch (next.message()) {
      // Asked first, for it is what comes by millions.
      case Message.RowChange change -> change(change, next.bytes());
      case Message.Begin begin -> begin(begin, reader);
      case Message.Commit commit -> end(commit, reader);
      case Message.Relation relation -> relations.learn(relation);
      case Message.Truncate truncate -> truncate(truncate, next.bytes());
      // Types are compared by name when a relation is learned; marks only move the position.
      case Message.Type _, Message.Origin _, Message.Logical _ -> {}
    }
  }

  private void change(Message.RowChange change, int bytes) {
    Optional<ReplicatedTable> table = wanted(change.relation());
    if (table.isPresent()) {
      batch.add(table.get(), change, bytes);
    } else {
      batch.net().alsoKeep(bytes);
    }
    flushIfLarge();
  }

  private void begin(Message.Begin begin, SlotReader reader) {
    if (gate.isClosed(begin.commitLsn())) {
      commit(reader);
      gate.stand(begin.commitLsn());
    } else if (reader.isDrained() && !gathersMore()) {
      // The rest may take long to come; what is complete need not wait for it.
      commit(reader);
    }
    open = begin;
    openIsThere = begin.commitLsn().isBefore(state.applied());
    batch.begin(begin.commitLsn());
  }

  private void end(Message.Commit commit, SlotReader reader) {
    Lsn commitLsn = transaction().commitLsn();
    open = null;
    batch.end(commit.endLsn());
    received = reader.received();
    long mostBytes = settings.memoryBytes() / PARTS;
    boolean full =
        batch.changes() >= settings.batchRows()
            || batch.net().bytes() >= Math.min(fullBytes, mostBytes)
            || target.isBegun();
    if (full) {
      fullBytes = Math.min(2 * fullBytes, mostBytes);
    }
    if (full || commitLsn.compareTo(singlyUntil) <= 0) {
      commit(reader);
    }
  }

  private void truncate(Message.Truncate truncate, int bytes) {
    List<ReplicatedTable> tables = new ArrayList<>();
    for (long oid : truncate.relations()) {
      wanted(oid).ifPresent(tables::add);
    }
    batch.truncate(tables, bytes);
  }

  /** The table a change is of, unless the target has the open transaction's changes already. */
  private Optional<ReplicatedTable> wanted(long relation) {
    Lsn commit = transaction().commitLsn();
    return openIsThere ? Optional.empty() : relations.find(relation, commit);
  }

  private Message.Begin transaction() {
    if (open == null) {
      throw new MigrationException(
          ErrorCode.PROTOCOL_VIOLATION, "A change came outside of a transaction");
    }
    return open;
  }

  /** Writes a part of a transaction that is too large to be held in memory. */
  private void flushIfLarge() {
    if (batch.net().bytes() >= settings.memoryBytes()) {
      flush();
    }
  }

  private void flush() {
    if (!batch.net().isEmpty()) {
      target.write(batch.net());
      batch.written();
    }
  }

  private void commit(SlotReader reader) {
    if (batch.transactions() == 0) {
      return;
    }
    flush();
    ApplyCounters more = uncounted.plus(batch.counters());
    unsaved.addAll(batch.tables());
    if (target.isBegun()) {
      save(batch.end(), more);
    } else {
      uncounted = more;
    }
    Batch done = batch;
    batch = new Batch(touched);
    advance(done.end(), done, reader);
  }

  private void save(Lsn position, ApplyCounters more) {
    // A batch that came to nothing is not committed, yet its rows are as little proven.
    Set<QualifiedName> noted = touched.unnoted(unsaved);
    target.commit(position, more, noted);
    uncounted = ApplyCounters.NONE;
    touched.noted(noted);
    unsaved.clear();
    attempts = 0;
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
}
