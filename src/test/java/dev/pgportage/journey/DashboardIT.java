package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Sql;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.testing.Browser;
import dev.pgportage.web.Dashboard;
import dev.pgportage.workflow.Migration;
import java.sql.Connection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class DashboardIT {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final String SHOP =
      """
      CREATE TABLE customer (id int PRIMARY KEY, name text NOT NULL);
      CREATE TABLE purchase (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        customer int NOT NULL REFERENCES customer, note text);
      CREATE TABLE "Weird ""Table\""" (id int PRIMARY KEY, "Säule" text);
      INSERT INTO customer SELECT n, 'customer ' || n FROM generate_series(1, 20000) n;
      INSERT INTO purchase (customer, note) SELECT 1 + n % 20000, repeat('x', 60)
        FROM generate_series(1, 60000) n;
      INSERT INTO "Weird ""Table\""" SELECT n, 'é' FROM generate_series(1, 100) n;
      """;

  @Test
  void showsTheWholeJourneyAndCutsOverWithTheToken() throws Exception {
    try (Journey journey = Journey.between(15, 17);
        var writer = new Writer(journey)) {
      journey.source().execute(SHOP);
      writer.start();
      MigrationConfig config = journey.config();
      try (var dashboard = Dashboard.open(config, Monitor.none());
          var browser = Browser.open(dashboard.address())) {
        browser.size(1440, 1500);
        browser.await("document.querySelector('#state').textContent === 'Not begun'", PATIENCE);
        var migration = new Migration(config, dashboard.monitor());
        CompletableFuture<Void> run =
            CompletableFuture.runAsync(
                () -> migration.migrate(Migration.Until.CUTOVER), task -> new Thread(task).start());
        browser.await(isStep("load", "running") + "||" + isStep("load", "done"), PATIENCE);
        browser.screenshot("journey-light");
        browser.await(isStep("ready", "done"), PATIENCE);
        browser.await(
            "document.querySelectorAll('#checklist [data-met=true]').length === 4", PATIENCE);
        browser.await("document.querySelector('#throughput canvas')", PATIENCE);
        browser.await("document.querySelectorAll('#events li').length > 5", PATIENCE);
        browser.screenshot("ready-light");
        browser.prefer("dark");
        browser.screenshot("ready-dark");
        browser.prefer("light");
        browser.size(390, 2600);
        browser.screenshot("ready-phone");
        browser.size(1440, 1500);
        browser.click("[data-step=load]");
        browser.click("#grid [data-table=\"public.purchase\"]");
        browser.screenshot("details-light");

        rehearse(browser, dashboard);
        browser.click("#actions [data-kind=cutover]");
        assertThat(browser.evaluate("document.querySelector('#confirm-go').disabled"))
            .isEqualTo("true");
        browser.type("#confirm-name", config.name());
        browser.type("#confirm-token", "wrong-token-wrong-token-wrong");
        browser.click("#confirm-go");
        browser.await("document.querySelector('#confirm-error').textContent", PATIENCE);
        browser.screenshot("refused-light");
        assertThat(browser.texts("#confirm-error")).containsExactly("That is not the token.");
        browser.type("#confirm-token", "\b".repeat(40) + token(dashboard));
        browser.click("#confirm-go");
        browser.await(isStep("open", "done"), PATIENCE);
        browser.await("document.querySelector('#state').textContent === 'Done'", PATIENCE);
        run.join();
        browser.screenshot("done-light");
        browser.prefer("dark");
        browser.screenshot("done-dark");
        assertThat(browser.complaints()).allMatch(c -> c.contains("401"));
        assertThat(OpenApi.deviations(dashboard.address())).isEmpty();
      }
    }
  }

  /** Without the token first: it is refused and asked for. */
  private static void rehearse(Browser browser, Dashboard dashboard) {
    browser.click("#actions [data-kind=rehearse]");
    browser.type("#confirm-token", "wrong-token-wrong-token-wrong");
    browser.click("#confirm-go");
    browser.await("document.querySelector('#confirm-error').textContent", PATIENCE);
    browser.type("#confirm-token", "\b".repeat(40) + token(dashboard));
    browser.click("#confirm-go");
    browser.await(
        "document.querySelector('#outcome').textContent.includes('would be stopped')", PATIENCE);
    browser.screenshot("rehearsed-light");
    // As a page opened by the address alone: what was typed before is forgotten.
    browser.evaluate("sessionStorage.clear()");
    browser.go(dashboard.address());
    browser.await(isStep("ready", "done"), PATIENCE);
    browser.await(
        "document.querySelector('#actions [data-kind=cutover]:not(:disabled)')", PATIENCE);
  }

  private static String token(Dashboard dashboard) {
    return dashboard.link().replaceFirst(".*#token=", "");
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

  /** The application, which writes all the time. */
  private static final class Writer implements AutoCloseable {
    private final Journey journey;
    private final AtomicBoolean ending = new AtomicBoolean();
    private final Thread thread = new Thread(this::write, "writer");

    Writer(Journey journey) {
      this.journey = journey;
    }

    void start() {
      thread.start();
    }

    private void write() {
      while (!ending.get()) {
        try (Connection connection = journey.source().writer()) {
          while (!ending.get()) {
            Sql.execute(
                connection,
                """
                INSERT INTO purchase (customer, note) SELECT n, 'new' FROM generate_series(1, 20) n;
                UPDATE customer SET name = name || '.' WHERE id <= 3;
                DELETE FROM purchase WHERE id % 1000 = 7
                """);
            Thread.sleep(20);
          }
        } catch (java.sql.SQLException e) {
          // Fenced: the application cannot write any more.
          ending.set(true);
        } catch (InterruptedException e) {
          return;
        }
      }
    }

    @Override
    public void close() throws InterruptedException {
      ending.set(true);
      thread.join();
    }
  }
}
