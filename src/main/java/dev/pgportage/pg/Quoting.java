package dev.pgportage.pg;

import java.util.Collection;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Quoting of identifiers and literals: the only way names enter SQL text. */
public final class Quoting {
  private static final Pattern PLAIN = Pattern.compile("[a-z_][a-z0-9_$]*");

  private Quoting() {}

  /** An identifier in double quotes, whatever it holds. */
  public static String identifier(String name) {
    requireNoNul(name);
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** An identifier as people read it: in quotes only if it is not plain lower case. */
  public static String identifierIfNeeded(String name) {
    return PLAIN.matcher(name).matches() ? name : identifier(name);
  }

  /** Identifiers in double quotes, separated by commas. */
  public static String identifiers(Collection<String> names) {
    return names.stream().map(Quoting::identifier).collect(Collectors.joining(", "));
  }

  /**
   * A string literal, safe whatever {@code standard_conforming_strings} says: with a backslash it
   * takes the {@code E''} form.
   */
  public static String literal(String text) {
    requireNoNul(text);
    String doubled = text.replace("'", "''");
    return text.indexOf('\\') < 0
        ? "'" + doubled + "'"
        : " E'" + doubled.replace("\\", "\\\\") + "'";
  }

  private static void requireNoNul(String text) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("PostgreSQL text cannot hold a zero byte");
    }
  }
}
