package dev.pgportage.cdc;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pgoutput.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The applier: takes whole transactions off the stream and commits them to the target, as many
 * together as are at hand. Runs on one thread, and has a full batch written by another while it
 * gathers the next one; {@link #stop} is for any.
 *
 * <p>When a batch of several transactions fails, the stream is read again from the last commit and
 * they are applied one by one, so that all before the culprit are on the target and it is named.
 */
final class ApplyLoop implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(ApplyLoop.class);
  private static final Duration PATIENCE = Duration.ofMillis(50);

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

  private final ReplicationSettings settings;
  private final AppliedState state;
  private final Gate gate;
  private final Heartbeat heartbeat;
  private final ReaderWatcher watcher;
  private final Committer committer;
  private final Relations relations;

  private final TouchedRows touched;

  private Batch batch;
  private Message.@Nullable Begin open;

  /** Whether the target has the open transaction's changes already. */
  private boolean openIsThere;

  private Lsn singlyUntil = Lsn.ZERO;
  private Lsn quiet = Lsn.ZERO;
  private Lsn attempted = Lsn.ZERO;
  private int attempts;
  private long fullBytes = FIRST_BATCH_BYTES;

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
    this.received = state.applied();
    this.committer = new Committer(TargetSession.open(settings), state, touched, heartbeat);
    this.relations = new Relations(settings);
  }

  /** Applies until told to stop, or until it cannot. */
  @Override
  public void run() {
    try (committer;
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
    committer.abort();
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
    committer.saveApplied();
    try (var reader = SlotReader.open(SlotReader.Setup.of(settings, watcher), committer.saved())) {
      read(reader);
    } catch (MigrationException e) {
      startOver(e);
    }
  }

  private void read(SlotReader reader) {
    try {
      while (!stopping) {
        step(reader);
      }
      committer.collect(reader);
      if (!batch.isBegun()) {
        // Or a spool read to its end would be wanted again, for positions alone.
        committer.saveApplied(reader);
      }
    } catch (MigrationException e) {
      collectAfter(reader);
      throw e;
    }
  }

  /** What is under way came before what just failed, and so does what is wrong with it. */
  private void collectAfter(SlotReader reader) {
    try {
      committer.collect(reader);
    } catch (MigrationException e) {
      relations.forget();
      throw e;
    }
  }

  /** Prepares to apply the failed batch one by one, or gives up. */
  private void startOver(MigrationException failure) {
    if (!ApplyFailures.isOfChanges(failure)) {
      throw failure;
    }
    Batch failed = committer.culprit(batch);
    Lsn culprit = failed.commit();
    if (attempted.isBefore(committer.saved())) {
      attempted = committer.saved();
      attempts = 0;
    }
    if (ApplyFailures.isTransient(failure) && ++attempts < MOST_ATTEMPTS) {
      LOG.atInfo().addKeyValue("lsn", culprit).log("Applying failed for a moment; trying again");
      restart();
      return;
    }
    if (failed.transactions() <= 1 || !singlyUntil.isBefore(culprit)) {
      throw ApplyFailures.located(failure, culprit);
    }
    LOG.atInfo()
        .addKeyValue("lsn", culprit)
        .log("A batch failed with {}; applying its transactions one by one", failure.code());
    singlyUntil = culprit;
    restart();
  }

  private void restart() {
    committer.rollback();
    relations.forget();
    batch = new Batch(touched);
    open = null;
    quiet = Lsn.ZERO;
  }

  private void step(SlotReader reader) {
    heartbeat.check();
    committer.collectIfDone(reader);
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
      committer.pass(quiet, reader);
    }
    committer.saveNowAndThen(reader);
    gate.stand(null);
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
      case Message.RowChange change -> change(change, next.bytes(), reader);
      case Message.Begin begin -> begin(begin, reader);
      case Message.Commit commit -> end(commit, reader);
      case Message.Relation relation -> relations.learn(relation);
      case Message.Truncate truncate -> truncate(truncate, next.bytes());
      // Types are compared by name when a relation is learned; marks only move the position.
      case Message.Type _, Message.Origin _, Message.Logical _ -> {}
    }
  }

  private void change(Message.RowChange change, int bytes, SlotReader reader) {
    Optional<ReplicatedTable> table = wanted(change.relation());
    if (table.isPresent()) {
      batch.add(table.get(), change, bytes);
    } else {
      batch.net().alsoKeep(bytes);
    }
    flushIfLarge(reader);
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
    boolean full = batch.changes() >= settings.batchRows() || batch.isBegun() || isLarge(mostBytes);
    if (full) {
      fullBytes = Math.min(2 * fullBytes, mostBytes);
    }
    if (commitLsn.compareTo(singlyUntil) <= 0 || (full && reader.isDrained())) {
      commit(reader);
    } else if (full) {
      committer.begin(batch, reader);
      batch = new Batch(touched);
    }
  }

  /** While the target is not done with the one before, a batch may as well become larger. */
  private boolean isLarge(long mostBytes) {
    long bytes = batch.net().bytes();
    return bytes >= Math.min(fullBytes, mostBytes)
        && (bytes >= settings.memoryBytes() / 2 || !committer.isBusy());
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
  private void flushIfLarge(SlotReader reader) {
    long most = settings.memoryBytes();
    if (batch.net().bytes() >= most / 2) {
      committer.collect(reader);
    }
    if (batch.net().bytes() >= most) {
      committer.write(batch, reader);
    }
  }

  private void commit(SlotReader reader) {
    committer.commit(batch, reader);
    if (batch.transactions() > 0) {
      batch = new Batch(touched);
    }
  }
}
