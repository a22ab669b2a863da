package dev.pgportage.cdc;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.spool.Spool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One transaction in progress: its messages, in memory up to a size, then in a file without a name,
 * which is gone with the process. Not thread-safe.
 */
final class StreamedTransaction implements AutoCloseable {
  private static final int BUFFER = 1 << 20;
  private static final int HEADER = 2 * Integer.BYTES;

  private final Path directory;
  private final long keptFree;
  private final Set<Integer> aborted = new HashSet<>();
  private ByteBuffer buffer = ByteBuffer.allocate(1 << 12);
  private Optional<FileChannel> file = Optional.empty();

  StreamedTransaction(Path directory, long keptFree) {
    this.directory = directory;
    this.keptFree = keptFree;
  }

  /** Keeps a message, its type and what follows it, of the transaction or a subtransaction. */
  void add(int xid, byte type, ByteBuffer rest) {
    int length = 1 + rest.remaining();
    if (buffer.remaining() < HEADER + length) {
      makeRoom(HEADER + length);
    }
    buffer.putInt(xid).putInt(length).put(type).put(rest);
  }

  /** A subtransaction was rolled back. */
  void abort(int subxid) {
    aborted.add(subxid);
  }

  private void makeRoom(int size) {
    if (buffer.position() + size > BUFFER) {
      write();
    }
    if (buffer.remaining() < size) {
      int wanted = Math.max(buffer.position() + size, 4 * buffer.capacity());
      var larger =
          ByteBuffer.allocate(Math.max(buffer.position() + size, Math.min(BUFFER, wanted)));
      buffer = larger.put(buffer.flip());
    }
  }

  private void write() {
    try {
      if (file.isEmpty()) {
        Path path = Files.createTempFile(directory, Spool.TEMPORARY, ".tmp");
        file =
            Optional.of(FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE));
        Files.delete(path);
      }
      if (Files.getFileStore(directory).getUsableSpace() - buffer.position() < keptFree) {
        throw noRoom("spool.keep_free", null);
      }
      buffer.flip();
      while (buffer.hasRemaining()) {
        file.get().write(buffer);
      }
      buffer.clear();
    } catch (IOException e) {
      throw noRoom(e.toString(), e);
    }
  }

  private MigrationException noRoom(String why, @Nullable IOException cause) {
    return new MigrationException(
        ErrorCode.SPOOL_FAILED,
        "No room in " + directory + " for a transaction in progress (" + why + ")",
        "Make room, or set 'spool.max_size: 0B': the source then keeps large transactions.",
        cause);
  }

  /** Hands on everything that was not rolled back, in order. */
  void replay(InProgress.Sink sink) throws SQLException {
    try {
      if (file.isPresent()) {
        write();
        file.get().position(0);
      }
      // All of it is in the buffer now, or all of it in the file.
      buffer.flip();
      while (fill(HEADER)) {
        int xid = buffer.getInt();
        byte[] message = new byte[buffer.getInt()];
        int there = Math.min(buffer.remaining(), message.length);
        buffer.get(message, 0, there);
        var rest = ByteBuffer.wrap(message, there, message.length - there);
        while (rest.hasRemaining()) {
          if (read(rest) < 0) {
            throw new IOException("the file ends within a message");
          }
        }
        handOn(xid, message, sink);
      }
    } catch (IOException e) {
      throw failed("Reading", e);
    }
  }

  /** Reads on in the file; a transaction without one has ended where its buffer does. */
  private int read(ByteBuffer into) throws IOException {
    return file.isPresent() ? file.get().read(into) : -1;
  }

  /** Makes sure that so many bytes are in the buffer; false at the end. */
  private boolean fill(int wanted) throws IOException {
    if (buffer.remaining() >= wanted) {
      return true;
    }
    buffer.compact();
    while (buffer.position() < wanted) {
      if (read(buffer) < 0) {
        break;
      }
    }
    buffer.flip();
    if (buffer.hasRemaining() && buffer.remaining() < wanted) {
      throw new IOException("the file ends within a message");
    }
    return buffer.hasRemaining();
  }

  /**
   * Descriptions are handed on in any case: the server sends each once for a transaction, wherever
   * in it that was.
   */
  private void handOn(int xid, byte[] message, InProgress.Sink sink) throws SQLException {
    if (!aborted.contains(xid) || message[0] == 'R' || message[0] == 'Y') {
      sink.take(ByteBuffer.wrap(message));
    }
  }

  private MigrationException failed(String what, IOException cause) {
    return new MigrationException(
        ErrorCode.SPOOL_FAILED,
        what + " a transaction in progress in " + directory + ": " + cause,
        cause);
  }

  @Override
  public void close() {
    try {
      if (file.isPresent()) {
        file.get().close();
      }
      file = Optional.empty();
    } catch (IOException e) {
      throw failed("Closing", e);
    }
  }
}
