package dev.pgportage.aws;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * AWS on this machine: speaks the wire protocols of the services the product uses, keeps what was
 * made, and fails where it is told to. The SDK finds it by its own settings.
 */
public final class FakeAws implements AutoCloseable {
  public static final String REGION = "eu-central-1";
  public static final String ACCOUNT = "123456789012";
  public static final String USER = "arn:aws:iam::" + ACCOUNT + ":user/ops";

  private static final JsonMapper JSON = new JsonMapper();
  private static final Pattern SCOPE =
      Pattern.compile("Credential=[^/]+/[0-9]{8}/[a-z0-9-]+/([a-z0-9-]+)/aws4_request");
  private static final Map<String, String> NAMES =
      Map.of("monitoring", "cloudwatch", "ec2", "ec2", "s3", "s3");

  /** One request, with its action named as in a policy. */
  public record Call(
      String action,
      Map<String, String> form,
      JsonNode json,
      String path,
      Map<String, String> query,
      String body) {
    /** A parameter, of whichever protocol. */
    String get(String name) {
      return form.containsKey(name) ? form.getOrDefault(name, "") : json.path(name).asText();
    }
  }

  /** What a service says. */
  public record Answer(int status, String type, String body) {
    static Answer xml(String body) {
      return new Answer(200, "text/xml", body);
    }

    static Answer json(Object body) {
      return new Answer(200, "application/x-amz-json-1.1", write(body));
    }

    static Answer none(int status) {
      return new Answer(status, "text/plain", "");
    }
  }

  /** A service's refusal. */
  public static final class Refusal extends RuntimeException {
    final int status;
    final String code;

    public Refusal(int status, String code, String message) {
      super(message, null, false, false);
      this.status = status;
      this.code = code;
    }
  }

  /** A service: answers its actions, and nothing for those of others. */
  public interface Service {
    Optional<Answer> answer(Call call);
  }

  private record Fault(Refusal refusal, AtomicInteger left) {}

  private final HttpServer server;
  private final Map<String, @Nullable String> before = new HashMap<>();
  private final List<String> actions = new CopyOnWriteArrayList<>();
  private final List<String> bodies = new CopyOnWriteArrayList<>();
  private final Map<String, Fault> faults = new HashMap<>();

  public final FakeSecrets secrets = new FakeSecrets();
  public final FakeBuckets buckets = new FakeBuckets();
  public final FakeStacks stacks = new FakeStacks(buckets);
  public final FakeNetwork network = new FakeNetwork();
  public final FakeWorkflows workflows = new FakeWorkflows();
  public final FakeCertificates certificates = new FakeCertificates();
  public final FakeContainers containers = new FakeContainers();
  private final List<Service> services =
      List.of(secrets, buckets, stacks, network, workflows, certificates, containers);

