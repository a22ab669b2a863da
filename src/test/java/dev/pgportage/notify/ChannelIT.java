package dev.pgportage.notify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.pgportage.config.ChannelSettings;
import dev.pgportage.config.ChannelSettings.Protection;
import dev.pgportage.config.ChannelSettings.Trust;
import dev.pgportage.config.NoticeKind;
import dev.pgportage.pg.Secret;
import dev.pgportage.testing.HttpReceiver;
import dev.pgportage.testing.MailServer;
import dev.pgportage.testing.StartTlsRelay;
import dev.pgportage.testing.TlsFiles;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Channels, with a real server at the other end. */
class ChannelIT {
  private static final ChannelSettings.Common COMMON =
      new ChannelSettings.Common("it", Set.of(NoticeKind.values()));

  @TempDir private Path directory;

  @Test
  void sendsNothingInClearButStarttlsWhenTheAuthorityIsTrusted() throws Exception {
    TlsFiles tls = TlsFiles.make(directory, "ip:127.0.0.1");
    try (var mail = MailServer.start();
        var relay = relay(mail)) {
      Trust trust = new Trust(true, Optional.of(tls.certificate()));
      send(smtp(relay.port(), Protection.STARTTLS, trust, MailServer.PASSWORD));
      assertThat(mail.await("shop: lag").getHeader("X-Pgportage-Kind")).containsExactly("lag");
      assertThat(relay.inClear()).hasSize(2).last().isEqualTo("STARTTLS");
    }
  }

  @Test
  void refusesACertificateNobodyVouchesForUnlessToldOtherwise() throws Exception {
    TlsFiles.make(directory, "dns:elsewhere.example");
    try (var mail = MailServer.start();
        var relay = relay(mail)) {
      assertThatThrownBy(
              () ->
                  send(smtp(relay.port(), Protection.STARTTLS, Trust.usual(), MailServer.PASSWORD)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("TLS failed");
      Trust named = new Trust(true, Optional.of(directory.resolve("server.crt")));
      assertThatThrownBy(
              () -> send(smtp(relay.port(), Protection.STARTTLS, named, MailServer.PASSWORD)))
          .as("the certificate of another host")
          .isInstanceOf(IOException.class);
      Trust anybody = new Trust(false, Optional.empty());
      send(smtp(relay.port(), Protection.STARTTLS, anybody, MailServer.PASSWORD));
      assertThat(mail.received()).hasSize(1);
    }
  }

  @Test
  void refusesAServerThatDoesNotOfferStarttls() throws Exception {
    try (var mail = MailServer.start()) {
      assertThatThrownBy(
              () ->
                  send(smtp(mail.port(), Protection.STARTTLS, Trust.usual(), MailServer.PASSWORD)))
          .hasMessageContaining("does not offer STARTTLS");
      assertThat(mail.received()).isEmpty();
    }
  }

  @Test
  void saysThatTheLoginIsRefusedWithoutThePassword() throws Exception {
    try (var mail = MailServer.start()) {
      assertThatThrownBy(() -> send(smtp(mail.port(), Protection.NONE, Trust.usual(), "wr0ng")))
          .hasMessage("127.0.0.1:" + mail.port() + " refuses the login of " + MailServer.USER);
    }
  }

  @Test
  void signsWhatItPostsAndNamesNoSecretWhenItFails() throws Exception {
    try (var http = new HttpReceiver()) {
      ChannelSettings.Webhook settings = webhook(http.url() + "/in?token=t0ken");
      send(settings);
      HttpReceiver.Request request = http.received().getFirst();
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec("k".getBytes(UTF_8), "HmacSHA256"));
      byte[] signed =
          (request.header("x-pgportage-timestamp") + "." + request.body()).getBytes(UTF_8);
      assertThat(request.header("x-pgportage-signature"))
          .isEqualTo("sha256=" + HexFormat.of().formatHex(mac.doFinal(signed)));
      assertThat(request.header("authorization")).isEqualTo("Bearer b");
      assertThat(new JsonMapper().readTree(request.body()).path("happened").asText())
          .isEqualTo("It is behind <!channel>.");
      http.answer(302);
      assertThatThrownBy(() -> send(settings))
          .hasMessageContaining("302")
          .hasMessageNotContaining("t0ken");
      assertThat(http.received()).hasSize(2);
    }
  }

  @Test
  void escapesWhatMeansSomethingInAChat() throws Exception {
    try (var http = new HttpReceiver()) {
      send(
          new ChannelSettings.Slack(COMMON, new Secret(http.url() + "/services/X"), Trust.usual()));
      assertThat(http.received().getFirst().body())
          .contains("*shop: lag*", "&lt;!channel&gt;", "```pgportage status```")
          .doesNotContain("<!channel>");
    }
  }

  @Test
  void givesUpWaitingWhenTheOtherSideIsSilent() throws Exception {
    try (var silent = new ServerSocket(0)) {
      long began = System.nanoTime();
      assertThatThrownBy(() -> send(webhook("http://127.0.0.1:" + silent.getLocalPort())))
          .hasMessageContaining("does not answer in time");
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
    }
  }

  private StartTlsRelay relay(MailServer mail) throws IOException {
    return new StartTlsRelay(
        directory.resolve("server.p12"), "for-the-test".toCharArray(), mail.port());
  }

  private static ChannelSettings smtp(
      int port, Protection protection, Trust trust, String password) {
    return new ChannelSettings.Smtp(
        COMMON,
        new ChannelSettings.MailServer("127.0.0.1", port, protection, trust),
        Optional.of(new ChannelSettings.Login(MailServer.USER, new Secret(password))),
        "pgportage@example.com",
        List.of("dba@example.com"));
  }

  private static ChannelSettings.Webhook webhook(String url) {
    return new ChannelSettings.Webhook(
        COMMON,
        new Secret(url),
        ChannelSettings.endpoint(java.net.URI.create(url)),
        Optional.of(new Secret("k")),
        Optional.of(new Secret("Bearer b")),
        Trust.usual());
  }

  private static void send(ChannelSettings settings) throws IOException {
    var notice =
        new Notice(
            NoticeKind.LAG,
            "lag",
            false,
            Instant.EPOCH,
            "lag",
            "It is behind <!channel>.",
            "It means this.",
            List.of(new Notice.Step("Do", "pgportage status")));
    try (Channel channel = Channels.open(settings)) {
      channel.send(new Message("shop", notice, new Message.Origin("here", "old", "new", "1"), 0));
    }
  }
}
