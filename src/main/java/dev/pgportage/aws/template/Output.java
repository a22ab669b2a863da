package dev.pgportage.aws.template;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a finished stack tells: a name and a value. */
record Output(String name, String description, Object value, @Nullable String condition) {
  static Output of(String name, String description, Object value) {
    return new Output(name, description, value, null);
  }

  Output when(String onlyIf) {
    return new Output(name, description, value, onlyIf);
  }

  Map<String, Object> body() {
    Map<String, Object> body = Json.object("Description", description, "Value", value);
    return condition == null ? body : Json.joined(Json.object("Condition", condition), body);
  }
}
