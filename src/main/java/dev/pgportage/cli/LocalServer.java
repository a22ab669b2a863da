package dev.pgportage.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** Answers {@code GET} of some paths on a port of loopback, and nothing else. */
final class LocalServer implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * What is answered to a path.
   *
   * @param type its media type
   * @param refresh after how many seconds a browser asks again; 0 for never
   * @param text the answer as it is now
   */
  record Answer(String type, int refresh, Supplier<String> text) {}

  /**
   * Begins to answer.
   *
   * @param port 0 for any that is free
   * @param what what the port is for, to be named if it is another's
   * @param answers by their paths
   * @throws MigrationException USAGE if the port is another's
   */
  LocalServer(int port, String what, String advice, Map<String, Answer> answers) {
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    try {
      server = HttpServer.create(address, 0);
    } catch (IOException e) {
      threads.close();
      throw new MigrationException(
          ErrorCode.USAGE,
          "Port " + port + " of this machine cannot be used for " + what,
          advice,
          e);
    }
    Map<String, Answer> known = Map.copyOf(answers);
    server.setExecutor(threads);
    server.createContext("/", exchange -> answer(exchange, known));
    server.start();
  }

  /** Where it is. */
  String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
  }

  private static void answer(HttpExchange exchange, Map<String, Answer> answers)
      throws IOException {
    try (exchange) {
      Answer answer = answers.get(exchange.getRequestURI().getPath());
      if (!isLocal(exchange)) {
        // A page in somebody's browser could reach loopback under a name of its own.
        exchange.sendResponseHeaders(421, -1);
      } else if (answer == null) {
        exchange.sendResponseHeaders(404, -1);
      } else if (!exchange.getRequestMethod().equals("GET")) {
        exchange.getResponseHeaders().set("Allow", "GET");
        exchange.sendResponseHeaders(405, -1);
      } else {
        byte[] body = answer.text().get().getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", answer.type());
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        if (answer.refresh() > 0) {
          exchange.getResponseHeaders().set("Refresh", Integer.toString(answer.refresh()));
        }
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
    server.stop(0);
    threads.close();
  }
}
