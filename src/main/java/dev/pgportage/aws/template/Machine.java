package dev.pgportage.aws.template;

import java.util.LinkedHashMap;
import java.util.Map;

/** A state machine as it grows: its states by name, the first one added is where it starts. */
final class Machine {
  private static final int LONGEST_SECONDS = 360 * 24 * 3600;

  private final Map<String, Object> states = new LinkedHashMap<>();

  Machine add(String name, State state) {
    if (states.put(name, state.body()) != null) {
      throw new IllegalArgumentException("A state twice: " + name);
    }
    return this;
  }

  /** All of it, with an end for an execution that never ends by itself. */
  Map<String, Object> definition(String comment) {
    return Json.joined(
        Json.object("Comment", comment, "TimeoutSeconds", LONGEST_SECONDS), branch());
  }

  /** As a branch of a parallel state, or the inside of a map. */
  Map<String, Object> branch() {
    return Json.object("StartAt", states.keySet().iterator().next(), "States", states);
  }
}
