package dev.pgportage.pg;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.concurrent.locks.LockSupport;
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
  private static final int GATHERING_BUFFER = 256 * 1024;

  /** With so much at hand a rest would only keep it waiting. */
  private static final int ENOUGH = 16 * 1024;

  /** A connection that took no longer has so short a way that a small window carries 64 MB/s. */
  private static final long NEAR_NANOS = 1_000_000;

  private static final int NEAR_WINDOW = 64 * 1024;

  private final boolean gathering;
  private final Object opening = new Object();
  private @Nullable ReadAhead input;

  /**
   * One not connected yet.
   *
   * @param gathering whether what comes fast is let to gather, as {@link Lull} says
   */
  ReadAheadSocket(boolean gathering) {
    this.gathering = gathering;
  }

  /**
   * While this end rests, what was sent waits at one of both. At the other it costs nearly nothing
   * to add a message to it; here each is a packet received, in the server's own time where both
   * share a machine. So the window is small, where the way is short enough for that.
   */
  @Override
  public void connect(SocketAddress endpoint, int timeoutMillis) throws IOException {
    long began = System.nanoTime();
    super.connect(endpoint, timeoutMillis);
    if (gathering && System.nanoTime() - began < NEAR_NANOS) {
      setReceiveBufferSize(NEAR_WINDOW);
    }
  }

  @Override
  public InputStream getInputStream() throws IOException {
    synchronized (opening) {
      if (input == null) {
        input = new ReadAhead(super.getInputStream(), gathering);
      }
      return input;
    }
  }

  /** What has come and was not taken yet. */
  private static final class ReadAhead extends InputStream {
    private final InputStream socket;
    private final byte[] buffer;
    private int next;
    private int end;
    private final @Nullable Lull lull;

    ReadAhead(InputStream socket, boolean gathering) {
      this.socket = socket;
      this.buffer = new byte[gathering ? GATHERING_BUFFER : BUFFER];
      this.lull = gathering ? new Lull(System.nanoTime()) : null;
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
        if (length >= buffer.length && lull == null) {
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
      if (lull == null) {
        end = Math.max(0, socket.read(buffer, 0, buffer.length));
      } else {
        gather(lull);
      }
      return end > 0;
    }

    private void gather(Lull pace) throws IOException {
      long rest = pace.asks(System.nanoTime());
      if (rest > 0 && socket.available() < ENOUGH) {
        LockSupport.parkNanos(rest);
      }
      try {
        end = Math.max(0, socket.read(buffer, 0, buffer.length));
      } finally {
        pace.read(end, System.nanoTime());
      }
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
