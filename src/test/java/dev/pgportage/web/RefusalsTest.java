package dev.pgportage.web;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.Environment;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.MigrationFile;
import dev.pgportage.telemetry.Monitor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What must never be answered; the databases behind it need not be there for that. */
class RefusalsTest {
  private static final String SECRET = "s3cr3t-of-the-databases";
  private static final String TOKEN = "a-token-of-more-than-24-characters";
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static Dashboard dashboard;
  private static Dashboard open;

  @BeforeAll
  static void serve() {
    // The client sets Host itself unless it is told that this is meant.
    System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host,content-length");
    dashboard = Dashboard.open(config("web.token=" + TOKEN), Monitor.none());
    open =
        Dashboard.open(
            config("web.token=" + TOKEN, "web.bind=0.0.0.0", "web.plain=allow"), Monitor.none());
  }

  @AfterAll
  static void close() {
    dashboard.close();
    open.close();
  }

  @Test
  void servesPageAndFilesWithHeadersThatForbidAllElse() throws Exception {
    for (String path :
        List.of("", "page.js", "page.css", "graph.js", "uplot.js", "uplot.css", "icon.svg")) {
      HttpResponse<String> response = send(request(path).GET());
      assertThat(response.statusCode()).as(path).isEqualTo(200);
      assertThat(response.headers().firstValue("Content-Security-Policy").orElseThrow())
          .contains("default-src 'none'", "frame-ancestors 'none'", "form-action 'none'")
          .doesNotContain("unsafe");
      assertThat(response.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
      assertThat(response.headers().firstValue("Referrer-Policy")).hasValue("no-referrer");
      assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
      assertThat(response.body()).doesNotContain(TOKEN, SECRET);
    }
    assertThat(send(request("").GET()).body())
        .doesNotContain("<script>", "style=", "http://", "https://", "onclick");
  }

  @ParameterizedTest
  @ValueSource(strings = {"evil.example", "evil.example:80", "127.0.0.1.nip.io", "127.0.0.1:1", ""})
  void refusesNamesThatAreNotOurs(String host) throws Exception {
    String asked =
        raw("GET /api/v1/overview HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    assertThat(asked).startsWith("HTTP/1.1 4").doesNotContain("migration");
  }

  @Test
  void refusesTwoHostHeaders() throws Exception {
    String host = URI.create(dashboard.address()).getAuthority();
    assertThat(
            raw(
                "GET /api/v1/overview HTTP/1.1\r\nHost: "
                    + host
                    + "\r\nHost: evil.example\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 4");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://evil.example", "null", "https://127.0.0.1", "http://localhost:1"})
  void refusesForeignOrigins(String origin) throws Exception {
    assertThat(send(request("api/v1/overview").header("Origin", origin).GET()).statusCode())
        .isEqualTo(403);
    assertThat(send(cutover().header("Origin", origin)).statusCode()).isEqualTo(403);
  }

  @Test
  void refusesWhatAnotherSitesPageAsksWithoutOrigin() throws Exception {
    HttpRequest.Builder request = request("api/v1/overview").header("Sec-Fetch-Site", "cross-site");
    assertThat(send(request.GET()).statusCode()).isEqualTo(403);
  }

  @Test
  void refusesToChangeAnythingWithoutTheToken() throws Exception {
    HttpResponse<String> response = send(withoutToken());
    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(response.headers().firstValue("WWW-Authenticate")).isPresent();
    assertThat(response.body()).contains("TOKEN_REQUIRED").doesNotContain(TOKEN);
    for (String wrong : List.of("Bearer x", "Bearer ", "Basic " + TOKEN, TOKEN, "bearer" + TOKEN)) {
      assertThat(send(withoutToken().header("Authorization", wrong)).statusCode()).isEqualTo(401);
    }
  }

  @Test
  void refusesToChangeAnythingAFormCouldSend() throws Exception {
    HttpRequest.Builder withoutHeader =
        request("api/v1/requests")
            .header("Authorization", "Bearer " + TOKEN)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{}"));
    assertThat(send(withoutHeader).statusCode()).isEqualTo(403);
    HttpRequest.Builder form =
        request("api/v1/requests")
            .header("Authorization", "Bearer " + TOKEN)
            .header("X-Pgportage", "1")
            .header("Content-Type", "text/plain")
            .POST(BodyPublishers.ofString("{}"));
    assertThat(send(form).statusCode()).isEqualTo(415);
  }

  @ParameterizedTest
  @CsvSource({
    "{\"kind\":\"cutover\"}, 422",
    "'{\"kind\":\"cutover\",\"confirm\":\"other\"}', 422",
    "{\"kind\":\"drop\"}, 422",
    "[], 400",
    "{, 400",
    "'', 400"
  })
  void refusesRequestsThatAreNotConfirmedOrCannotBeRead(String body, int status) throws Exception {
    assertThat(send(asking(body)).statusCode()).isEqualTo(status);
  }

  @Test
  void refusesHugeContent() throws Exception {
    assertThat(send(asking("x".repeat(20_000))).statusCode()).isEqualTo(413);
    byte[] endless = "x".repeat(100_000).getBytes(UTF_8);
    HttpRequest.Builder chunked =
        withToken()
            .POST(BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(endless)));
    assertThat(send(chunked).statusCode()).isEqualTo(413);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "//etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/page.js/..",
        "/.git/config",
        "/%00",
        "/page.html",
        "/openapi.yaml",
        "/dev/pgportage/web/page.html",
        "/META-INF/MANIFEST.MF",
        "/api/v1/requests/1%20or%201"
      })
  void findsNoFileOutsideOfThePage(String path) throws Exception {
    String host = URI.create(dashboard.address()).getAuthority();
    assertThat(raw("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 40")
        .doesNotContain("root:", "DOCTYPE");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"})
  void refusesOtherMethods(String method) throws Exception {
    String host = URI.create(dashboard.address()).getAuthority();
    assertThat(raw(method + " / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 4")
        .doesNotContain("Access-Control");
  }

  @Test
  void refusesATokenInTheQuery() throws Exception {
    assertThat(send(request("api/v1/overview?token=" + TOKEN).GET()).statusCode()).isEqualTo(400);
  }

  @Test
  void tellsNoSecretInAnyAnswer() throws Exception {
    for (String path :
        List.of(
            "api/v1/overview",
            "api/v1/status",
            "api/v1/tables",
            "api/v1/samples",
            "api/v1/events",
            "api/v1/requests/1",
            "api/v1/openapi.yaml")) {
      assertThat(send(request(path).GET()).body()).as(path).doesNotContain(SECRET, TOKEN);
    }
    assertThat(send(request("api/v1/overview").GET()).body()).contains("CONNECTION_REFUSED");
  }

  @Test
  void asksForTheTokenBeforeReadingWhereOthersCanListen() throws Exception {
    URI overview = URI.create(open.address() + "api/v1/overview");
    assertThat(send(HttpRequest.newBuilder(overview)).statusCode()).isEqualTo(401);
    assertThat(send(HttpRequest.newBuilder(URI.create(open.address()))).statusCode())
        .isEqualTo(200);
    HttpRequest.Builder known =
        HttpRequest.newBuilder(overview).header("Authorization", "Bearer " + TOKEN);
    assertThat(send(known).statusCode()).isEqualTo(200);
  }

  @Test
  void refusesToListenForOthersWithoutTls() {
    assertThatThrownBy(() -> Dashboard.open(config("web.bind=0.0.0.0"), Monitor.none()))
        .isInstanceOfSatisfying(
            MigrationException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.WEB_REFUSED));
  }

  @Test
  void saysWhyItCannotListen() {
    int taken = URI.create(dashboard.address()).getPort();
    assertThatThrownBy(() -> Dashboard.open(config("web.port=" + taken), Monitor.none()))
        .isInstanceOfSatisfying(
            MigrationException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.WEB_UNAVAILABLE));
    assertThatThrownBy(
            () ->
                Dashboard.open(
                    config("web.certificate=/nowhere.pem", "web.key=/nowhere.key"), Monitor.none()))
        .isInstanceOfSatisfying(
            MigrationException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.WEB_UNAVAILABLE));
  }

  @Test
  void putsTheTokenIntoTheFragmentAlone() {
    assertThat(dashboard.link()).isEqualTo(dashboard.address() + "#token=" + TOKEN);
    assertThat(dashboard.address()).matches("http://127\\.0\\.0\\.1:\\d+/");
  }

  static MigrationConfig config(String... settings) {
    List<MigrationFile.Option> options =
        Stream.concat(
                Stream.of(
                    "name=shop",
                    "source=postgresql://u:" + SECRET + "@127.0.0.1:1/a",
                    "target=postgresql://u:" + SECRET + "@127.0.0.1:1/b"),
                Stream.of(settings))
            .map(text -> text.split("=", 2))
            .map(pair -> new MigrationFile.Option("--set", pair[0], pair[1]))
            .toList();
    return MigrationFile.of(options, new Environment(Map.of(), Path.of("/nowhere"))).config();
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(dashboard.address() + path));
  }

  private static HttpRequest.Builder withoutToken() {
    return request("api/v1/requests")
        .header("Content-Type", "application/json")
        .header("X-Pgportage", "1")
        .POST(BodyPublishers.ofString("{\"kind\":\"cutover\",\"confirm\":\"shop\"}"));
  }

  private static HttpRequest.Builder withToken() {
    return withoutToken().header("Authorization", "Bearer " + TOKEN);
  }

  private static HttpRequest.Builder cutover() {
    return withToken();
  }

  private static HttpRequest.Builder asking(String body) {
    return withToken().POST(BodyPublishers.ofString(body));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return CLIENT.send(request.build(), BodyHandlers.ofString());
  }

  /** What comes back for bytes no client would send. */
  private static String raw(String bytes) throws IOException {
    try (var socket =
        new Socket(InetAddress.getLoopbackAddress(), URI.create(dashboard.address()).getPort())) {
      socket.getOutputStream().write(bytes.getBytes(US_ASCII));
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }
}
