package dev.pgportage.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.state.EventLog;
import dev.pgportage.state.RequestKind;
import dev.pgportage.telemetry.Event;
import dev.pgportage.workflow.ReportJson;
import dev.pgportage.workflow.RequestDesk;
import java.net.URLDecoder;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The answers below {@code /api/v1}, as openapi.yaml describes them. Thread-safe. */
final class Api {
  private static final JsonMapper READER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
  private static final int PAGE = 100;
  private static final int MOST_EVENTS = 500;

  /** What is confirmed by the migration's name. */
  private static final Set<RequestKind> GRAVE =
      Set.of(RequestKind.CUTOVER, RequestKind.ROLLBACK, RequestKind.ABANDON);

  private final String migration;
  private final Board board;
  private final RequestDesk desk;

  Api(String migration, Board board, RequestDesk desk) {
    this.migration = migration;
    this.board = board;
    this.desk = desk;
  }

  /** An event with its number. */
  record Entry(long id, Instant at, Event.Level level, String kind, String message) {}

  /** Events as they are answered. */
  record Events(List<Entry> events) {}

  static Events events(List<EventLog.Entry> entries) {
    return new Events(
        entries.stream()
            .map(
                entry ->
                    new Entry(
                        entry.id(),
                        entry.event().at(),
                        entry.event().level(),
                        entry.event().kind(),
                        entry.event().message()))
            .toList());
  }

  /** A request as it is answered. */
  record Asked(
      long id,
      RequestKind kind,
      RequestDesk.Stage stage,
      @Nullable JsonNode outcome,
      Reply.Problem.@Nullable Fault error) {}

  /** Answers what is only read. */
  Optional<Reply> get(String path, @Nullable String query) {
    Map<String, String> given = parameters(query);
    return switch (path) {
      case "/api/v1/overview" -> Optional.of(new Reply(200, Reply.JSON, board.overview()));
      case "/api/v1/status" -> Optional.of(status());
      case "/api/v1/tables" -> Optional.of(Reply.json(board.tables(query(given))));
      case "/api/v1/samples" -> Optional.of(Reply.json(Map.of("samples", board.samples())));
      case "/api/v1/events" ->
          Optional.of(
              Reply.json(
                  events(
                      board.events(
                          number(given, "after", 0),
                          Math.clamp(number(given, "limit", PAGE), 1, MOST_EVENTS)))));
      case "/api/v1/openapi.yaml" ->
          Optional.of(new Reply(200, "application/yaml", Assets.bytes("openapi.yaml")));
      default ->
          path.matches("/api/v1/requests/\\d{1,18}")
              ? Optional.of(request(Long.parseLong(path.substring(path.lastIndexOf('/') + 1))))
              : Optional.empty();
    };
  }

  private Reply status() {
    return board
        .report()
        .map(Reply::json)
        .orElseThrow(
            () -> new Refusal(404, "MIGRATION_UNKNOWN", "The migration has no state yet."));
  }

  private Reply request(long id) {
    try {
      return Reply.json(asked(desk.look(id)));
    } catch (java.util.NoSuchElementException e) {
      throw new Refusal(404, "NOT_FOUND", "There is no such request.");
    }
  }

  private static Asked asked(RequestDesk.Answer answer) {
    return new Asked(
        answer.id(),
        answer.kind(),
        answer.stage(),
        answer.outcome().map(Api::inOurForm).orElse(null),
        answer
            .error()
            .map(e -> new Reply.Problem.Fault(e.code().toString(), e.what(), e.remedy()))
            .orElse(null));
  }

  /** The state keeps outcomes under the names of their records. */
  private static JsonNode inOurForm(String outcome) {
    try {
      JsonNode tree = READER.readTree(outcome);
      var renamed = ReportJson.mapper().createObjectNode();
      tree.properties()
          .forEach(
              field ->
                  renamed.set(
                      field
                          .getKey()
                          .replaceAll("([A-Z])", "_$1")
                          .toLowerCase(java.util.Locale.ROOT),
                      field.getValue()));
      return renamed;
    } catch (JsonProcessingException e) {
      throw new MigrationException(ErrorCode.STATE_NEWER, "An outcome cannot be read", e);
    }
  }

  /** Posts a request to the process that runs the migration. */
  Reply post(byte[] body) {
    JsonNode asked = json(body);
    RequestKind kind = kind(asked.path("kind").asText());
    if (GRAVE.contains(kind) && !asked.path("confirm").asText().equals(migration)) {
      throw new Refusal(
          422, "NOT_CONFIRMED", "This is confirmed by the migration's name in 'confirm'.");
    }
    return Reply.json(202, Map.of("id", desk.post(kind), "kind", kind.label()));
  }

  private static JsonNode json(byte[] body) {
    try {
      JsonNode node = READER.readTree(body);
      if (node != null && node.isObject()) {
        return node;
      }
    } catch (java.io.IOException e) {
      throw new Refusal(400, "BAD_JSON", "The content is not JSON.");
    }
    throw new Refusal(400, "BAD_JSON", "The content is no JSON object.");
  }

  private static RequestKind kind(String word) {
    return RequestDesk.kinds().stream()
        .filter(kind -> kind.label().equals(word))
        .findFirst()
        .orElseThrow(
            () -> new Refusal(422, "UNKNOWN_KIND", "Nothing of that kind can be asked here."));
  }

  private static TableList.Query query(Map<String, String> given) {
    return new TableList.Query(
        given.getOrDefault("text", ""),
        given.getOrDefault("filter", "all"),
        given.getOrDefault("sort", "name"),
        Math.clamp(number(given, "offset", 0), 0, Integer.MAX_VALUE),
        Math.clamp(number(given, "limit", PAGE), 1, Integer.MAX_VALUE));
  }

  private static long number(Map<String, String> given, String name, long usual) {
    String text = given.get(name);
    if (text == null) {
      return usual;
    }
    if (!text.matches("\\d{1,18}")) {
      throw new Refusal(400, "BAD_QUERY", "A number in the query is none.");
    }
    return Long.parseLong(text);
  }

  private static Map<String, String> parameters(@Nullable String query) {
    var parameters = new HashMap<String, String>();
    if (query != null) {
      for (String pair : query.split("&", -1)) {
        String[] parts = pair.split("=", 2);
        try {
          parameters.put(parts[0], parts.length < 2 ? "" : URLDecoder.decode(parts[1], UTF_8));
        } catch (IllegalArgumentException e) {
          throw new Refusal(400, "BAD_QUERY", "The query cannot be read.");
        }
      }
    }
    return parameters;
  }
}
