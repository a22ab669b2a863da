package dev.pgportage.cli;

/** How words are made to stand out on a terminal; plain text where there is none. */
record Style(boolean escapes) {
  private static final char ESCAPE = '\u001b';

  static Style ansi() {
    return new Style(true);
  }

  static Style plain() {
    return new Style(false);
  }

  String bold(String text) {
    return with("1", text);
  }

  String red(String text) {
    return with("31;1", text);
  }

  String yellow(String text) {
    return with("33", text);
  }

  String green(String text) {
    return with("32", text);
  }

  String dim(String text) {
    return with("2", text);
  }

  private String with(String code, String text) {
    return escapes ? ESCAPE + "[" + code + "m" + text + ESCAPE + "[0m" : text;
  }
}
