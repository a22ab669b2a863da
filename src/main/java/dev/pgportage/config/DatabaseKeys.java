package dev.pgportage.config;

import java.util.List;
import java.util.Optional;

/**
 * A database written as keys, {@code url} and the parameters of its login, instead of one URL: made
 * into that URL.
 */
final class DatabaseKeys {
  private static final String URL = "url";
  private static final List<String> ALLOWED = List.of(URL, "secret", "auth", "region");

  private final String setting;
  private final Problems problems;

  DatabaseKeys(String setting, Problems problems) {
    this.setting = setting;
    this.problems = problems;
  }

  /** The URL with its parameters; empty, with problems, if the keys are not right. */
  Optional<YamlNode.Text> read(YamlNode.Keys keys) {
    int before = problems.errors().size();
    String url = "";
    var parameters = new StringBuilder();
    for (YamlNode.Entry entry : keys.entries()) {
      String key = setting + "." + entry.key();
      if (!ALLOWED.contains(entry.key())) {
        problems.error(
            entry.place(),
            key,
            "this key is not known",
            Suggestion.forWord(entry.key(), ALLOWED, "allowed: " + String.join(", ", ALLOWED)));
      } else if (!(entry.value() instanceof YamlNode.Text text)) {
        problems.error(entry.place(), key, "is no text", "one text");
      } else if (entry.key().equals(URL)) {
        url = text.text().strip();
      } else {
        parameters.append('&').append(entry.key()).append('=').append(encoded(text.text().strip()));
      }
    }
    if (url.isEmpty()) {
      problems.error(
          keys.place(), setting + "." + URL, "is missing", "postgresql://user@host:5432/database");
    } else if (!parameters.isEmpty() && !url.contains("://")) {
      problems.error(
          keys.place(),
          setting + "." + URL,
          "is no URL that parameters could be added to",
          "postgresql://user@host:5432/database");
    }
    if (problems.errors().size() > before) {
      return Optional.empty();
    }
    String all =
        url.contains("?") || parameters.isEmpty()
            ? url + parameters
            : url + "?" + parameters.substring(1);
    return Optional.of(new YamlNode.Text(keys.place(), all));
  }

  /** What would end a parameter in a URL; a placeholder stays one. */
  private static String encoded(String value) {
    return value.replace("%", "%25").replace("&", "%26");
  }
}