  public FakeAws() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::handle);
    server.start();
    set("aws.endpointUrl", url());
    set("aws.accessKeyId", "AKIDEXAMPLE");
    set("aws.secretAccessKey", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    set("aws.region", REGION);
    set("aws.disableEc2Metadata", "true");
    set("aws.configFile", "/nonexistent");
    set("aws.sharedCredentialsFile", "/nonexistent");
  }

  /** Its address. */
  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Removes one of the SDK's settings until the end. */
  public void without(String property) {
    set(property, null);
  }

  private void set(String property, @Nullable String value) {
    String old = System.getProperty(property);
    before.putIfAbsent(property, old);
    if (value == null) {
      System.clearProperty(property);
    } else {
      System.setProperty(property, value);
    }
  }

  /** From now on an action is not allowed. */
  public void deny(String action) {
    fail(
        action,
        new Refusal(
            403,
            action.startsWith("ec2:") ? "UnauthorizedOperation" : "AccessDenied",
            "User: %s is not authorized to perform: %s because no identity-based policy allows it"
                .formatted(USER, action)),
        Integer.MAX_VALUE);
  }

  /** The next requests of an action are throttled. */
  public void throttle(String action, int times) {
    fail(action, new Refusal(400, "Throttling", "Rate exceeded"), times);
  }

  /** The next requests of an action fail. */
  public void fail(String action, Refusal refusal, int times) {
    faults.put(action, new Fault(refusal, new AtomicInteger(times)));
  }

  /** Every action asked for, in order. */
  public List<String> actions() {
    return List.copyOf(actions);
  }

  /** How often an action was asked for. */
  public long count(String action) {
    return actions.stream().filter(action::equals).count();
  }

  /** Every request's body. */
  public List<String> bodies() {
    return List.copyOf(bodies);
  }

  private synchronized void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Call call = call(exchange);
      actions.add(call.action());
      bodies.add(call.body());
      Answer answer;
      try {
        answer = answer(call);
      } catch (Refusal e) {
        answer = refused(call, e);
      } catch (RuntimeException e) {
        answer = refused(call, new Refusal(500, "InternalFailure", String.valueOf(e)));
      }
      boolean head = exchange.getRequestMethod().equals("HEAD");
      byte[] body = (head ? "" : answer.body()).getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().add("Content-Type", answer.type());
      exchange.getResponseHeaders().add("x-amzn-RequestId", "r-" + actions.size());
      exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private Answer answer(Call call) {
    Fault fault = faults.get(call.action());
    if (fault != null && fault.left().getAndDecrement() > 0) {
      throw fault.refusal();
    }
    for (Service service : services) {
      Optional<Answer> answer = service.answer(call);
      if (answer.isPresent()) {
        return answer.get();
      }
    }
    throw new Refusal(400, "InvalidAction", "The fake does not know " + call.action());
  }

  private static Answer refused(Call call, Refusal e) {
    String message = String.valueOf(e.getMessage());
    if (!call.json().isMissingNode()) {
      return new Answer(
          e.status,
          "application/x-amz-json-1.1",
          write(Map.of("__type", e.code, "message", message)));
    }
    if (call.action().startsWith("s3:")) {
      return new Answer(
          e.status,
          "application/xml",
          "<Error><Code>%s</Code><Message>%s</Message></Error>".formatted(e.code, message));
    }
    String body =
        call.action().startsWith("ec2:")
            ? "<Response><Errors><Error><Code>%s</Code><Message>%s</Message></Error></Errors>"
                + "<RequestID>r</RequestID></Response>"
            : "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message>"
                + "</Error><RequestId>r</RequestId></ErrorResponse>";
    return new Answer(e.status, "text/xml", body.formatted(e.code, message));
  }

  private static Call call(HttpExchange exchange) throws IOException {
    byte[] body = unchunked(exchange, exchange.getRequestBody().readAllBytes());
    String text = new String(body, StandardCharsets.UTF_8);
    String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
    String path = exchange.getRequestURI().getPath();
    Map<String, String> query =
        form(Optional.ofNullable(exchange.getRequestURI().getRawQuery()).orElse(""));
    String service = service(exchange);
    if (target != null) {
      String action = service + ":" + target.substring(target.lastIndexOf('.') + 1);
      return new Call(action, Map.of(), JSON.readTree(text), path, query, text);
    }
    if (service.equals("s3")) {
      String action = "s3:" + FakeBuckets.action(exchange.getRequestMethod(), path, query);
      return new Call(action, Map.of(), MissingNode.getInstance(), path, query, text);
    }
    Map<String, String> form = form(text);
    return new Call(
        service + ":" + form.get("Action"), form, MissingNode.getInstance(), path, query, text);
  }

  private static String service(HttpExchange exchange) {
    String header = exchange.getRequestHeaders().getFirst("Authorization");
    Matcher scope = SCOPE.matcher(header == null ? "" : header);
    String name = scope.find() ? scope.group(1) : "unsigned";
    return NAMES.getOrDefault(name, name);
  }

  /** Takes the signer's chunks off an upload. */
  private static byte[] unchunked(HttpExchange exchange, byte[] body) {
    String encoding = exchange.getRequestHeaders().getFirst("Content-Encoding");
    if (encoding == null || !encoding.contains("aws-chunked")) {
      return body;
    }
    var whole = new ByteArrayOutputStream();
    int at = 0;
    while (true) {
      int end = at;
      while (body[end] != '\r') {
        end++;
      }
      String head = new String(body, at, end - at, StandardCharsets.US_ASCII);
      int size = Integer.parseInt(head.replaceFirst(";.*", ""), 16);
      if (size == 0) {
        return whole.toByteArray();
      }
      whole.write(body, end + 2, size);
      at = end + 2 + size + 2;
    }
  }

  private static Map<String, String> form(String text) {
    var form = new LinkedHashMap<String, String>();
    for (String pair : text.isEmpty() ? new String[0] : text.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      form.put(decoded(name), equals < 0 ? "" : decoded(pair.substring(equals + 1)));
    }
    return form;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  static String write(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  @Override
  public void close() {
    server.stop(0);
    before.forEach(
        (property, value) -> {
          if (value == null) {
            System.clearProperty(property);
          } else {
            System.setProperty(property, value);
          }
        });
  }
}
