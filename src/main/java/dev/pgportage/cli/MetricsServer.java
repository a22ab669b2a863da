package dev.pgportage.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.telemetry.Metrics;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.workflow.StatusMetrics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** Answers {@code GET /metrics} on a port of loopback, and nothing else. */
final class MetricsServer implements AutoCloseable {
  private final Optional<StatusMetrics> metrics;
  private final Optional<HttpServer> server;
  private final Monitor monitor;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private MetricsServer(Monitor monitor) {
    this.metrics = Optional.empty();
    this.server = Optional.empty();
    this.monitor = monitor;
  }

  private MetricsServer(HttpServer server, StatusMetrics metrics, Supplier<String> text) {
    this.metrics = Optional.of(metrics);
    this.server = Optional.of(server);
    this.monitor = metrics;
    server.setExecutor(threads);
    server.createContext("/", exchange -> answer(exchange, text));
    server.start();
  }

  /**
   * Begins to answer where the settings say so.
   *
   * @param next told of all that {@link #monitor()} is told
   * @param wanted whether the command is one to be watched
   * @throws MigrationException USAGE if the port is another's
   */
  static MetricsServer of(MigrationConfig config, Monitor next, boolean wanted) {
    Optional<Integer> port = config.notifications().metricsPort().filter(_ -> wanted);
    if (port.isEmpty()) {
      return new MetricsServer(next);
    }
    var metrics = new StatusMetrics(config, next);
    return at(port.get(), metrics, metrics);
  }

  /**
   * Begins to answer with a text.
   *
   * @param metrics closed with the server
   * @throws MigrationException USAGE if the port is another's
   */
  static MetricsServer at(int port, StatusMetrics metrics, Supplier<String> text) {
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    try {
      return new MetricsServer(HttpServer.create(address, 0), metrics, text);
    } catch (IOException e) {
      throw new MigrationException(
          ErrorCode.USAGE,
          "Port " + port + " of this machine cannot be used for metrics",
          "Give another one as metrics.port.",
          e);
    }
  }

  /** To be told of what the migration does. */
  Monitor monitor() {
    return monitor;
  }

  private static void answer(HttpExchange exchange, Supplier<String> text) throws IOException {
    try (exchange) {
      if (!isLocal(exchange)) {
        // A page in somebody's browser could reach loopback under a name of its own.
        exchange.sendResponseHeaders(421, -1);
      } else if (!exchange.getRequestURI().getPath().equals("/metrics")) {
        exchange.sendResponseHeaders(404, -1);
      } else if (!exchange.getRequestMethod().equals("GET")) {
        exchange.getResponseHeaders().set("Allow", "GET");
        exchange.sendResponseHeaders(405, -1);
      } else {
        byte[] body = text.get().getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", Metrics.CONTENT_TYPE);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
      }
    }
  }

  private static boolean isLocal(HttpExchange exchange) {
    String host = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Host")).orElse("");
    return Endpoint.isLoopback(host.replaceFirst(":\\d+$", ""));
  }

  @Override
  public void close() {
    server.ifPresent(listening -> listening.stop(0));
    threads.close();
    metrics.ifPresent(StatusMetrics::close);
  }
}
