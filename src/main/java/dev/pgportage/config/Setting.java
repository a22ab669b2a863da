package dev.pgportage.config;

import java.util.Optional;

/**
 * One key of the file: the only place that says its name, what it takes, its default and what it
 * means. Parser, template and reference are made from it.
 *
 * @param key its path, such as {@code load.workers}
 * @param kind what it takes
 * @param defaultText the default as it would be written; empty if there is none, in which case
 *     {@code whenAbsent} says what happens
 * @param whenAbsent what holds without it, for people
 * @param meaning what it is for, one sentence or more
 * @param fixed whether it must stay as it is once the migration has begun
 */
record Setting<T>(
    String key,
    Kind<T> kind,
    Optional<String> defaultText,
    String whenAbsent,
    String meaning,
    boolean fixed) {

  static <T> Setting<T> of(String key, Kind<T> kind, String defaultText, String meaning) {
    return new Setting<>(key, kind, Optional.of(defaultText), defaultText, meaning, false);
  }

  static <T> Setting<T> absent(String key, Kind<T> kind, String whenAbsent, String meaning) {
    return new Setting<>(key, kind, Optional.empty(), whenAbsent, meaning, false);
  }

  /** The same setting, which must not change once the migration has begun. */
  Setting<T> asFixed() {
    return new Setting<>(key, kind, defaultText, whenAbsent, meaning, true);
  }

  /** Whether it names one of the two databases, which may be written as keys too. */
  boolean isDatabase() {
    return key.equals("source") || key.equals("target");
  }

  /** The section it stands in; empty for the top. */
  String section() {
    int dot = key.indexOf('.');
    return dot < 0 ? "" : key.substring(0, dot);
  }

  /** Its name inside its section. */
  String name() {
    return key.substring(key.indexOf('.') + 1);
  }

  /** The value of the default. */
  T defaultValue() {
    return defaultText.flatMap(kind.parser()).orElseThrow();
  }
}
