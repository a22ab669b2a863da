package dev.pgportage.flink;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The part of Flink's REST interface that is needed to run a job. Thread-safe. Source: Flink 2.2
 * manual, "REST API".
 */
final class FlinkRest implements AutoCloseable {
  /** The states of jobs that do nothing any more. */
  static final List<String> ENDED = List.of("FINISHED", "FAILED", "CANCELED", "SUSPENDED");

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final int NOT_FOUND = 404;
  private static final int FIRST_ERROR = 400;
  private static final int LONGEST_MESSAGE = 500;

  private final String url;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();

  FlinkRest(String url) {
    this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  /** Uploads a jar; returns its name there. */
  String upload(Path jar) {
    String boundary = UUID.randomUUID().toString();
    try {
      BodyPublisher body =
          BodyPublishers.concat(
              BodyPublishers.ofString(
                  "--"
                      + boundary
                      + "\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\""
                      + jar.getFileName()
                      + "\"\r\nContent-Type: application/x-java-archive\r\n\r\n"),
              BodyPublishers.ofFile(jar),
              BodyPublishers.ofString("\r\n--" + boundary + "--\r\n"));
      HttpRequest.Builder request =
          request("/jars/upload")
              .header("Content-Type", "multipart/form-data; boundary=" + boundary)
              .POST(body);
      String stored = asked(request, "Uploading the job's jar").path("filename").asText();
      return stored.substring(stored.lastIndexOf('/') + 1);
    } catch (IOException e) {
      throw new MigrationException(
          ErrorCode.CONFIG_NOT_FOUND,
          "The job's jar " + jar + " cannot be read",
          "Build it with './mvnw -DskipTests package', or name it: executor.flink_jar.",
          e);
    }
  }

  /** Runs a jar's job; returns the job's id. */
  String run(String jar, String mainClass, List<String> arguments) {
    Map<String, Object> body = Map.of("entryClass", mainClass, "programArgsList", arguments);
    return asked(
            request("/jars/" + jar + "/run")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(json(body))),
            "Submitting the job")
        .path("jobid")
        .asText();
  }

  /** A job's state, such as RUNNING; empty if the cluster does not know it. */
  Optional<String> state(String job) {
    return found(request("/jobs/" + job).GET(), "Asking for the job")
        .map(answer -> answer.path("state").asText());
  }

  /** What a failed job says of its failure, in a line. */
  String failure(String job) {
    return found(request("/jobs/" + job + "/exceptions").GET(), "Asking for the job's failure")
        .map(answer -> answer.path("root-exception").asText(""))
        .filter(text -> !text.isEmpty())
        .map(FlinkRest::cause)
        .orElse("no reason given");
  }

  /** The jobs of a name that have not ended. */
  List<String> running(String name) {
    var ids = new ArrayList<String>();
    for (JsonNode job : asked(request("/jobs/overview").GET(), "Listing jobs").path("jobs")) {
      boolean ended = ENDED.contains(job.path("state").asText());
      if (job.path("name").asText().equals(name) && !ended) {
        ids.add(job.path("jid").asText());
      }
    }
    return ids;
  }

  /** Cancels a job; nothing happens if it has ended. */
  void cancel(String job) {
    var _ =
        found(
            request("/jobs/" + job + "?mode=cancel").method("PATCH", BodyPublishers.noBody()),
            "Cancelling the job");
  }

  /** Removes an uploaded jar. */
  void remove(String jar) {
    var _ = found(request("/jars/" + jar).DELETE(), "Removing the job's jar");
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(url + path)).timeout(TIMEOUT);
  }

  private JsonNode asked(HttpRequest.Builder request, String what) {
    return found(request, what)
        .orElseThrow(
            () ->
                new MigrationException(
                    ErrorCode.CLUSTER_FAILED,
                    what + ": " + url + " does not offer it (web.submit.enable?)"));
  }

  private Optional<JsonNode> found(HttpRequest.Builder request, String what) {
    try {
      HttpResponse<String> answer =
          client.send(request.build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
      if (answer.statusCode() == NOT_FOUND) {
        return Optional.empty();
      }
      if (answer.statusCode() >= FIRST_ERROR) {
        throw new MigrationException(
            answer.statusCode() >= 500 ? ErrorCode.CLUSTER_UNREACHABLE : ErrorCode.CLUSTER_FAILED,
            what + ": Flink answers " + answer.statusCode() + ": " + reason(answer.body()));
      }
      return Optional.of(JSON.readTree(answer.body().isEmpty() ? "{}" : answer.body()));
    } catch (JsonProcessingException e) {
      throw new MigrationException(
          ErrorCode.CLUSTER_FAILED, what + ": " + url + " is no JobManager of Flink", e);
    } catch (IOException e) {
      throw new MigrationException(
          ErrorCode.CLUSTER_UNREACHABLE,
          what + ": nothing answers at " + url + " (" + e.getClass().getSimpleName() + ")",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationException(ErrorCode.INTERRUPTED, what + " was interrupted", e);
    }
  }

  /** The last cause of a stack trace in Flink's answer: the first lines only tell of handlers. */
  private static String reason(String body) {
    String text = body;
    try {
      JsonNode errors = JSON.readTree(body).path("errors");
      if (errors.isArray() && !errors.isEmpty()) {
        text = errors.get(errors.size() - 1).asText();
      }
    } catch (JsonProcessingException e) {
      text = body;
    }
    return cause(text);
  }

  /** The last cause of a stack trace, or its first line. */
  private static String cause(String trace) {
    String cause =
        trace
            .lines()
            .filter(line -> line.startsWith("Caused by: "))
            .reduce((_, last) -> last)
            .orElseGet(() -> trace.lines().findFirst().orElse("no reason given"));
    return cause.substring(0, Math.min(LONGEST_MESSAGE, cause.length()));
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new MigrationException(ErrorCode.INTERNAL, "Cannot write a request", e);
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
