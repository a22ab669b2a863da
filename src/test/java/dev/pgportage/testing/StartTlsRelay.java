package dev.pgportage.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * A mail server's STARTTLS, put in front of one that has none: greets in clear, turns the
 * connection into TLS when asked, and passes everything after that on.
 */
public final class StartTlsRelay implements AutoCloseable {
  private final ServerSocket listening;
  private final int mailPort;
  private final SSLContext tls;
  private final List<String> inClear = Collections.synchronizedList(new ArrayList<>());

  /**
   * Begins to listen on a free port of 127.0.0.1.
   *
   * @param store the PKCS-12 file {@link TlsFiles} leaves beside its PEM files
   * @param mailPort where the server behind listens
   */
  public StartTlsRelay(Path store, char[] password, int mailPort) throws IOException {
    this.mailPort = mailPort;
    try {
      KeyStore keys = KeyStore.getInstance(store.toFile(), password);
      KeyManagerFactory managers =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      managers.init(keys, password);
      tls = SSLContext.getInstance("TLS");
      tls.init(managers.getKeyManagers(), null, null);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
    listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  /** Where it listens. */
  public int port() {
    return listening.getLocalPort();
  }

  /** The commands that came before TLS. */
  public List<String> inClear() {
    return List.copyOf(inClear);
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client;
        Socket server = new Socket(InetAddress.getLoopbackAddress(), mailPort)) {
      say(client, "220 relay");
      var lines =
          new BufferedReader(
              new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII), 1);
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String command = line.toUpperCase(Locale.ROOT);
        inClear.add(line);
        if (command.startsWith("EHLO")) {
          say(client, "250-relay\r\n250 STARTTLS");
        } else if (command.equals("STARTTLS")) {
          say(client, "220 go ahead");
          secure(client, server);
          return;
        } else {
          say(client, "530 STARTTLS first");
        }
      }
    } catch (IOException e) {
      // The client went away, as one does that does not trust the certificate.
      return;
    }
  }

  private static void say(Socket client, String line) throws IOException {
    client.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
    client.getOutputStream().flush();
  }

  private void secure(Socket client, Socket server) throws IOException {
    try (var secured =
        (SSLSocket) tls.getSocketFactory().createSocket(client, null, client.getPort(), false)) {
      secured.setUseClientMode(false);
      secured.startHandshake();
      // The greeting of the server behind is one that the client had already.
      new BufferedReader(
              new InputStreamReader(server.getInputStream(), StandardCharsets.US_ASCII), 1)
          .readLine();
      Thread up = Thread.ofVirtual().start(() -> pass(secured, server));
      pass(server, secured);
      up.interrupt();
    }
  }

  private static void pass(Socket from, Socket to) {
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      in.transferTo(out);
      to.close();
    } catch (IOException e) {
      // One side has ended.
      return;
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}
