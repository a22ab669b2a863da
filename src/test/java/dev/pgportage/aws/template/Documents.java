package dev.pgportage.aws.template;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.regex.Pattern;

/** Reads what rendered templates hold inside their texts. */
final class Documents {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern BARE =
      Pattern.compile("(?<=\":\\s?|[\\[,]\\s?)\\$\\{\\w+}(?=\\s*[,}\\]])");

  private Documents() {}

  /** The template with every text that is a JSON document written in one way. */
  static JsonNode expanded(JsonNode node) {
    return switch (node) {
      case ObjectNode map when map.path("Fn::Sub").isArray() -> substitution(map);
      case ObjectNode map -> {
        var copy = JSON.createObjectNode();
        map.properties().forEach(each -> copy.set(each.getKey(), expanded(each.getValue())));
        yield copy;
      }
      case ArrayNode list -> {
        var copy = JSON.createArrayNode();
        list.forEach(each -> copy.add(expanded(each)));
        yield copy;
      }
      case TextNode text when text.textValue().startsWith("{") -> document(text);
      default ->
          node.isIntegralNumber() ? JSON.getNodeFactory().numberNode(node.longValue()) : node;
    };
  }

  /** Without the variables that only abbreviate. */
  private static JsonNode substitution(ObjectNode map) {
    String text = map.get("Fn::Sub").get(0).textValue();
    var others = JSON.createObjectNode();
    for (var variable : map.get("Fn::Sub").get(1).properties()) {
      JsonNode value = variable.getValue();
      boolean abbreviates = variable.getKey().matches("[a-zA-Z][0-9]?");
      if (abbreviates || value.isTextual()) {
        String meant = value.isTextual() ? value.textValue() : value.get("Fn::Sub").textValue();
        text = text.replace("${" + variable.getKey() + "}", meant);
      } else {
        others.set(variable.getKey(), expanded(value));
      }
    }
    JsonNode content = expanded(TextNode.valueOf(text));
    if (others.isEmpty()) {
      return text.contains("${") ? JSON.createObjectNode().set("Fn::Sub", content) : content;
    }
    return JSON.createObjectNode().set("Fn::Sub", JSON.createArrayNode().add(content).add(others));
  }

  private static JsonNode document(TextNode text) {
    try {
      String quoted =
          BARE.matcher(text.textValue()).replaceAll(bare -> "\"\\" + bare.group() + "\"");
      return JSON.readTree(quoted);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Not JSON: " + text, e);
    }
  }
}
