package dev.pgportage.cdc;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.ReplicationConnection;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.pgoutput.MessageDecoder;
import dev.pgportage.spool.Spool;
import dev.pgportage.state.CrashPoint;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/**
 * Reads one slot's stream on a thread of its own into a queue that is bounded in bytes.
 *
 * <p>Owns the replication session and keeps it referenced: the driver closes a session whose object
 * is collected, stream and all. {@link #poll} and {@link #confirm} are for one applier thread;
 * {@link #close} for any.
 */
final class SlotReader implements AutoCloseable {
  private static final Duration STATUS_INTERVAL = Duration.ofSeconds(5);
  private static final Duration CONFIRM_INTERVAL = Duration.ofSeconds(1);
  private static final long IDLE_PAUSE_MILLIS = 1;
  private static final long FULL_PAUSE_MILLIS = 100;

  /** Handing over one by one would cost more than reading. */
  private static final int MOST_HANDED_AT_ONCE = 256;

  /** The clock is looked at so seldom, for a call of it costs as much as a small message. */
  private static final int MESSAGES_BETWEEN_TELLING = 64;

  private static final long CLOSE_MILLIS = 5_000;

  /**
   * What a reader needs to know.
   *
   * @param source where the slot is
   * @param slot its name
   * @param publication what is read of it
   * @param budgetBytes how much memory may wait; half as much again at most, or one message
   * @param spool where what was received may wait beyond that
   * @param watcher is told of what becomes of the spool
   */
  record Setup(
      Database source,
      String slot,
      String publication,
      long budgetBytes,
      Optional<Spool> spool,
      ReaderWatcher watcher) {
    static Setup of(ReplicationSettings settings, ReaderWatcher watcher) {
      return new Setup(
          settings.source(),
          settings.slot(),
          settings.publication(),
          settings.memoryBytes(),
          settings.spool(),
          watcher);
    }
  }

  private final ReplicationConnection connection;
  private final PGReplicationStream stream;
  private final long budgetBytes;
  private final ReaderWatcher watcher;
  private final boolean aside;
  private final Handover handover;
  private final Optional<Spooling> spooling;
  private final Optional<InProgress> inProgress;
  private final Thread thread = new Thread(this::read, "wal-reader");
  private volatile Lsn confirmed;
  private volatile Lsn received;
  private volatile boolean closing;
  private volatile @Nullable MigrationException failure;

  // The reading thread's own.
  private final InProgress.Sink sink = this::gather;
  private int untold;
  private List<ByteBuffer> gathered = new ArrayList<>();
  private long gatheredBytes;
  private int gatheredWhole;
  private boolean gatheredFromBoundary;
  private boolean inTransaction;
  private long told = System.nanoTime();
  private boolean full;
  private Lsn reached;
  private Lsn quiet;

  // The applier's own.
  private Iterator<Received> taken = Collections.emptyIterator();

  private SlotReader(
      Setup setup,
      ReplicationConnection connection,
      PGReplicationStream stream,
      Optional<Spooling> spooling,
      Lsn saved,
      boolean aside) {
    this.aside = aside;
    this.connection = connection;
    this.stream = stream;
    this.budgetBytes = setup.budgetBytes();
    this.watcher = setup.watcher();
    this.spooling = spooling;
    this.inProgress =
        setup.spool().map(spool -> new InProgress(spool.directory(), spool.limits().keptFree()));
    this.handover = new Handover(setup.spool(), budgetBytes);
    this.confirmed = saved;
    Lsn from = from(setup.spool(), saved);
    this.received = from;
    this.reached = from;
    this.quiet = from;
    thread.setDaemon(true);
  }

  /**
   * Begins to read.
   *
   * @param saved everything committed before it is on the target; what comes after is first read
   *     from the spool, as far as it is there
   * @throws MigrationException SLOT_MISSING, SLOT_LOST, or SLOT_IN_USE if somebody else reads it
   */
  static SlotReader open(Setup setup, Lsn saved) {
    return open(setup, saved, false);
  }

  /** Begins to read into the spool alone, for nobody to poll. */
  static SlotReader receive(Setup setup, Lsn saved) {
    return open(setup, saved, true);
  }

