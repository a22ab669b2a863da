package dev.pgportage.schema;

import dev.pgportage.pg.QualifiedName;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A {@code schema.name} pattern of the filters: {@code *} stands for any characters, and within
 * double quotes every character, dots and stars too, stands for itself ({@code ""} for a quote).
 * Names are taken as the catalog has them, capital letters included.
 */
final class NamePattern {
  private final String text;
  private final Pattern schema;
  private final Pattern name;

  private NamePattern(String text, String schema, String name) {
    this.text = text;
    this.schema = Pattern.compile(schema, Pattern.DOTALL);
    this.name = Pattern.compile(name, Pattern.DOTALL);
  }

  /** Reads a pattern; empty if it is not one. */
  static Optional<NamePattern> parse(String text) {
    var parts = new StringBuilder[] {new StringBuilder(), new StringBuilder()};
    int part = 0;
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' && quoted && i + 1 < text.length() && text.charAt(i + 1) == '"') {
        parts[part].append(Pattern.quote("\""));
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == '.' && !quoted) {
        if (++part == parts.length) {
          return Optional.empty();
        }
      } else if (c == '*' && !quoted) {
        parts[part].append(".*");
      } else {
        parts[part].append(Pattern.quote(String.valueOf(c)));
      }
    }
    boolean whole = !quoted && part == 1 && !parts[0].isEmpty() && !parts[1].isEmpty();
    return whole
        ? Optional.of(new NamePattern(text, parts[0].toString(), parts[1].toString()))
        : Optional.empty();
  }

  boolean matches(QualifiedName object) {
    return schema.matcher(object.schema()).matches() && name.matcher(object.name()).matches();
  }

  @Override
  public String toString() {
    return text;
  }
}
