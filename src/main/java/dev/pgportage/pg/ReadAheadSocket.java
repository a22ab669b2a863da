package dev.pgportage.pg;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import org.jspecify.annotations.Nullable;

/**
 * A socket that reads as much as has come, and knows how much of it is left.
 *
 * <p>The driver asks before each message of a replication stream whether anything has come, which
 * is a call of the kernel for each; here it is one for as many messages as lie in the buffer. One
 * thread reads at a time, as with any socket.
 */
final class ReadAheadSocket extends Socket {
  private static final int BUFFER = 64 * 1024;

  private final Object opening = new Object();
  private @Nullable ReadAhead input;

  @Override
  public InputStream getInputStream() throws IOException {
    synchronized (opening) {
      if (input == null) {
        input = new ReadAhead(super.getInputStream());
      }
      return input;
    }
  }

  /** What has come and was not taken yet. */
  private static final class ReadAhead extends InputStream {
    private final InputStream socket;
    private final byte[] buffer = new byte[BUFFER];
    private int next;
    private int end;

    ReadAhead(InputStream socket) {
      this.socket = socket;
    }

    @Override
    public int read() throws IOException {
      return next < end || fill() ? buffer[next++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (next == end) {
        // What is wanted at once in such a size needs no copy in between.
        if (length >= BUFFER) {
          return socket.read(bytes, offset, length);
        }
        if (!fill()) {
          return -1;
        }
      }
      int count = Math.min(length, end - next);
      System.arraycopy(buffer, next, bytes, offset, count);
      next += count;
      return count;
    }

    private boolean fill() throws IOException {
      next = 0;
      end = 0;
      int count = socket.read(buffer, 0, BUFFER);
      end = Math.max(0, count);
      return count > 0;
    }

    @Override
    public int available() throws IOException {
      return next < end ? end - next : socket.available();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
