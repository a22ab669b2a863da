package dev.pgportage.web;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server: hands requests the gatekeeper lets through to who answers them, each on a thread of
 * its own, and puts the same headers on every answer. Thread-safe.
 */
final class Front implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Front.class);
  private static final int MOST_BYTES = 16_384;
  private static final int BACKLOG = 64;
  private static final String EVENTS = "/api/v1/stream";
  private static final String REQUESTS = "/api/v1/requests";

  /** What the JDK's server allows a client; read once, when its first class is loaded. */
  private static final Map<String, String> LIMITS =
      Map.of(
          "sun.net.httpserver.maxReqTime", "20",
          "sun.net.httpserver.idleInterval", "30",
          "sun.net.httpserver.maxIdleConnections", "64",
          "sun.net.httpserver.maxReqHeaders", "60",
          "sun.net.httpserver.maxReqHeaderSize", "16384",
          "jdk.httpserver.maxConnections", "128");

  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private final HttpServer server;
  private final ExecutorService threads;
  private final Binding binding;
  private final Gatekeeper gatekeeper;
  private final Assets assets = new Assets();
  private final Api api;
  private final EventStream stream;
  private final Map<String, Supplier<Reply>> more = new ConcurrentHashMap<>();

  private Front(HttpServer server, Binding binding, Api api, EventStream stream) {
    this.server = server;
    this.binding = binding;
    this.gatekeeper = new Gatekeeper(binding, server.getAddress().getPort());
    this.api = api;
    this.stream = stream;
    this.threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("dashboard-", 0).factory());
  }

  /**
   * Begins to listen.
   *
   * @throws MigrationException WEB_UNAVAILABLE if it cannot
   */
  static Front open(Binding binding, Api api, EventStream stream) {
    LIMITS.forEach(
        (name, value) -> {
          if (System.getProperty(name) == null) {
            System.setProperty(name, value);
          }
        });
    try {
      var front = new Front(listen(binding), binding, api, stream);
      front.server.createContext("/", front::handle);
      front.server.setExecutor(front.threads);
      front.server.start();
      return front;
    } catch (IOException e) {
      throw new MigrationException(
          ErrorCode.WEB_UNAVAILABLE,
          "The dashboard cannot listen at "
              + binding.address().getHostAddress()
              + ", port "
              + binding.port(),
          e);
    }
  }

  private static HttpServer listen(Binding binding) throws IOException {
    var address = new InetSocketAddress(binding.address(), binding.port());
    if (binding.tls().isEmpty()) {
      return HttpServer.create(address, BACKLOG);
    }
    HttpsServer server = HttpsServer.create(address, BACKLOG);
    server.setHttpsConfigurator(new HttpsConfigurator(binding.tls().get()));
    return server;
  }

  int port() {
    return server.getAddress().getPort();
  }

  /** Answers a path with whatever is supplied, under the rules of reading. */
  void add(String path, Supplier<Reply> answer) {
    more.put(path, answer);
  }

  private void handle(HttpExchange exchange) {
    try (exchange) {
      secure(exchange.getResponseHeaders());
      try {
        gatekeeper.check(exchange);
        if (exchange.getRequestURI().getRawPath().equals(EVENTS)) {
          stream.serve(exchange);
        } else {
          send(exchange, answer(exchange));
        }
      } catch (Refusal e) {
        refuse(exchange, e);
      } catch (MigrationException e) {
        int status = e.code().retry() == ErrorCode.Retry.NO ? 409 : 503;
        send(
            exchange,
            Reply.json(status, Reply.Problem.of(e.code().toString(), e.what(), e.remedy())));
      }
    } catch (IOException e) {
      // The client went away, which is its right.
      LOG.atDebug().log("A client of the dashboard went away");
    } catch (RuntimeException e) {
      LOG.atWarn().setCause(e).log("The dashboard could not answer");
    }
  }

  private Reply answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    if (exchange.getRequestMethod().equals("POST")) {
      if (!path.equals(REQUESTS)) {
        throw new Refusal(404, "NOT_FOUND", "Nothing can be sent there.");
      }
      return api.post(body(exchange));
    }
    return assets
        .find(path)
        .or(() -> Optional.ofNullable(more.get(path)).map(Supplier::get))
        .or(() -> api.get(path, exchange.getRequestURI().getRawQuery()))
        .orElseThrow(() -> new Refusal(404, "NOT_FOUND", "There is nothing at that path."));
  }

  /** The content, unless it is too long. */
  private static byte[] body(HttpExchange exchange) throws IOException {
    String length = exchange.getRequestHeaders().getFirst("Content-Length");
    if (length != null && (!length.matches("\\d{1,9}") || Long.parseLong(length) > MOST_BYTES)) {
      throw tooLong();
    }
    try (InputStream in = exchange.getRequestBody()) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw tooLong();
      }
      return bytes;
    }
  }

  private static Refusal tooLong() {
    return new Refusal(413, "TOO_LONG", "A request has 16 kB of content at most.");
  }

  private static void refuse(HttpExchange exchange, Refusal refusal) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    if (refusal.status() == 401) {
      headers.set("WWW-Authenticate", "Bearer realm=\"pgportage\"");
    }
    // What is left of the request is nobody's.
    headers.set("Connection", "close");
    send(
        exchange,
        Reply.json(refusal.status(), Reply.Problem.of(refusal.code(), refusal.reason(), "")));
  }

  private static void send(HttpExchange exchange, Reply reply) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", reply.type());
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(reply.status(), -1);
      return;
    }
    exchange.sendResponseHeaders(reply.status(), reply.body().length);
    exchange.getResponseBody().write(reply.body());
  }

  private void secure(Headers headers) {
    headers.set("Content-Security-Policy", POLICY);
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("X-Frame-Options", "DENY");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set("Cross-Origin-Opener-Policy", "same-origin");
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
    headers.set("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
    headers.set("Cache-Control", "no-store");
    if (binding.tls().isPresent()) {
      headers.set("Strict-Transport-Security", "max-age=31536000");
    }
  }

  /** Ends, after what is being sent has been. */
  @Override
  public void close() {
    server.stop(1);
    threads.shutdownNow();
  }
}
