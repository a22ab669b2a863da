package dev.pgportage.pg;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ReadAheadSocketTest {
  private static final int WINDOW = 64 * 1024;
  private static final int TRIES = 50;

  @Test
  void keepsLittleOfAStreamOnThisSideWhereTheServerIsNear() throws IOException {
    assertThat(buffer(false)).isGreaterThan(WINDOW);
    int least = Integer.MAX_VALUE;
    // A busy machine may take as long to connect as a long way would.
    for (int i = 0; i < TRIES && least > WINDOW; i++) {
      least = buffer(true);
    }
    assertThat(least).isEqualTo(WINDOW);
  }

  /** The receive buffer after 32 MB have come and were read. */
  private static int buffer(boolean gathering) throws IOException {
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket socket = new ReadAheadSocket(gathering)) {
      var sent = CompletableFuture.runAsync(() -> send(server));
      socket.connect(server.getLocalSocketAddress(), 1000);
      socket.getInputStream().readNBytes(32 << 20);
      int size = socket.getReceiveBufferSize();
      sent.join();
      return size;
    }
  }

  private static void send(ServerSocket server) {
    try (Socket socket = server.accept()) {
      byte[] much = new byte[1 << 20];
      for (int i = 0; i < 32; i++) {
        socket.getOutputStream().write(much);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
