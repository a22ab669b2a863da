package dev.pgportage.config;

import dev.pgportage.config.ConnectionText.Malformed;
import dev.pgportage.config.Problem.Place;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.pg.Secret;
import dev.pgportage.pg.Side;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads one database's connection URL, or {@code key=value} string, into an endpoint, with libpq's
 * rules for URLs, services and pass files. Nothing it says quotes a password.
 */
final class ConnectionUrl {
  static final int DEFAULT_PORT = 5432;
  static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final int MAX_PORT = 65535;
  private static final int MAX_CONNECT_TIMEOUT = 600;
  private static final String EXAMPLE = "postgresql://user@host:5432/database";

  private final Side side;
  private final Place place;
  private final Environment environment;
  private final Problems problems;
  private Map<String, String> parameters = Map.of();

  ConnectionUrl(Side side, Place place, Environment environment, Problems problems) {
    this.side = side;
    this.place = place;
    this.environment = environment;
    this.problems = problems;
  }

  /** The variable of the environment that holds a side's password. */
  static String passwordVariable(Side side) {
    return "PGPORTAGE_" + side.name() + "_PASSWORD";
  }

  /** The endpoint a text names; empty, with problems, if it names none. */
  Optional<Endpoint> read(String text) {
    int before = problems.errors().size();
    Map<String, String> given = parse(text);
    if (problems.errors().size() > before) {
      return Optional.empty();
    }
    warnOfPassword(text);
    parameters = withService(given);
    ConnectionParameter.check(parameters.keySet(), this::error, this::warning);
    String host = host();
    int port = port();
    String database = required("dbname", "database");
    String user = required("user", "user");
    Endpoint.Tls tls =
        new TlsSettings(parameters, environment, this::error, this::warning).read(host);
    Duration timeout = connectTimeout();
    if (problems.errors().size() > before) {
      return Optional.empty();
    }
    var login = new VaultLogin(parameters, environment.vault(), this::error);
    Secret password =
        login.isAskedFor()
            ? login.password(host, port, user, tls)
            : password(host, port, database, user);
    return problems.errors().size() > before
        ? Optional.empty()
        : Optional.of(new Endpoint(side, host, port, database, user, password, tls, timeout));
  }

  /**
   * The same URL without its password; as it is, if it holds none in clear.
   *
   * @throws Malformed if it is no URL
   */
  static String withoutPassword(String text) throws Malformed {
    Map<String, String> raw = rawParameters(text);
    if (!raw.containsKey("password") || Placeholders.isIn(raw.get("password"))) {
      return text;
    }
    // Parts of a URL are encoded already; what was a key=value string has to be.
    UnaryOperator<String> encode =
        text.contains("://")
            ? part -> part
            : part -> URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
    var rest = new LinkedHashMap<>(raw);
    rest.remove("password");
    String user = part(rest, "user", encode);
    String host = part(rest, "host", part -> part);
    String port = part(rest, "port", encode);
    String database = part(rest, "dbname", encode);
    String query =
        rest.entrySet().stream()
            .map(entry -> entry.getKey() + "=" + encode.apply(entry.getValue()))
            .collect(Collectors.joining("&"));
    return "postgresql://"
        + (user.isEmpty() ? "" : user + "@")
        + Endpoint.bracketed(host)
        + (port.isEmpty() ? "" : ":" + port)
        + (database.isEmpty() ? "" : "/" + database)
        + (query.isEmpty() ? "" : "?" + query);
  }

  private static String part(Map<String, String> parts, String name, UnaryOperator<String> encode) {
    String value = parts.remove(name);
    return value == null ? "" : encode.apply(value);
  }

  private static Map<String, String> rawParameters(String text) throws Malformed {
    if (Placeholders.isWhole(text)) {
      return Map.of();
    }
    return ConnectionText.parse(text, part -> part, part -> part);
  }

  private Map<String, String> parse(String text) {
    var placeholders = new Placeholders(environment, place, side.toString(), problems);
    try {
      if (Placeholders.isWhole(text)) {
        String url = placeholders.replace(text);
        var literal = new Placeholders(environment, place, side.toString(), problems);
        return url.isEmpty() ? Map.of() : ConnectionText.parse(url, literal::decode, part -> part);
      }
      return ConnectionText.parse(text, placeholders::decode, placeholders::replace);
    } catch (Malformed e) {
      error(e.what(), e.advice());
      return Map.of();
    }
  }

