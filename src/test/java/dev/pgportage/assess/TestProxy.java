package dev.pgportage.assess;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * Passes connections on to a server on loopback, and shifts the backend's process number in what
 * the server announces, as poolers and proxies do. Without TLS only.
 */
final class TestProxy implements AutoCloseable {
  private static final int BACKEND_KEY_DATA = 'K';

  private final ServerSocket listener;
  private final int[] serverPorts;
  private final int shift;
  private int accepted;

  TestProxy(int serverPort, int shift) throws IOException {
    this(serverPort, shift, 0);
  }

  TestProxy(int serverPort, int shift, int port) throws IOException {
    this(new int[] {serverPort}, shift, port);
  }

  private TestProxy(int[] serverPorts, int shift, int port) throws IOException {
    this.serverPorts = serverPorts;
    this.shift = shift;
    listener = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  /** Sends each connection to the next of the servers, as a balancer does. */
  static TestProxy balancing(int... serverPorts) throws IOException {
    return new TestProxy(serverPorts, 0, 0);
  }

  int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        int port = serverPorts[accepted++ % serverPorts.length];
        var server = new Socket(InetAddress.getLoopbackAddress(), port);
        Thread.ofVirtual().start(() -> run(client, server, (in, out) -> in.transferTo(out)));
        Thread.ofVirtual().start(() -> run(server, client, this::passMessages));
      } catch (IOException e) {
        return; // The listener is closed: the test is over.
      }
    }
  }

  private interface Passing {
    void pass(InputStream in, OutputStream out) throws IOException;
  }

  private static void run(Socket from, Socket to, Passing passing) {
    try (from;
        to) {
      passing.pass(from.getInputStream(), to.getOutputStream());
    } catch (IOException e) {
      if (!from.isClosed() && !to.isClosed()) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void passMessages(InputStream in, OutputStream out) throws IOException {
    var messages = new DataInputStream(in);
    var copy = new DataOutputStream(out);
    for (int type = messages.read(); type >= 0; type = messages.read()) {
      byte[] body = new byte[messages.readInt() - Integer.BYTES];
      messages.readFully(body);
      if (type == BACKEND_KEY_DATA) {
        body[3] += (byte) shift;
      }
      copy.writeByte(type);
      copy.writeInt(body.length + Integer.BYTES);
      copy.write(body);
      copy.flush();
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
