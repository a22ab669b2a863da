package dev.pgportage.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.net.URI;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Lets through only requests that a page of this server, or a program that knows the token, can
 * have sent: the name asked for must be one of ours (else a foreign site's name could be pointed
 * here), the origin ours, and whatever changes something carries the token in a header no form can
 * set. Thread-safe.
 */
final class Gatekeeper {
  private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*/?");
  private static final Pattern ADDRESS =
      Pattern.compile("(\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9A-Fa-f:.]+])(:\\d{1,5})?");
  private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST");
  private static final String BEARER = "Bearer ";
  private static final String API = "/api/";

  private final Binding binding;
  private final int port;

  /** Guards a server that listens at a port. */
  Gatekeeper(Binding binding, int port) {
    this.binding = binding;
    this.port = port;
  }

  /**
   * Checks everything but the body.
   *
   * @throws Refusal if it must not be answered
   */
  void check(HttpExchange exchange) {
    Headers headers = exchange.getRequestHeaders();
    String host = host(headers);
    String method = exchange.getRequestMethod();
    if (!METHODS.contains(method)) {
      throw new Refusal(405, "METHOD_NOT_ALLOWED", "Only GET, HEAD and POST are answered.");
    }
    checkTarget(exchange.getRequestURI());
    checkOrigin(headers, host, exchange.getRequestURI().getRawPath());
    boolean changes = method.equals("POST");
    if (changes) {
      checkForm(headers);
    }
    boolean guarded = !isPage(exchange.getRequestURI().getRawPath()) && !binding.isLocal();
    if (changes || guarded) {
      checkToken(headers);
    }
  }

  private static void checkTarget(URI target) {
    String path = target.getRawPath();
    if (path == null || !PATH.matcher(path).matches()) {
      throw new Refusal(400, "BAD_PATH", "The path holds what no path of this server has.");
    }
    String query = target.getRawQuery();
    if (query != null && query.toLowerCase(Locale.ROOT).contains("token")) {
      throw new Refusal(
          400,
          "TOKEN_IN_QUERY",
          "A token never belongs into a query, where logs keep it: use the Authorization header.");
    }
  }

  private String host(Headers headers) {
    List<String> given = headers.getOrDefault("Host", List.of());
    String host = given.size() == 1 ? given.getFirst().toLowerCase(Locale.ROOT) : "";
    if (!isOurs(host)) {
      throw new Refusal(421, "WRONG_HOST", "This server is not known by that name; see web.hosts.");
    }
    return host;
  }

  private boolean isOurs(String host) {
    int colon = host.endsWith("]") ? -1 : host.lastIndexOf(':');
    String name = colon < 0 ? host : host.substring(0, colon);
    if (binding.hosts().stream().anyMatch(ours -> ours.equalsIgnoreCase(name))) {
      return true;
    }
    if (!host.endsWith(":" + port)) {
      return false;
    }
    if (binding.isLocal()) {
      return Set.of("localhost", "127.0.0.1", "[::1]").contains(name)
          || name.equals(binding.address().getHostAddress());
    }
    // A name can be pointed here by whoever owns it, an address cannot.
    return ADDRESS.matcher(host).matches()
        && (binding.address().isAnyLocalAddress()
            || name.equals(binding.address().getHostAddress())
            || name.equals("[" + binding.address().getHostAddress() + "]"));
  }

  private void checkOrigin(Headers headers, String host, String path) {
    String origin = headers.getFirst("Origin");
    String other = binding.scheme().equals("http") ? "https" : "http";
    boolean proxied = binding.hosts().contains(host.replaceFirst(":\\d+$", ""));
    if (origin != null
        && !origin.equalsIgnoreCase(binding.scheme() + "://" + host)
        && !(proxied && origin.equalsIgnoreCase(other + "://" + host))) {
      throw new Refusal(403, "FOREIGN_ORIGIN", "Another site's page asked.");
    }
    String site = headers.getFirst("Sec-Fetch-Site");
    if (site != null && !Set.of("same-origin", "none").contains(site) && !isPage(path)) {
      throw new Refusal(403, "FOREIGN_ORIGIN", "Another site's page asked.");
    }
  }

  /** The page itself and its files, which hold nothing of the migration. */
  private static boolean isPage(String path) {
    return !path.startsWith(API) && !path.equals("/metrics");
  }

  private static void checkForm(Headers headers) {
    String type = headers.getFirst("Content-Type");
    if (type == null || !type.toLowerCase(Locale.ROOT).startsWith("application/json")) {
      throw new Refusal(415, "NOT_JSON", "A request's content is application/json.");
    }
    if (headers.getFirst("X-Pgportage") == null) {
      throw new Refusal(403, "HEADER_MISSING", "The header X-Pgportage is missing.");
    }
  }

  private void checkToken(Headers headers) {
    if (!holdsToken(headers.getFirst("Authorization"))) {
      throw new Refusal(
          401, "TOKEN_REQUIRED", "This needs the token: the header Authorization: Bearer TOKEN.");
    }
  }

  private boolean holdsToken(@Nullable String authorization) {
    return authorization != null
        && authorization.startsWith(BEARER)
        && MessageDigest.isEqual(
            authorization.substring(BEARER.length()).getBytes(UTF_8),
            binding.token().reveal().getBytes(UTF_8));
  }
}
