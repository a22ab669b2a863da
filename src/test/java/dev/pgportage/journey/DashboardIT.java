package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.testing.Browser;
import dev.pgportage.testing.TlsFiles;
import dev.pgportage.web.Dashboard;
import dev.pgportage.workflow.Migration;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DashboardIT {
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  @TempDir private Path directory;

  @Test
  void rollsBackOverTlsWithTheToken() throws Exception {
    TlsFiles files = TlsFiles.make(directory, "ip:127.0.0.1");
    try (Journey journey =
        Journey.reversible(15, 17)
            .set("web.bind", "0.0.0.0")
            .set("web.certificate", files.certificate().toString())
            .set("web.key", files.key().toString())) {
      journey
          .source()
          .execute("CREATE TABLE item (id int PRIMARY KEY); INSERT INTO item VALUES (1)");
      MigrationConfig config = journey.config();
      try (var dashboard = Dashboard.open(config, Monitor.none());
          var browser = Browser.open(dashboard.address())) {
        assertThat(dashboard.address()).startsWith("https://127.0.0.1:");
        browser.await("document.querySelector('#problem').textContent.includes('token')", PATIENCE);
        browser.go(dashboard.link());
        var migration = new Migration(config, dashboard.monitor());
        CompletableFuture<Void> run =
            CompletableFuture.runAsync(
                () -> migration.migrate(Migration.Until.END), task -> new Thread(task).start());
        browser.await(isStep("ready", "done"), PATIENCE);
        assertThat(browser.texts("#actions [data-kind=rollback]")).isEmpty();
        journey.cutOver();
        journey.target().execute("INSERT INTO item VALUES (2)");
        browser.size(1440, 1500);
        browser.await(
            "document.querySelector('#actions [data-kind=rollback]:not(:disabled)')", PATIENCE);
        browser.screenshot("cut-over-light");
        browser.click("#actions [data-kind=rollback]");
        assertThat(browser.evaluate("document.querySelector('#confirm-go').disabled"))
            .isEqualTo("true");
        browser.type("#confirm-name", config.name());
        browser.click("#confirm-go");
        browser.await(
            "document.querySelector('#outcome').textContent.includes('were stopped')", PATIENCE);
        browser.await("document.querySelector('#state').textContent === 'Ready'", PATIENCE);
        browser.screenshot("rolled-back-light");
        assertThat(journey.source().number("SELECT count(*) FROM item")).isEqualTo(2);
        assertThat(browser.complaints()).allMatch(c -> c.contains("401"));
        verifies(dashboard, files);
        migration.stop();
        assertThat(run).failsWithin(PATIENCE);
      }
    }
  }

  /** A client that trusts the certificate gets the page, others get nothing. */
  private static void verifies(Dashboard dashboard, TlsFiles files) throws Exception {
    var page = HttpRequest.newBuilder(URI.create(dashboard.address())).build();
    try (var knowing = HttpClient.newBuilder().sslContext(trusting(files)).build();
        var strange = HttpClient.newHttpClient()) {
      assertThat(knowing.send(page, BodyHandlers.ofString()).body()).contains("<!DOCTYPE html>");
      assertThatThrownBy(() -> strange.send(page, BodyHandlers.discarding()))
          .isInstanceOf(SSLException.class);
      var clear =
          HttpRequest.newBuilder(URI.create(dashboard.address().replace("https:", "http:")))
              .timeout(Duration.ofSeconds(5))
              .build();
      assertThatThrownBy(() -> strange.send(clear, BodyHandlers.discarding()))
          .isInstanceOf(IOException.class);
    }
  }

  private static SSLContext trusting(TlsFiles files) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (var file = Files.newInputStream(files.certificate())) {
      store.setCertificateEntry(
          "server", CertificateFactory.getInstance("X.509").generateCertificate(file));
    }
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  @Test
  void turnsRedWithTheRemedyWhenAStepFails() throws Exception {
    try (Journey journey = Journey.between(15, 17)) {
      journey
          .source()
          .execute(
              """
              CREATE FUNCTION fits(id int) RETURNS boolean LANGUAGE sql
                AS $$ SELECT current_database() LIKE 'source%' $$;
              CREATE TABLE picky (id int PRIMARY KEY, CHECK (public.fits(id)));
              INSERT INTO picky VALUES (4711)
              """);
      MigrationConfig config = journey.config();
      try (var dashboard = Dashboard.open(config, Monitor.none());
          var browser = Browser.open(dashboard.link())) {
        browser.size(1440, 1100);
        var migration = new Migration(config, dashboard.monitor());
        var run =
            CompletableFuture.runAsync(
                () -> migration.migrate(Migration.Until.CUTOVER), task -> new Thread(task).start());
        browser.await("document.querySelector('.node[data-status=failed]')", PATIENCE);
        browser.await("document.querySelector('#state').textContent === 'Failed'", PATIENCE);
        browser.screenshot("failed-light");
        assertThat(browser.texts("#step .error").getFirst())
            .contains("picky")
            .doesNotContain("4711");
        assertThat(browser.texts("#step .remedy").getFirst()).startsWith("What to do:");
        assertThat(browser.evaluate("location.href")).doesNotContain("token");
        assertThat(run).isCompletedExceptionally();
      }
    }
  }

  private static String isStep(String step, String status) {
    return "document.querySelector('[data-step=" + step + "][data-status=" + status + "]')";
  }
}
