package dev.pgportage.cdc;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.state.CrashPoint;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Transactions that are sent before they commit, piece by piece among others, until they do: each
 * is then handed on as if it had been sent whole. Used by the reading thread.
 *
 * <p>Source: PostgreSQL manual, "Logical Replication Message Formats", protocol version 2:
 *
 * <pre>
 *  Byte1('S')  Int32 xid  Int8 first piece        a piece begins: each message in it but Origin has
 *                                                 the Int32 (sub)xid behind its type
 *  Byte1('E')                                     the piece ends
 *  Byte1('c')  Int32 xid  Int8(0) flags  Int64 LSN of the commit  Int64 end LSN  Int64 timestamp
 *  Byte1('A')  Int32 xid  Int32 subxid            subxid is rolled back; if it is xid, all of it
 * </pre>
 */
final class InProgress implements AutoCloseable {
  private static final int COMMIT_BYTES = 30;
  private static final int ABORT_BYTES = 9;

  private final Path directory;
  private final long keptFree;
  private final Map<Integer, StreamedTransaction> transactions = new HashMap<>();
  private @Nullable StreamedTransaction piece;

  /** Takes one message that is sent in order. */
  @FunctionalInterface
  interface Sink {
    void take(ByteBuffer message) throws SQLException;
  }

  /**
   * A place for them.
   *
   * @param directory where those lie that are too large for memory
   * @param keptFree how much of its disk is left free
   */
  InProgress(Path directory, long keptFree) {
    this.directory = directory;
    this.keptFree = keptFree;
  }

  /** Takes any message; hands on what is in order. */
  void receive(ByteBuffer message, Sink sink) throws SQLException {
    byte type = message.hasRemaining() ? message.get(message.position()) : 0;
    if (piece != null) {
      if (type == 'E') {
        piece = null;
        CrashPoint.STREAMED_AFTER_PIECE.pass();
      } else {
        keep(piece, type, message);
      }
      return;
    }
    switch (type) {
      case 'S' -> {
        int xid = xid(message, 1 + Integer.BYTES + 1, 1);
        piece =
            transactions.computeIfAbsent(xid, _ -> new StreamedTransaction(directory, keptFree));
      }
      case 'c' -> commit(message, sink);
      case 'A' -> abort(message);
      default -> sink.take(message);
    }
  }

  private void keep(StreamedTransaction transaction, byte type, ByteBuffer message) {
    if (type == 'O') {
      return;
    }
    int xid = xid(message, 1 + Integer.BYTES, 1);
    // Without the xid it looks as in a transaction that is sent whole.
    int before = 1 + Integer.BYTES;
    transaction.add(
        xid, type, message.slice(message.position() + before, message.remaining() - before));
  }

  private void commit(ByteBuffer message, Sink sink) throws SQLException {
    int xid = xid(message, COMMIT_BYTES, 1);
    StreamedTransaction transaction = transactions.remove(xid);
    if (transaction == null) {
      throw violation("commits a transaction that was never sent: " + Integer.toUnsignedLong(xid));
    }
    int at = message.position() + 1 + Integer.BYTES + 1;
    long commit = message.getLong(at);
    long end = message.getLong(at + Long.BYTES);
    long time = message.getLong(at + 2 * Long.BYTES);
    try (transaction) {
      sink.take(
          ByteBuffer.allocate(1 + 2 * Long.BYTES + Integer.BYTES)
              .put((byte) 'B')
              .putLong(commit)
              .putLong(time)
              .putInt(xid)
              .flip());
      transaction.replay(sink);
      CrashPoint.STREAMED_BEFORE_COMMIT.pass();
      sink.take(
          ByteBuffer.allocate(2 + 3 * Long.BYTES)
              .put((byte) 'C')
              .put((byte) 0)
              .putLong(commit)
              .putLong(end)
              .putLong(time)
              .flip());
    }
  }

  private void abort(ByteBuffer message) {
    int xid = xid(message, ABORT_BYTES, 1);
    int subxid = xid(message, ABORT_BYTES, 1 + Integer.BYTES);
    if (xid == subxid) {
      StreamedTransaction gone = transactions.remove(xid);
      if (gone != null) {
        gone.close();
      }
      return;
    }
    StreamedTransaction transaction = transactions.get(xid);
    if (transaction != null) {
      transaction.abort(subxid);
    }
  }

  private static int xid(ByteBuffer message, int least, int at) {
    if (message.remaining() < least) {
      throw violation("has only " + message.remaining() + " bytes");
    }
    return message.getInt(message.position() + at);
  }

  private static MigrationException violation(String what) {
    return new MigrationException(
        ErrorCode.PROTOCOL_VIOLATION, "A message of a transaction in progress " + what);
  }

  /** Forgets all of them: another stream sends them again. */
  @Override
  public void close() {
    transactions.values().forEach(StreamedTransaction::close);
    transactions.clear();
  }
}