  private static SlotReader open(Setup setup, Lsn saved, boolean aside) {
    Map<String, String> options =
        FreeSlot.await(
            setup.source(),
            setup.slot(),
            setup.publication(),
            setup.spool().filter(Spool::takesTransactions).isPresent());
    Optional<Spooling> spooling = setup.spool().map(Spooling::new);
    spooling.ifPresent(s -> s.prepare(saved));
    ReplicationConnection connection = setup.source().openReplication("stream");
    try {
      var stream = connection.stream(setup.slot(), from(setup.spool(), saved), options);
      var reader = new SlotReader(setup, connection, stream, spooling, saved, aside);
      if (aside && !reader.handover.isSpooling()) {
        reader.beginSpooling();
      }
      reader.thread.start();
      return reader;
    } catch (RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  private static Lsn from(Optional<Spool> spool, Lsn saved) {
    return spool.filter(s -> !s.isEmpty()).map(Spool::end).orElse(saved);
  }

  /**
   * What comes next, or null if nothing came in time.
   *
   * @throws MigrationException why reading ended, once every message before that was handed out
   */
  @Nullable Received poll(Duration patience) {
    if (taken.hasNext()) {
      return taken.next();
    }
    try {
      MigrationException ended = failure;
      List<Received> next = handover.take(patience.toNanos());
      if (next != null) {
        taken = next.iterator();
        return taken.next();
      }
      if (ended != null) {
        throw ended;
      }
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationException(ErrorCode.INTERRUPTED, "Replication was stopped", e);
    }
  }

  /** Whether nothing is waiting to be polled. */
  boolean isDrained() {
    return !taken.hasNext() && handover.isEmpty();
  }

  /**
   * Makes sure that reading goes on.
   *
   * @throws MigrationException why it does not
   */
  void check() {
    MigrationException ended = failure;
    if (ended != null) {
      throw ended;
    }
  }

  /** Lets the source forget everything before this position, soon. */
  void confirm(Lsn flushed) {
    confirmed = Lsn.max(confirmed, flushed);
  }

  /** The newest position received. */
  Lsn received() {
    return received;
  }

  private void read() {
    try {
      while (!closing) {
        ByteBuffer bytes = stream.readPending();
        if (bytes == null) {
          handOver();
          rest();
          FreeSlot.pause(IDLE_PAUSE_MILLIS);
        } else if (inProgress.isPresent()) {
          inProgress.get().receive(bytes, sink);
        } else {
          gather(bytes);
        }
        if (bytes == null || ++untold >= MESSAGES_BETWEEN_TELLING) {
          untold = 0;
          told = tell(told, CONFIRM_INTERVAL);
        }
      }
      tell(0, Duration.ZERO);
    } catch (SQLException e) {
      fail(SqlFailures.translate(e, ErrorCode.CONNECTION_LOST, "Reading the replication stream"));
    } catch (MigrationException e) {
      fail(e);
    } catch (RuntimeException e) {
      fail(
          new MigrationException(
              ErrorCode.INTERNAL, "Reading the replication stream: " + e.getClass(), e));
    }
  }

  /** What came before the failure is handed out before it; a spool may have no room for it. */
  private void fail(MigrationException reason) {
    try {
      if (!gathered.isEmpty() && !handover.isSpooling()) {
        handover.put(gathered, gatheredBytes);
      }
    } catch (MigrationException e) {
      if (e != reason) {
        reason.addSuppressed(e);
      }
    } finally {
      failure = reason;
    }
  }

  /** Nothing is at hand: tells up to where nothing more was committed. */
  private void rest() {
    received = Lsn.max(received, new Lsn(stream.getLastReceiveLSN().asLong()));
    if (inTransaction || !gathered.isEmpty() || !quiet.isBefore(received)) {
      return;
    }
    quiet = received;
    reached = Lsn.max(reached, quiet);
    if (handover.isSpooling()) {
      spooling.orElseThrow().quiet(quiet);
    } else {
      handover.putQuiet(quiet);
    }
  }

  private void gather(ByteBuffer message) throws SQLException {
    if (closing) {
      return;
    }
    byte type = message.hasRemaining() ? message.get(message.position()) : 0;
    if (type == 'B') {
      boundary();
    }
    if (gathered.isEmpty()) {
      gatheredFromBoundary = !inTransaction;
    }
    gathered.add(message);
    gatheredBytes += Handover.weight(message);
    switch (type) {
      case 'B' -> inTransaction = true;
      case 'C' -> {
        inTransaction = false;
        gatheredWhole = gathered.size();
        reached = MessageDecoder.endOfTransaction(message);
      }
      case 'R' -> spooling.ifPresent(s -> s.learn(message));
      default -> {}
    }
    if (gathered.size() >= MOST_HANDED_AT_ONCE || gatheredBytes > budgetBytes / 2) {
      handOver();
    }
  }

  /** Between two transactions: the moment to go back from the spool, or on to its next file. */
  private void boundary() throws SQLException {
    if (handover.isSpooling()) {
      endSpooling();
    }
    if (handover.isSpooling()) {
      handOver();
      spooling.orElseThrow().boundary();
    }
  }

  /** Whether what does not fit into memory should, and can, go to the spool. */
  private boolean isSpoolWanted() {
    return spooling.isPresent()
        && (gatheredFromBoundary || gatheredWhole > 0)
        && spooling.get().isWanted(watcher.source().bytesSince(reached));
  }

  /** What belongs to transactions begun in memory goes there still. */
  private void beginSpooling() {
    if (gatheredWhole > 0) {
      List<ByteBuffer> before = gathered.subList(0, gatheredWhole);
      handover.put(before, before.stream().mapToLong(Handover::weight).sum());
      gathered = new ArrayList<>(gathered.subList(gatheredWhole, gathered.size()));
      gatheredWhole = 0;
    }
    spooling.orElseThrow().begin(reached);
    handover.beginSpooling();
    watcher.spooling();
  }

  private void endSpooling() {
    if (!aside && handover.endSpooling()) {
      watcher.drained();
    }
  }

  private void handOver() throws SQLException {
    told = tell(told, CONFIRM_INTERVAL);
    while (!gathered.isEmpty() && !closing) {
      if (handover.isSpooling()) {
        spool();
      } else if (!handover.isFull()) {
        handover.put(gathered, gatheredBytes);
        forgetGathered();
      } else if (isSpoolWanted()) {
        beginSpooling();
      }
      if (!gathered.isEmpty()) {
        FreeSlot.pause(full ? FULL_PAUSE_MILLIS : IDLE_PAUSE_MILLIS);
        // While the applier is behind, the server must still hear from us, or it gives up.
        told = tell(told, handover.isSpooling() ? CONFIRM_INTERVAL : STATUS_INTERVAL);
      }
    }
  }

  private void forgetGathered() {
    gathered = new ArrayList<>(MOST_HANDED_AT_ONCE);
    gatheredBytes = 0;
    gatheredWhole = 0;
  }

  private void spool() {
    List<ByteBuffer> left = spooling.orElseThrow().append(gathered, gatheredWhole, reached);
    if (full == left.isEmpty()) {
      full = !full;
      watcher.full(full);
    }
    if (left.isEmpty()) {
      forgetGathered();
    } else {
      gatheredWhole = left.size() == gathered.size() ? gatheredWhole : 0;
      gathered = left;
      endSpooling();
    }
  }

  private long tell(long last, Duration interval) throws SQLException {
    long now = System.nanoTime();
    if (now - last < interval.toNanos()) {
      return last;
    }
    Lsn saved = confirmed;
    Lsn safe = spooling.map(s -> s.confirmable(saved)).orElse(saved);
    LogSequenceNumber flushed = LogSequenceNumber.valueOf(safe.value());
    stream.setFlushedLSN(flushed);
    stream.setAppliedLSN(flushed);
    stream.forceUpdateStatus();
    if (spooling.isPresent()) {
      CrashPoint.SPOOL_AFTER_CONFIRM.pass();
      spooling.get().release(saved, handover.isSpooling());
    }
    return now;
  }

  /** Tells the source the last confirmed position and ends the session. */
  @Override
  public void close() {
    closing = true;
    try {
      thread.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    handover.close();
    inProgress.ifPresent(InProgress::close);
    connection.close();
  }
}
