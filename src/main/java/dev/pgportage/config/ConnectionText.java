package dev.pgportage.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Takes a connection URL or a {@code key=value} string apart into libpq's keywords, as in the
 * PostgreSQL manual, "Connection Strings". Values still hold their placeholders.
 */
final class ConnectionText {
  private static final String ENCODE =
      "in user, password and names write @ as %40, / as %2F, : as %3A, ? as %3F, # as %23, % as %25";

  /** What is wrong with the text; never quotes it, since it may hold a password. */
  static final class Malformed extends Exception {
    private final String advice;

    Malformed(String what, String advice) {
      super(what, null, false, false);
      this.advice = advice;
    }

    String what() {
      return String.valueOf(getMessage());
    }

    String advice() {
      return advice;
    }
  }

  private final UnaryOperator<String> urlValue;
  private final UnaryOperator<String> plainValue;
  private final Map<String, String> parameters = new LinkedHashMap<>();

  private ConnectionText(UnaryOperator<String> urlValue, UnaryOperator<String> plainValue) {
    this.urlValue = urlValue;
    this.plainValue = plainValue;
  }

  /**
   * The keywords and values in a text.
   *
   * @param urlValue makes a value of a part of a URL: decodes it
   * @param plainValue makes a value of a part of a {@code key=value} string
   */
  static Map<String, String> parse(
      String text, UnaryOperator<String> urlValue, UnaryOperator<String> plainValue)
      throws Malformed {
    var parser = new ConnectionText(urlValue, plainValue);
    if (text.startsWith("postgresql://") || text.startsWith("postgres://")) {
      parser.url(text.substring(text.indexOf("://") + 3));
    } else if (text.contains("://")) {
      String scheme = text.substring(0, text.indexOf("://"));
      throw new Malformed(
          scheme.startsWith("jdbc:")
              ? "this is a JDBC URL"
              : "the URL's scheme is not PostgreSQL's",
          "postgresql://user@host:5432/database");
    } else if (text.contains("=")) {
      parser.conninfo(text);
    } else {
      throw new Malformed(
          "this is no connection URL", "postgresql://user@host:5432/database, or key=value pairs");
    }
    return parser.parameters;
  }

  private void url(String rest) throws Malformed {
    int question = rest.indexOf('?');
    String query = question < 0 ? "" : rest.substring(question + 1);
    String head = question < 0 ? rest : rest.substring(0, question);
    int slash = head.indexOf('/');
    String authority = slash < 0 ? head : head.substring(0, slash);
    if (authority.indexOf('@') != authority.lastIndexOf('@')
        || (authority.indexOf('@') < 0 && rest.indexOf('@') >= 0)) {
      throw new Malformed("user or password hold a character that must be encoded", ENCODE);
    }
    int at = authority.indexOf('@');
    if (at >= 0) {
      user(authority.substring(0, at));
    }
    host(authority.substring(at + 1));
    if (slash >= 0) {
      putUrl("dbname", head.substring(slash + 1));
    }
    query(query);
  }

  private void user(String userInfo) throws Malformed {
    int colon = userInfo.indexOf(':');
    putUrl("user", colon < 0 ? userInfo : userInfo.substring(0, colon));
    if (colon >= 0) {
      putUrl("password", userInfo.substring(colon + 1));
    }
  }

  private void host(String hostPort) throws Malformed {
    if (hostPort.contains(",")) {
      throw new Malformed(
          "several hosts are named", "name one: the primary, or the cluster's writer endpoint");
    }
    int afterHost = 0;
    if (hostPort.startsWith("[")) {
      int close = hostPort.indexOf(']');
      if (close < 0) {
        throw new Malformed("an IPv6 address is not closed", "[2001:db8::1]:5432");
      }
      parameters.put("host", hostPort.substring(1, close));
      afterHost = close + 1;
      if (afterHost < hostPort.length() && hostPort.charAt(afterHost) != ':') {
        throw new Malformed("only :port may follow an IPv6 address", "[2001:db8::1]:5432");
      }
    }
    int colon = hostPort.indexOf(':', afterHost);
    if (colon != hostPort.lastIndexOf(':') && afterHost == 0) {
      throw new Malformed(
          "the host holds more than one colon", "an IPv6 address stands in brackets; " + ENCODE);
    }
    if (afterHost == 0) {
      putUrl("host", colon < 0 ? hostPort : hostPort.substring(0, colon));
    }
    if (colon >= 0) {
      putUrl("port", hostPort.substring(colon + 1));
    }
  }

  private void query(String query) throws Malformed {
    for (String pair : query.isEmpty() ? new String[0] : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals < 1) {
        throw new Malformed(
            "a parameter after the ? has no name or no value", "?sslmode=verify-full");
      }
      String name = urlValue.apply(pair.substring(0, equals));
      if (name.equals("ssl") && pair.endsWith("=true")) {
        put("sslmode", "require");
      } else {
        putUrl(name, pair.substring(equals + 1));
      }
    }
  }

  private void putUrl(String name, String raw) throws Malformed {
    if (!raw.isEmpty()) {
      put(name, urlValue.apply(raw));
    }
  }

  private void put(String name, String value) throws Malformed {
    if (parameters.putIfAbsent(name, value) != null) {
      throw new Malformed(named(name) + " is given twice", "");
    }
  }

  /** A parameter's name for messages; what does not look like one may be part of a password. */
  static String named(String name) {
    return name.matches("[A-Za-z_]{1,40}") ? name : "a parameter";
  }

  private void conninfo(String text) throws Malformed {
    int at = skipSpace(text, 0);
    while (at < text.length()) {
      int equals = text.indexOf('=', at);
      String name = equals < 0 ? "" : text.substring(at, equals).strip();
      if (name.isEmpty() || name.chars().anyMatch(Character::isWhitespace)) {
        throw new Malformed(
            "not every word is key=value", "host=… port=… dbname=… user=…; quote spaces with ''");
      }
      at = value(text, skipSpace(text, equals + 1), name);
      at = skipSpace(text, at);
    }
  }

  private int value(String text, int start, String name) throws Malformed {
    boolean quoted = start < text.length() && text.charAt(start) == '\'';
    var value = new StringBuilder();
    int at = quoted ? start + 1 : start;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (quoted ? c == '\'' : Character.isWhitespace(c)) {
        break;
      }
      if (c == '\\' && at + 1 < text.length()) {
        c = text.charAt(++at);
      }
      value.append(c);
      at++;
    }
    if (quoted && at >= text.length()) {
      throw new Malformed("a ' is not closed", "");
    }
    if (!value.isEmpty()) {
      put(name, plainValue.apply(value.toString()));
    }
    return quoted ? at + 1 : at;
  }

  private static int skipSpace(String text, int from) {
    int at = from;
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    return at;
  }
}
