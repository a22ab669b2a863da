package dev.pgportage.bench;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the command line asks for.
 *
 * @param values options by their names, without the dashes
 */
record BenchOptions(Map<String, String> values) {
  /** Reads {@code --name=value} and {@code --name}. */
  static BenchOptions parse(List<String> arguments) {
    var values = new HashMap<String, String>();
    for (String argument : arguments) {
      if (!argument.startsWith("--")) {
        throw new IllegalArgumentException("Not an option: " + argument);
      }
      int equals = argument.indexOf('=');
      values.put(
          equals < 0 ? argument.substring(2) : argument.substring(2, equals),
          equals < 0 ? "true" : argument.substring(equals + 1));
    }
    return new BenchOptions(values);
  }

  String text(String name, String otherwise) {
    return values.getOrDefault(name, otherwise);
  }

  int number(String name, int otherwise) {
    return values.containsKey(name) ? Integer.parseInt(values.get(name)) : otherwise;
  }

  /** Whether a mover is to be measured: all are, unless {@code --only=} names some. */
  boolean wants(String mover) {
    return !values.containsKey("only") || List.of(values.get("only").split(",", -1)).contains(mover);
  }

  boolean has(String name) {
    return values.containsKey(name);
  }
}
