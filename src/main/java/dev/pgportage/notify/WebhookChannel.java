package dev.pgportage.notify;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgportage.config.ChannelSettings;
import dev.pgportage.pg.Secret;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLException;

/** A POST of JSON: to a chat in its form, or to anything else in pgportage's own. */
final class WebhookChannel implements Channel {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final JsonMapper JSON = new JsonMapper();

  private final String endpoint;
  private final Secret url;
  private final Function<Message, ObjectNode> form;
  private final Optional<Secret> signingKey;
  private final Optional<Secret> authorization;
  private final HttpClient client;

  private WebhookChannel(
      String endpoint,
      Secret url,
      ChannelSettings.Trust trust,
      Function<Message, ObjectNode> form,
      Optional<Secret> signingKey,
      Optional<Secret> authorization) {
    this.endpoint = endpoint;
    this.url = url;
    this.form = form;
    this.signingKey = signingKey;
    this.authorization = authorization;
    this.client =
        HttpClient.newBuilder()
            .connectTimeout(TIMEOUT)
            .version(HttpClient.Version.HTTP_1_1)
            // Who redirects may be somebody else, and would be given the signature.
            .followRedirects(HttpClient.Redirect.NEVER)
            .sslContext(TrustedTls.context(trust))
            .build();
  }

  static WebhookChannel of(ChannelSettings.Slack slack) {
    return new WebhookChannel(
        ChannelSettings.endpoint(URI.create(slack.url().reveal())),
        slack.url(),
        slack.trust(),
        WebhookChannel::chat,
        Optional.empty(),
        Optional.empty());
  }

  static WebhookChannel of(ChannelSettings.Webhook webhook) {
    return new WebhookChannel(
        webhook.endpoint(),
        webhook.url(),
        webhook.trust(),
        WebhookChannel::own,
        webhook.signingKey(),
        webhook.authorization());
  }

  @Override
  public void send(Message message) throws IOException {
    byte[] body = JSON.writeValueAsBytes(form.apply(message));
    var request =
        HttpRequest.newBuilder(URI.create(url.reveal()))
            .timeout(TIMEOUT)
            .header("Content-Type", "application/json; charset=utf-8")
            .header("User-Agent", "pgportage")
            .POST(BodyPublishers.ofByteArray(body));
    authorization.ifPresent(value -> request.header("Authorization", value.reveal()));
    signingKey.ifPresent(key -> sign(request, key, body));
    int status = post(request.build());
    if (status / 100 != 2) {
      throw new IOException(endpoint + " answered with status " + status);
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }

  private int post(HttpRequest request) throws IOException {
    try {
      HttpResponse<Void> response = client.send(request, BodyHandlers.discarding());
      return response.statusCode();
    } catch (HttpConnectTimeoutException e) {
      throw new IOException(endpoint + " cannot be reached in time", e);
    } catch (HttpTimeoutException e) {
      throw new IOException(endpoint + " does not answer in time", e);
    } catch (SSLException e) {
      throw new IOException(endpoint + ": TLS failed: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new IOException(endpoint + " cannot be reached", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("stopped while " + endpoint + " was waited for", e);
    }
  }

  /** The signature covers the time, so that an old message cannot be sent again as a new one. */
  private static void sign(HttpRequest.Builder request, Secret key, byte[] body) {
    String time = Long.toString(System.currentTimeMillis() / 1000);
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key.reveal().getBytes(UTF_8), "HmacSHA256"));
      mac.update((time + ".").getBytes(UTF_8));
      request.header("X-Pgportage-Timestamp", time);
      request.header(
          "X-Pgportage-Signature", "sha256=" + HexFormat.of().formatHex(mac.doFinal(body)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ObjectNode own(Message message) {
    Notice notice = message.notice();
    ObjectNode body = JSON.createObjectNode();
    body.put("version", 1);
    body.put("migration", message.migration());
    body.put("kind", notice.kind().toString());
    body.put("topic", notice.topic());
    body.put("over", notice.over());
    body.put("at", notice.at().toString());
    body.put("subject", message.subject());
    body.put("happened", notice.happened());
    body.put("means", notice.means());
    ArrayNode next = body.putArray("next");
    for (Notice.Step step : notice.next()) {
      next.addObject().put("text", step.text()).put("command", step.command());
    }
    body.put("source", message.from().source());
    body.put("target", message.from().target());
    body.put("host", message.from().host());
    body.put("pgportage", message.from().version());
    body.put("held_back", message.heldBack());
    return body;
  }

  /** Slack's mrkdwn, in which three characters have to be escaped. */
  private static ObjectNode chat(Message message) {
    Notice notice = message.notice();
    var text = new StringBuilder();
    text.append('*').append(escaped(message.subject())).append("*\n");
    text.append(escaped(notice.happened())).append('\n').append(escaped(notice.means()));
    for (Notice.Step step : notice.next()) {
      text.append('\n').append(escaped(step.text()));
      if (!step.command().isEmpty()) {
        text.append("\n```").append(escaped(step.command())).append("```");
      }
    }
    text.append("\n_").append(escaped(String.join(" · ", message.foot()))).append('_');
    return JSON.createObjectNode().put("text", text.toString());
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