  private void warnOfPassword(String text) {
    try {
      String password = rawParameters(text).get("password");
      if (password != null && !Placeholders.isIn(password)) {
        warning(
            "the password stands here in clear",
            "better: leave it out and set "
                + passwordVariable(side)
                + ", or use a pass file, or write ${VARIABLE}");
      }
    } catch (Malformed e) {
      // The text was parsed before with the same rules.
      throw new IllegalStateException(e);
    }
  }

  private Map<String, String> withService(Map<String, String> given) {
    String service = given.get("service");
    if (service == null) {
      return given;
    }
    List<Path> places = ServiceFile.places(environment).toList();
    for (Path file : places) {
      try {
        Optional<Map<String, String>> found = ServiceFile.find(service, file);
        if (found.isPresent()) {
          var all = new LinkedHashMap<>(found.get());
          all.putAll(given);
          all.remove("service");
          if (found.get().containsKey("service")) {
            error("service " + service + " names another service", "write its parameters there");
          }
          return all;
        }
      } catch (IOException e) {
        error("service file " + file + " cannot be read", "lines of key=value below [service]");
      }
    }
    error(
        "no service " + service + " found",
        "looked in " + places.stream().map(Path::toString).collect(Collectors.joining(", ")));
    return given;
  }

  private String host() {
    String host = required("host", "host");
    if (host.startsWith("/") || host.startsWith("@")) {
      error("Unix sockets cannot be used", "name a host, such as localhost");
    } else if (host.contains(",")) {
      error("several hosts are named", "name one: the primary, or the cluster's writer endpoint");
    } else if (!host.isEmpty() && !host.matches("[A-Za-z0-9._:%-]+")) {
      error("the host's name holds a character no host's name has", EXAMPLE);
    }
    return host;
  }

  private int port() {
    String port = parameters.get("port");
    if (port == null) {
      return DEFAULT_PORT;
    }
    int number = number(port);
    if (number < 1 || number > MAX_PORT) {
      error("the port is not a number from 1 to 65535", EXAMPLE);
      return DEFAULT_PORT;
    }
    return number;
  }

  private Duration connectTimeout() {
    String text = parameters.get("connect_timeout");
    if (text == null) {
      return DEFAULT_CONNECT_TIMEOUT;
    }
    int seconds = number(text);
    if (seconds < 1 || seconds > MAX_CONNECT_TIMEOUT) {
      error("connect_timeout is not a number of seconds from 1 to 600", "connect_timeout=10");
      return DEFAULT_CONNECT_TIMEOUT;
    }
    return Duration.ofSeconds(seconds);
  }

  private static int number(String text) {
    return text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : -1;
  }

  private String required(String keyword, String word) {
    String value = parameters.getOrDefault(keyword, "");
    if (value.isEmpty()) {
      error("the " + word + " is missing", EXAMPLE);
    }
    return value;
  }

  private @Nullable Secret password(String host, int port, String database, String user) {
    String given = parameters.get("password");
    if (given != null) {
      return new Secret(given);
    }
    Optional<String> variable = environment.variable(passwordVariable(side));
    return variable
        .or(() -> fromPassFile(host, port, database, user))
        .map(Secret::new)
        .orElse(null);
  }

  private Optional<String> fromPassFile(String host, int port, String database, String user) {
    Optional<String> named =
        Optional.ofNullable(parameters.get("passfile"))
            .or(() -> environment.variable("PGPASSFILE"));
    Path path = named.map(environment::path).orElse(environment.home().resolve(".pgpass"));
    if (named.isEmpty() && !Files.exists(path)) {
      return Optional.empty();
    }
    var file = new PassFile(path);
    Optional<String> objection = file.objection();
    if (objection.isPresent()) {
      warning("the pass file " + path + " " + objection.get(), "it is not used");
      return Optional.empty();
    }
    try {
      return file.find(host, port, database, user);
    } catch (IOException e) {
      warning("the pass file " + path + " cannot be read as text", "it is not used");
      return Optional.empty();
    }
  }

  private void error(String what, String allowed) {
    problems.error(place, side.toString(), what, allowed);
  }

  private void warning(String what, String advice) {
    problems.warning(place, side.toString(), what, advice);
  }
}
