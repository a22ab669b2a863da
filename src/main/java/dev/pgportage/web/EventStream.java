package dev.pgportage.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Server-sent events: each client's own thread sends it what changed since it last did, at most
 * twice a second. Nothing waits in a queue; a client that does not read in time is let go, and so
 * is one too many. Thread-safe.
 */
final class EventStream implements AutoCloseable {
  private static final int MOST_CLIENTS = 32;
  private static final int MOST_EVENTS = 300;
  private static final Duration QUIET = Duration.ofSeconds(15);
  private static final Duration COALESCE = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Board board;
  private final Sampler sampler;
  private final Set<Client> clients = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService reaper =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("dashboard-reaper").daemon().factory());

  /** A client; writing since when, or 0. */
  private static final class Client {
    private final HttpExchange exchange;
    private volatile long writingSince;

    Client(HttpExchange exchange) {
      this.exchange = exchange;
    }
  }

  EventStream(Board board, Sampler sampler) {
    this.board = board;
    this.sampler = sampler;
    var _ = reaper.scheduleWithFixedDelay(this::reap, 5, 5, TimeUnit.SECONDS);
  }

  /** Serves a client until it goes, or the board is closed. */
  void serve(HttpExchange exchange) throws IOException {
    var client = new Client(exchange);
    clients.add(client);
    try {
      if (clients.size() > MOST_CLIENTS) {
        throw new Refusal(503, "TOO_MANY_CLIENTS", "Too many pages are open; close some.");
      }
      sampler.watched();
      try {
        stream(client);
      } finally {
        sampler.unwatched();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      clients.remove(client);
    }
  }

  private void stream(Client client) throws IOException, InterruptedException {
    client.exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
    client.exchange.sendResponseHeaders(200, 0);
    OutputStream out = client.exchange.getResponseBody();
    Board.Seen seen = Board.Seen.nothing();
    write(client, out, "retry: 2000\n\n".getBytes(UTF_8));
    while (true) {
      boolean closed = board.isClosed();
      Board.News news = board.since(seen, MOST_EVENTS);
      seen = news.seen();
      write(client, out, frame(news));
      if (closed) {
        write(client, out, "event: end\ndata: {}\n\n".getBytes(UTF_8));
        return;
      }
      Thread.sleep(COALESCE);
      if (!board.await(seen.version(), QUIET)) {
        write(client, out, ": still here\n\n".getBytes(UTF_8));
      }
    }
  }

  private static void write(Client client, OutputStream out, byte[] bytes) throws IOException {
    client.writingSince = System.nanoTime();
    out.write(bytes);
    out.flush();
    client.writingSince = 0;
  }

  private static byte[] frame(Board.News news) {
    var text = new StringBuilder();
    news.overview().ifPresent(json -> event(text, "overview", new String(json, UTF_8)));
    news.tables().ifPresent(changes -> event(text, "tables", json(changes)));
    if (!news.events().isEmpty()) {
      event(text, "events", json(Api.events(news.events())));
    }
    if (!news.samples().isEmpty()) {
      event(text, "samples", json(Map.of("anew", news.anew(), "samples", news.samples())));
    }
    return text.toString().getBytes(UTF_8);
  }

  private static String json(Object value) {
    return new String(Reply.bytes(value), UTF_8);
  }

  private static void event(StringBuilder text, String name, String json) {
    text.append("event: ").append(name).append("\ndata: ").append(json).append("\n\n");
  }

  /** Lets go of clients that do not read: their threads wait in a write. */
  private void reap() {
    long now = System.nanoTime();
    for (Client client : clients) {
      long since = client.writingSince;
      if (since != 0 && now - since > PATIENCE.toNanos()) {
        client.exchange.close();
      }
    }
  }

  @Override
  public void close() {
    reaper.shutdownNow();
  }
}
