package dev.pgportage.aws.template;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Builds the plain values templates and state machines consist of: maps in their order, lists,
 * text, numbers, booleans, and {@link Intrinsic}s among them.
 */
final class Json {
  private static final JsonMapper LENIENT =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES, JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
          .build();

  private Json() {}

  /** A map of alternating keys and values. */
  static Map<String, Object> object(Object... pairs) {
    if (pairs.length % 2 != 0) {
      throw new IllegalArgumentException("A key without a value: " + pairs[pairs.length - 1]);
    }
    var map = new LinkedHashMap<String, Object>();
    for (int i = 0; i < pairs.length; i += 2) {
      if (map.put((String) pairs[i], pairs[i + 1]) != null) {
        throw new IllegalArgumentException("A key twice: " + pairs[i]);
      }
    }
    return map;
  }

  /** Both maps' entries, the second's after the first's. */
  static Map<String, Object> joined(Map<String, ?> first, Map<String, ?> second) {
    var map = new LinkedHashMap<String, Object>(first);
    second.forEach(
        (key, value) -> {
          if (map.put(key, value) != null) {
            throw new IllegalArgumentException("A key twice: " + key);
          }
        });
    return map;
  }

  /**
   * A constant, in JSON whose names need no quotes and whose texts may stand in single ones.
   *
   * @throws IllegalArgumentException if it is not a map
   */
  static Map<String, Object> parse(String text) {
    try {
      return LENIENT.readValue(text, new TypeReference<LinkedHashMap<String, Object>>() {});
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Not a map: " + text, e);
    }
  }
}
