package dev.pgportage.cdc;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.ReplicationConnection;
import dev.pgportage.pg.ServerVersion;
import dev.pgportage.pg.Slots;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.pgoutput.Message;
import dev.pgportage.pgoutput.MessageDecoder;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
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
  private static final Duration SLOT_PATIENCE = Duration.ofSeconds(20);
  private static final Duration STATUS_INTERVAL = Duration.ofSeconds(5);
  private static final Duration CONFIRM_INTERVAL = Duration.ofSeconds(1);
  private static final long IDLE_PAUSE_MILLIS = 1;

  /** What a waiting message costs in memory beside its bytes: objects, slices, array headers. */
  private static final int OVERHEAD = 200;

  /** Handing over one by one would cost more than reading. */
  private static final int MOST_HANDED_AT_ONCE = 256;

  private static final long CLOSE_MILLIS = 5_000;

  /**
   * One message with its size.
   *
   * @param message as decoded
   * @param bytes its length in the stream
   */
  record Received(Message message, int bytes) {}

  /** Messages handed over together, and the memory they take. */
  private record Handful(List<Received> messages, long weight) {}

  /**
   * A moment at which the server had nothing more to send: everything committed before the position
   * is among the first {@code messages} messages.
   *
   * @param messages how many messages had been received
   * @param position what the server had read of its WAL
   */
  record Quiet(long messages, Lsn position) {}

  private final ReplicationConnection connection;
  private final PGReplicationStream stream;
  private final long budgetBytes;
  private final LinkedBlockingQueue<Handful> queue = new LinkedBlockingQueue<>();
  private final AtomicLong queuedBytes = new AtomicLong();
  private final Thread thread = new Thread(this::read, "wal-reader");
  private volatile Lsn confirmed;
  private volatile Lsn received;
  private volatile Quiet quiet = new Quiet(0, Lsn.ZERO);
  private volatile boolean closing;
  private volatile @Nullable MigrationException failure;
  private long messages;

  // The reading thread's own.
  private List<Received> gathered = new ArrayList<>();
  private long gatheredBytes;

  // The applier's own.
  private Iterator<Received> taken = Collections.emptyIterator();

  private SlotReader(
      ReplicationConnection connection, PGReplicationStream stream, Lsn from, long budgetBytes) {
    this.connection = connection;
    this.stream = stream;
    this.budgetBytes = budgetBytes;
    this.confirmed = from;
    this.received = from;
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Begins to read.
   *
   * @param from the end of the last applied transaction; earlier ones are not sent again
   * @param budgetBytes how much memory may wait in the queue; half as much again at most, or one
   *     message
   * @throws MigrationException SLOT_MISSING, SLOT_LOST, or SLOT_IN_USE if somebody else reads it
   */
  static SlotReader open(
      Database source, String slot, String publication, Lsn from, long budgetBytes) {
    Map<String, String> options = prepare(source, slot, publication);
    ReplicationConnection connection = source.openReplication("stream");
    try {
      return new SlotReader(connection, connection.stream(slot, from, options), from, budgetBytes);
    } catch (RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  private static Map<String, String> prepare(Database source, String slot, String publication) {
    try (Connection session = source.open("setup")) {
      awaitFree(session, source.application(), slot);
      var options = new HashMap<String, String>();
      options.put("proto_version", "1");
      options.put("publication_names", Quoting.identifier(publication));
      if (ServerVersion.of(session).isAtLeast(14)) {
        options.put("messages", "true");
      }
      return options;
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Looking at the slot " + slot);
    }
  }

  /** Waits until a reader that died is noticed by the server; one of this program is ended. */
  private static void awaitFree(Connection session, String application, String slot)
      throws SQLException {
    long deadline = System.nanoTime() + SLOT_PATIENCE.toNanos();
    while (true) {
      Slots.Slot state =
          Slots.find(session, slot)
              .orElseThrow(
                  () ->
                      new MigrationException(
                          ErrorCode.SLOT_MISSING, "The source has no slot " + slot));
      if (state.walStatus() == Slots.WalStatus.LOST) {
        throw new MigrationException(
            ErrorCode.SLOT_LOST, "The source has removed WAL that slot " + slot + " needed");
      }
      if (state.activePid().isEmpty()) {
        return;
      }
      if (System.nanoTime() > deadline) {
        throw new MigrationException(
            ErrorCode.SLOT_IN_USE,
            "Slot " + slot + " is read by process " + state.activePid().getAsLong());
      }
      Sql.query(
          session,
          """
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE pid = ? AND usename = current_user AND starts_with(application_name, ?)
          """,
          row -> row.getString(1),
          state.activePid().getAsLong(),
          application + " ");
      sleep(100);
    }
  }

  /**
   * The next message, or null if none came in time.
   *
   * @throws MigrationException why reading ended, once every message before that was handed out
   */
  @Nullable Received poll(Duration patience) {
    if (taken.hasNext()) {
      return taken.next();
    }
    try {
      Handful next = queue.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
      if (next != null) {
        queuedBytes.addAndGet(-next.weight);
        taken = next.messages.iterator();
        return taken.next();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationException(ErrorCode.INTERRUPTED, "Replication was stopped", e);
    }
    MigrationException ended = failure;
    if (ended != null && queue.isEmpty()) {
      throw ended;
    }
    return null;
  }

  /** Whether nothing is waiting to be polled. */
  boolean isDrained() {
    return !taken.hasNext() && queue.isEmpty();
  }

  /** Lets the source forget everything before this position, soon. */
  void confirm(Lsn flushed) {
    confirmed = Lsn.max(confirmed, flushed);
  }

  /** The newest position received. */
  Lsn received() {
    return received;
  }

  /** The last moment at which the server had nothing more to send. */
  Quiet quiet() {
    return quiet;
  }

  private void read() {
    try {
      long told = System.nanoTime();
      while (!closing) {
        ByteBuffer bytes = stream.readPending();
        if (bytes == null) {
          handOver();
          received = new Lsn(stream.getLastReceiveLSN().asLong());
          quiet = new Quiet(messages, received);
          sleep(IDLE_PAUSE_MILLIS);
        } else {
          int length = bytes.remaining();
          gather(new Received(MessageDecoder.decode(bytes), length));
        }
        told = tell(told, CONFIRM_INTERVAL);
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

  /** What came before the failure is handed out before it. */
  private void fail(MigrationException reason) {
    if (!gathered.isEmpty()) {
      queue.add(new Handful(gathered, gatheredBytes));
    }
    failure = reason;
  }

  private void gather(Received next) throws SQLException {
    gathered.add(next);
    gatheredBytes += next.bytes() + OVERHEAD;
    if (gathered.size() == MOST_HANDED_AT_ONCE || gatheredBytes > budgetBytes / 2) {
      handOver();
    }
  }

  private void handOver() throws SQLException {
    if (gathered.isEmpty()) {
      return;
    }
    long told = System.nanoTime();
    // While the applier is behind, the server must still hear from us, or it gives up.
    while (queuedBytes.get() > budgetBytes && !closing) {
      sleep(IDLE_PAUSE_MILLIS);
      told = tell(told, STATUS_INTERVAL);
    }
    queuedBytes.addAndGet(gatheredBytes);
    messages += gathered.size();
    queue.add(new Handful(gathered, gatheredBytes));
    gathered = new ArrayList<>(MOST_HANDED_AT_ONCE);
    gatheredBytes = 0;
  }

  private long tell(long last, Duration interval) throws SQLException {
    long now = System.nanoTime();
    if (now - last < interval.toNanos()) {
      return last;
    }
    LogSequenceNumber flushed = LogSequenceNumber.valueOf(confirmed.value());
    stream.setFlushedLSN(flushed);
    stream.setAppliedLSN(flushed);
    stream.forceUpdateStatus();
    return now;
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationException(ErrorCode.INTERRUPTED, "Replication was stopped", e);
    }
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
    connection.close();
  }
}
