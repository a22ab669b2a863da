package dev.pgportage.cutover;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.cutover.Move.Moment;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.pg.Secret;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * An address that is sent a JSON document by POST. Tried again while it does not answer, or answers
 * that it cannot now; an answer that refuses ends it at once.
 */
record WebhookHook(URI address, Optional<Secret> header, Duration timeout) implements SwitchHook {
  private static final int PAUSE_MILLIS = 200;
  private static final int OK = 2;
  private static final int SERVER_ERROR = 5;
  private static final int HUNDRED = 100;

  @Override
  public void tell(Moment moment, Move move) {
    long end = System.nanoTime() + timeout.toNanos();
    try (HttpClient client =
        HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build()) {
      while (true) {
        String problem;
        try {
          Duration left = Duration.ofNanos(Math.max(1_000_000, end - System.nanoTime()));
          int status =
              client
                  .send(request(moment, move, left), HttpResponse.BodyHandlers.discarding())
                  .statusCode();
          if (status / HUNDRED == OK) {
            return;
          }
          problem = "answers with status " + status;
          if (status / HUNDRED != SERVER_ERROR) {
            throw failure(moment, problem);
          }
        } catch (IOException e) {
          problem = "does not answer (" + e.getClass().getSimpleName() + ")";
        }
        if (System.nanoTime() > end) {
          throw failure(moment, problem);
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationException(ErrorCode.INTERRUPTED, "The cutover was stopped", e);
    }
  }

  private HttpRequest request(Moment moment, Move move, Duration left) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address)
            .timeout(left)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json(moment, move)));
    header.ifPresent(
        secret -> {
          String[] parts = secret.reveal().split(":", 2);
          request.header(parts[0].strip(), parts[1].strip());
        });
    return request.build();
  }

  private static String json(Moment moment, Move move) {
    return "{\"migration\":"
        + text(move.migration())
        + ",\"moment\":"
        + text(moment.name().toLowerCase(Locale.ROOT))
        + ",\"direction\":"
        + text(move.direction().name().toLowerCase(Locale.ROOT))
        + ",\"to\":"
        + json(move.to())
        + ",\"from\":"
        + json(move.from())
        + "}";
  }

  private static String json(Endpoint endpoint) {
    return "{\"host\":"
        + text(endpoint.host())
        + ",\"port\":"
        + endpoint.port()
        + ",\"database\":"
        + text(endpoint.database())
        + "}";
  }

  private static String text(String value) {
    var json = new StringBuilder("\"");
    value
        .chars()
        .forEach(
            c -> {
              if (c == '"' || c == '\\' || c < ' ') {
                json.append(String.format(Locale.ROOT, "\\u%04x", c));
              } else {
                json.append((char) c);
              }
            });
    return json.append('"').toString();
  }

  private MigrationException failure(Moment moment, String problem) {
    return new MigrationException(
        ErrorCode.HOOK_FAILED,
        "cutover.webhook on "
            + address.getHost()
            + " "
            + problem
            + " (moment "
            + moment.name().toLowerCase(Locale.ROOT)
            + ")");
  }
}
