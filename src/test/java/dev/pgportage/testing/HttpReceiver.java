package dev.pgportage.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** An HTTP server that keeps what is posted to it, and answers with the status it is told. */
public final class HttpReceiver implements AutoCloseable {
  /**
   * One request.
   *
   * @param method in capitals
   * @param path with its query
   * @param headers names in lower case
   * @param body as text
   */
  public record Request(
      String method, String path, Map<String, List<String>> headers, String body) {
    /** The first value of a header; empty if there is none. */
    public String header(String name) {
      return headers.getOrDefault(name, List.of("")).getFirst();
    }
  }

  private final HttpServer server;
  private final List<Request> received = new CopyOnWriteArrayList<>();
  private volatile int status = 200;

  /** Begins to listen on a free port of 127.0.0.1. */
  public HttpReceiver() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::take);
    server.start();
  }

  private void take(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    var headers = new java.util.TreeMap<String, List<String>>();
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> headers.put(name.toLowerCase(java.util.Locale.ROOT), values));
    received.add(
        new Request(
            exchange.getRequestMethod(), exchange.getRequestURI().toString(), headers, body));
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  /** Its address. */
  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** What was posted so far. */
  public List<Request> received() {
    return List.copyOf(received);
  }

  /** From now on answers with this status. */
  public void answer(int code) {
    status = code;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
