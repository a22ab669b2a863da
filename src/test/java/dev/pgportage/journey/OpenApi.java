package dev.pgportage.journey;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;

/** Compares what a dashboard really answers with what its OpenAPI file says. */
final class OpenApi {
  private final JsonNode file;
  private final List<String> deviations = new ArrayList<>();

  private OpenApi(JsonNode file) {
    this.file = file;
  }

  /** Where answers and the file differ: missing and undeclared fields, and wrong types. */
  static List<String> deviations(String address) throws IOException, InterruptedException {
    HttpClient client = HttpClient.newHttpClient();
    var api = new OpenApi(new YAMLMapper().readTree(get(client, address + "api/v1/openapi.yaml")));
    for (var path : api.file.path("paths").properties()) {
      JsonNode schema =
          path.getValue()
              .path("get")
              .path("responses")
              .path("200")
              .path("content")
              .path("application/json")
              .path("schema");
      if (!schema.isMissingNode()) {
        String real = address + path.getKey().substring(1).replace("{id}", "1");
        api.check(path.getKey(), new JsonMapper().readTree(get(client, real)), schema);
      }
    }
    return api.deviations;
  }

  private static String get(HttpClient client, String url)
      throws IOException, InterruptedException {
    return client
        .send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString())
        .body();
  }

  private void check(String at, JsonNode value, JsonNode given) {
    JsonNode schema = resolved(given);
    if (schema.has("oneOf")) {
      if (!value.isNull()) {
        check(at, value, schema.path("oneOf").path(0));
      }
      return;
    }
    if (!types(schema).contains(type(value))
        && !(type(value).equals("integer") && types(schema).contains("number"))) {
      deviations.add(at + " is " + type(value) + ", not " + types(schema));
      return;
    }
    if (schema.has("enum")
        && StreamSupport.stream(schema.path("enum").spliterator(), false)
            .noneMatch(value::equals)) {
      deviations.add(at + " is " + value);
    }
    for (JsonNode item : value.isArray() ? value : List.<JsonNode>of()) {
      check(at + "[]", item, schema.path("items"));
    }
    if (schema.has("properties")) {
      schema
          .path("required")
          .forEach(
              name -> {
                if (!value.has(name.asText())) {
                  deviations.add(at + " lacks " + name);
                }
              });
      for (var field : value.properties()) {
        JsonNode declared = schema.path("properties").path(field.getKey());
        if (declared.isMissingNode()) {
          deviations.add(at + " has undeclared " + field.getKey());
        } else {
          check(at + "." + field.getKey(), field.getValue(), declared);
        }
      }
    }
  }

  private JsonNode resolved(JsonNode schema) {
    String reference = schema.path("$ref").asText();
    return reference.isEmpty() ? schema : file.at(reference.substring(1));
  }

  private static List<String> types(JsonNode schema) {
    JsonNode type = schema.path("type");
    return type.isArray()
        ? StreamSupport.stream(type.spliterator(), false).map(JsonNode::asText).toList()
        : List.of(type.asText());
  }

  private static String type(JsonNode value) {
    return switch (value.getNodeType()) {
      case NUMBER -> value.isIntegralNumber() ? "integer" : "number";
      case NULL -> "null";
      default -> value.getNodeType().name().toLowerCase(java.util.Locale.ROOT);
    };
  }
}
