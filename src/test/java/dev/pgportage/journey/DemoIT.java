package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.demo.Demo;
import dev.pgportage.demo.DemoReport;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.testing.Browser;
import dev.pgportage.web.Dashboard;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The whole demonstration, looked at and cut over in a real browser. */
class DemoIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String GREEN = "document.querySelectorAll('.node[data-status=done]').length";

  private final CompletableFuture<MigrationConfig> config = new CompletableFuture<>();
  private final CompletableFuture<Dashboard> served = new CompletableFuture<>();

  @Test
  void turnsGreenOnThePageAndIsCutOverThere() throws Exception {
    var demo = new Demo(new Demo.Options(17, 0.3, 2, true), Monitor.none(), this::serve);
    CompletableFuture<DemoReport> report =
        CompletableFuture.supplyAsync(demo::run, task -> new Thread(task, "demo").start());
    try {
      Dashboard dashboard =
          CompletableFuture.anyOf(served, report)
              .thenCompose(_ -> served)
              .get(60, TimeUnit.SECONDS);
      try (dashboard;
          var browser = Browser.open(dashboard.address())) {
        browser.size(1440, 1560);
        watchItTurnGreen(browser);
        lookAtIt(browser);
        rehearse(browser, dashboard);
        failToCutOver(browser, dashboard);
        cutOver(browser);
        assertThat(browser.complaints()).allMatch(c -> c.contains("401"));
        assertThat(OpenApi.deviations(dashboard.address())).isEmpty();
        assertThat(report.get(60, TimeUnit.SECONDS).kept()).isTrue();
      }
    } finally {
      demo.stop();
    }
  }

  private Monitor serve(MigrationConfig settings) {
    Dashboard dashboard = Dashboard.open(settings, Monitor.none());
    config.complete(settings);
    served.complete(dashboard);
    return dashboard.monitor();
  }

  private static void watchItTurnGreen(Browser browser) {
    browser.await(isStep("load", "running") + "||" + isStep("load", "done"), PATIENCE);
    browser.screenshot("demo-load-light");
    long early = Long.parseLong(browser.evaluate(GREEN));
    browser.await(isStep("ready", "done"), PATIENCE);
    assertThat(Long.parseLong(browser.evaluate(GREEN))).isGreaterThan(early).isGreaterThan(7);
    browser.await("document.querySelectorAll('#checklist [data-met=true]').length === 4", PATIENCE);
    browser.await("document.querySelectorAll('.chart canvas').length === 3", PATIENCE);
    // The charts move: the application writes, and each second has a reading of its own.
    String shown = "document.querySelector('#throughput').getAttribute('aria-label')";
    String before = browser.evaluate(shown);
    browser.await(shown + " !== " + quoted(before), PATIENCE);
    browser.await("/applied: [1-9]/.test(" + shown + ")", PATIENCE);
    browser.await("document.querySelectorAll('#gauges li').length >= 5", PATIENCE);
    assertThat(browser.texts("#gauges li")).anyMatch(text -> text.startsWith("WAL held back"));
    assertThat(browser.texts("#proofs-detail").getFirst()).startsWith("22 of 22 tables");
  }

  private static void lookAtIt(Browser browser) {
    browser.screenshot("demo-ready-light");
    browser.prefer("dark");
    browser.screenshot("demo-ready-dark");
    browser.size(390, 3400);
    browser.screenshot("demo-ready-phone-dark");
    browser.prefer("light");
    browser.screenshot("demo-ready-phone");
    assertThat(browser.evaluate("document.documentElement.scrollWidth"))
        .isEqualTo(browser.evaluate("document.documentElement.clientWidth"));
    browser.size(1440, 1560);
    browser.click("[data-step=load]");
    browser.click("#grid [data-table^='shop.\"Gift']");
    browser.await("document.querySelector('#table').textContent.includes('Digest')", PATIENCE);
    browser.screenshot("demo-details-light");
  }

  /** Without the token first: it is refused and asked for. */
  private static void rehearse(Browser browser, Dashboard dashboard) {
    browser.click("#actions [data-kind=rehearse]");
    refuseAToken(browser);
    browser.type("#confirm-token", "\b".repeat(40) + token(dashboard));
    browser.click("#confirm-go");
    browser.await(
        "document.querySelector('#outcome').textContent.includes('would be stopped')", PATIENCE);
    browser.screenshot("demo-rehearsed-light");
    // As a page opened by the address alone: what was typed before is forgotten.
    browser.evaluate("sessionStorage.clear()");
    browser.go(dashboard.address());
    browser.await(isStep("ready", "done"), PATIENCE);
  }

  /** A superuser's session cannot be ended by the migration: the fence does not go up. */
  private void failToCutOver(Browser browser, Dashboard dashboard) throws SQLException {
    try (Connection inTheWay = superuser()) {
      assertThat(inTheWay.isValid(5)).isTrue();
      askToCutOver(browser);
      refuseAToken(browser);
      browser.screenshot("demo-refused-light");
      browser.type("#confirm-token", "\b".repeat(40) + token(dashboard));
      browser.click("#confirm-go");
      browser.await("document.querySelector('.node[data-status=failed]')", PATIENCE);
      browser.await(
          "document.querySelector('#outcome').textContent.includes('FENCE_FAILED')", PATIENCE);
      browser.screenshot("demo-failed-light");
      browser.prefer("dark");
      browser.screenshot("demo-failed-dark");
      browser.prefer("light");
      assertThat(browser.texts("#step .error").getFirst()).contains("Nothing was changed");
      assertThat(browser.texts("#step .remedy").getFirst()).startsWith("What to do:");
    }
  }

  private static void cutOver(Browser browser) {
    askToCutOver(browser);
    browser.click("#confirm-go");
    browser.await(isStep("open", "done"), PATIENCE);
    browser.await("document.querySelector('#state').textContent === 'Done'", PATIENCE);
    browser.await("document.querySelectorAll('.node[data-status=failed]').length === 0", PATIENCE);
    browser.screenshot("demo-done-light");
    browser.prefer("dark");
    browser.screenshot("demo-done-dark");
  }

  private static void askToCutOver(Browser browser) {
    browser.await(
        "document.querySelector('#actions [data-kind=cutover]:not(:disabled)')", PATIENCE);
    browser.click("#actions [data-kind=cutover]");
    assertThat(browser.evaluate("document.querySelector('#confirm-go').disabled"))
        .isEqualTo("true");
    browser.type("#confirm-name", "demo");
  }

  private static void refuseAToken(Browser browser) {
    browser.type("#confirm-token", "wrong-token-wrong-token-wrong");
    browser.click("#confirm-go");
    browser.await("document.querySelector('#confirm-error').textContent", PATIENCE);
    assertThat(browser.texts("#confirm-error")).containsExactly("That is not the token.");
  }

  private Connection superuser() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + config.join().source().port() + "/shop?sslmode=disable",
        "postgres",
        null);
  }

  private static String token(Dashboard dashboard) {
    return dashboard.link().replaceFirst(".*#token=", "");
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "\\'") + "'";
  }

  private static String isStep(String step, String status) {
    return "document.querySelector('[data-step=" + step + "][data-status=" + status + "]')";
  }
}
