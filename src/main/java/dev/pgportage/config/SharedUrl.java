package dev.pgportage.config;

import dev.pgportage.pg.Endpoint;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A database's URL as it is handed to a process on another machine: never with a password, which
 * that process has in its own environment, and with files by the names they have here.
 */
public final class SharedUrl {
  private SharedUrl() {}

  /** The URL that leads to an endpoint. */
  public static String of(Endpoint endpoint) {
    Map<String, String> parameters = new LinkedHashMap<>();
    Endpoint.Tls tls = endpoint.tls();
    parameters.put("sslmode", tls.mode());
    put(parameters, "sslrootcert", tls.rootCert());
    put(parameters, "sslcert", tls.cert());
    put(parameters, "sslkey", tls.key());
    put(parameters, "sslnegotiation", tls.direct() ? "direct" : null);
    parameters.put("connect_timeout", Long.toString(endpoint.connectTimeout().toSeconds()));
    return "postgresql://"
        + encoded(endpoint.user())
        + "@"
        + Endpoint.bracketed(endpoint.host())
        + ":"
        + endpoint.port()
        + "/"
        + encoded(endpoint.database())
        + parameters.entrySet().stream()
            .map(entry -> entry.getKey() + "=" + encoded(entry.getValue()))
            .collect(Collectors.joining("&", "?", ""));
  }

  private static void put(Map<String, String> parameters, String name, @Nullable String value) {
    if (value != null) {
      parameters.put(name, value);
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
