package dev.pgportage.config;

import dev.pgportage.pg.Endpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection's TLS parameters, as in the PostgreSQL manual, "SSL Support", with a stricter
 * default: {@code verify-full}, but {@code prefer} on loopback, where nobody listens in.
 */
final class TlsSettings {
  private static final List<String> MODES =
      List.of("disable", "prefer", "require", "verify-ca", "verify-full");
  private static final String LOOPBACK_DEFAULT = "prefer";
  private static final String DEFAULT = "verify-full";

  private final Map<String, String> parameters;
  private final Environment environment;
  private final BiConsumer<String, String> error;
  private final BiConsumer<String, String> warning;

  TlsSettings(
      Map<String, String> parameters,
      Environment environment,
      BiConsumer<String, String> error,
      BiConsumer<String, String> warning) {
    this.parameters = parameters;
    this.environment = environment;
    this.error = error;
    this.warning = warning;
  }

  /** The settings for a host. */
  Endpoint.Tls read(String host) {
    boolean loopback = Endpoint.isLoopback(host);
    String mode = parameters.getOrDefault("sslmode", loopback ? LOOPBACK_DEFAULT : DEFAULT);
    if (!MODES.contains(mode)) {
      error.accept(
          "sslmode has a value that is not known",
          Suggestion.forWord(mode, MODES, "allowed: " + String.join(", ", MODES)));
    } else if (!loopback && !mode.startsWith("verify")) {
      warning.accept(
          "sslmode=" + mode + " does not prove who the server is",
          "better: sslmode=verify-full, with sslrootcert if its certificate authority is private");
    }
    checkChannelBinding();
    String root = rootCert(mode);
    String cert = file("sslcert");
    String key = file("sslkey");
    if ((cert == null) != (key == null)) {
      error.accept("sslcert and sslkey go together", "give both or none");
    }
    return new Endpoint.Tls(mode, root, cert, key, direct(mode));
  }

  private @Nullable String rootCert(String mode) {
    String given = parameters.get("sslrootcert");
    if (!"system".equals(given)) {
      return file("sslrootcert");
    }
    if (!mode.equals(DEFAULT)) {
      error.accept("sslrootcert=system needs sslmode=verify-full", "as in libpq");
    }
    return given;
  }

  private @Nullable String file(String parameter) {
    String given = parameters.get(parameter);
    if (given == null) {
      return null;
    }
    Path path = environment.path(given);
    if (!Files.isReadable(path)) {
      error.accept(parameter + " names a file that cannot be read: " + path, "");
    }
    return path.toString();
  }

  private boolean direct(String mode) {
    String given = parameters.getOrDefault("sslnegotiation", "postgres");
    if (!List.of("postgres", "direct").contains(given)) {
      error.accept("sslnegotiation has a value that is not known", "allowed: postgres, direct");
    }
    boolean direct = given.equals("direct");
    if (direct && List.of("disable", "prefer").contains(mode)) {
      error.accept("sslnegotiation=direct needs sslmode=require or stricter", "as in libpq");
    }
    return direct;
  }

  private void checkChannelBinding() {
    String given = parameters.getOrDefault("channel_binding", "prefer");
    if (given.equals("require")) {
      error.accept(
          "channel_binding=require cannot be used",
          "take it out and keep sslmode=verify-full, which proves the server's identity");
    } else if (!List.of("prefer", "disable").contains(given)) {
      error.accept("channel_binding has a value that is not known", "allowed: prefer, disable");
    }
  }
}
