package dev.pgportage.pg;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import javax.net.SocketFactory;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * Sockets whose other end is asked for a sign of life when it has been silent for half a minute, so
 * that a network that swallows everything is noticed within a minute or so, not within the two
 * hours that operating systems take. Made by the driver, by this class's name.
 */
public final class WatchedSockets extends SocketFactory {
  private static final int IDLE_SECONDS = 30;
  private static final int BETWEEN_SECONDS = 10;
  private static final int PROBES = 4;

  /** What tells the driver that a socket is for a stream of changes. */
  static final String STREAM = "stream";

  private final boolean stream;

  /**
   * For the driver.
   *
   * @param argument {@link #STREAM}, or null
   */
  public WatchedSockets(@Nullable String argument) {
    stream = STREAM.equals(argument);
  }

  @Override
  public Socket createSocket() throws IOException {
    var socket = new ReadAheadSocket(stream);
    socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    if (socket.supportedOptions().contains(ExtendedSocketOptions.TCP_KEEPIDLE)) {
      socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, IDLE_SECONDS);
      socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, BETWEEN_SECONDS);
      socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, PROBES);
    }
    return socket;
  }

  @Override
  public Socket createSocket(String host, int port) {
    throw connectedByTheDriver();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
    throw connectedByTheDriver();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    throw connectedByTheDriver();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) {
    throw connectedByTheDriver();
  }

  private static UnsupportedOperationException connectedByTheDriver() {
    return new UnsupportedOperationException("the driver connects its sockets itself");
  }
}
