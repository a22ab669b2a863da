package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Sql;
import dev.pgportage.testing.HttpReceiver;
import dev.pgportage.testing.MailServer;
import dev.pgportage.workflow.Migration;
import dev.pgportage.workflow.PendingChange;
import java.net.ServerSocket;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What people are told of a real migration, as real servers receive it. */
class NotificationsIT {
  private static final String TABLE =
      "CREATE TABLE item (id int PRIMARY KEY, v text); INSERT INTO item VALUES (1, 'secret value')";

  @Test
  void tellsEverythingOfAMigrationByMailAndWebhook() throws Exception {
    try (var mail = MailServer.start();
        var http = new HttpReceiver();
        var journey = told(mail.port(), http.url()).set("alerts.max_lag", "1s")) {
      journey.source().execute(TABLE);
      try (var running = journey.start().awaitReady()) {
        mail.await("READY for cutover");
        fallBehind(journey, mail);
        differ(journey, mail);
        changeTheSchema(journey, mail);
        journey.cutOver();
        running.await();
      }
      mail.await("CUT OVER, writes stopped");
      String name = journey.source().name();
      assertThat(mail.subjects())
          .containsExactly(
              name + ": started",
              name + ": full load complete, changes replicate",
              name + ": READY for cutover",
              name + ": lag over limit",
              name + ": the lag is over",
              name + ": rows DIFFER",
              name + ": cutover FAILED: DATA_DIFFERS",
              name + ": schema change waits for you",
              name + ": schema change made",
              mail.subjects().getLast());
      assertThat(mail.received())
          .allSatisfy(
              received ->
                  assertThat(MailServer.content(received))
                      .contains("What it means", journey.source().endpoint().database())
                      .doesNotContain("secret value", MailServer.PASSWORD, "/hook"));
      assertThat(bodies(http)).hasSize(mail.received().size());
      assertThat(bodies(http).getFirst().path("kind").asText()).isEqualTo("started");
      assertThat(bodies(http).getLast().path("kind").asText()).isEqualTo("cut-over");
      assertThat(journey.migration().status().channels())
          .extracting(channel -> channel.name() + " " + channel.sent())
          .containsExactly("hook " + mail.received().size(), "mail " + mail.received().size());
    }
  }

  private static void fallBehind(Journey journey, MailServer mail) throws Exception {
    try (Connection lock = journey.target().superuser()) {
      lock.setAutoCommit(false);
      Sql.execute(lock, "LOCK TABLE public.item IN ACCESS EXCLUSIVE MODE");
      journey.source().execute("UPDATE item SET v = 'new' WHERE id = 1");
      mail.await("lag over limit");
    }
    mail.await("the lag is over");
  }

  private static void differ(Journey journey, MailServer mail) throws Exception {
    journey.target().executeAsSuperuser("INSERT INTO public.item VALUES (2, 'by another')");
    assertThat(journey.migration().validate().equal()).isFalse();
    assertThat(MailServer.content(mail.await("rows DIFFER"))).contains("pgportage validate");
    journey.source().execute("UPDATE item SET v = 'newer'");
    assertThatThrownBy(() -> journey.migration().cutover()).isInstanceOf(MigrationException.class);
    mail.await("cutover FAILED: DATA_DIFFERS");
    journey.target().executeAsSuperuser("DELETE FROM public.item WHERE id = 2");
  }

  private static void changeTheSchema(Journey journey, MailServer mail) throws Exception {
    journey.source().execute("ALTER TABLE item ADD COLUMN w int");
    mail.await("schema change waits for you");
    Migration migration = journey.migration();
    PendingChange change = migration.pendingChange().orElseThrow();
    migration.approveChange(change.digest());
    mail.await("schema change made");
    awaitReadyAgain(journey);
  }

  /**
   * The steps are gone through anew once the schema has changed; then it is ready a second time.
   */
  private static void awaitReadyAgain(Journey journey) throws Exception {
    long end = System.nanoTime() + 60_000_000_000L;
    String ready = "SELECT count(*) FROM pgportage.event WHERE kind = 'ready'";
    while (journey.target().number(ready) < 2) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.sleep(50);
    }
  }

  @Test
  void tellsOfTroubleAndOfTheWayBack() throws Exception {
    try (var mail = MailServer.start();
        var journey =
            told(Journey.reversible(15, 17), mail.port(), "http://127.0.0.1:9")
                .set("safety.stall_after", "1s")
                .set("safety.max_wal", "64MB")) {
      journey.source().execute(TABLE);
      try (var running = journey.startToEnd().awaitReady()) {
        mail.await("READY for cutover");
        pileUp(journey, mail);
        journey.cutOver();
        mail.await("CUT OVER");
        journey.rollBack();
        mail.await("ROLLED BACK to the source");
        running.requireRunning();
      }
      String name = journey.source().name();
      assertThat(mail.subjects())
          .contains(
              name + ": does not move on",
              name + ": goes on",
              name + ": the source keeps much WAL",
              name + ": danger is over");
      assertThat(mail.subjects())
          // It may stand still more than once, and after the rollback it is ready again.
          .filteredOn(subject -> !subject.matches(".*: (does not move on|goes on|READY .*)"))
          .doesNotHaveDuplicates();
      assertThat(mail.received())
          .allSatisfy(
              received -> assertThat(MailServer.content(received)).doesNotContain("secret value"));
    }
  }

  /** Behind a lock on the target nothing moves on, and more and more WAL is kept. */
  private static void pileUp(Journey journey, MailServer mail) throws Exception {
    try (Connection lock = journey.target().superuser()) {
      lock.setAutoCommit(false);
      Sql.execute(lock, "LOCK TABLE public.item IN ACCESS EXCLUSIVE MODE");
      journey
          .source()
          .execute(
              "INSERT INTO item SELECT i, repeat(md5(i::text), 30) FROM generate_series(2, 40000) i");
      // On a busy machine it may have stood still before, and for another reason.
      assertThat(MailServer.content(mail.await("does not move on")))
          .contains("No progress in ", "pgportage status");
      assertThat(MailServer.content(mail.await("the source keeps much WAL")))
          .contains("wal-retained is ", "safety.max_wal", "pgportage cleanup");
    }
    mail.await("danger is over");
  }

  @Test
  void tellsOnceWhenAMigrationIsResumed() throws Exception {
    try (var mail = MailServer.start();
        var journey = told(mail.port(), "http://127.0.0.1:9")) {
      journey.source().execute(TABLE);
      journey.toReady();
      journey.toReady();
      assertThat(mail.subjects()).hasSize(3).doesNotHaveDuplicates();
    }
  }

  @Test
  void tellsAFailureOnceAndThatItIsOver() throws Exception {
    try (var mail = MailServer.start();
        var journey = told(mail.port(), "http://127.0.0.1:9").set("ddl", "stop")) {
      journey.source().execute(TABLE);
      journey.toReady();
      journey
          .source()
          .execute("ALTER TABLE item ADD COLUMN w int; INSERT INTO item VALUES (3, 'x', 1)");
      for (int run = 0; run < 2; run++) {
        assertThatThrownBy(() -> journey.migration().migrate(Migration.Until.CUTOVER))
            .isInstanceOf(MigrationException.class);
      }
      assertThat(mail.subjects()).filteredOn(s -> s.contains("FAILED")).hasSize(1);
      assertThat(MailServer.content(mail.await("SCHEMA_CHANGED")))
          .contains("pgportage migrate", "pgportage cleanup");
      assertThat(
              journey
                  .target()
                  .number("SELECT count(*) FROM pgportage.event WHERE kind = 'migration.failed'"))
          .isEqualTo(2);
    }
  }

  @Test
  void tellsThatTheAssessmentBlocks() throws Exception {
    try (var mail = MailServer.start();
        var journey = told(mail.port(), "http://127.0.0.1:9")) {
      journey.source().execute(TABLE);
      journey.target().execute(TABLE);
      assertThatThrownBy(() -> journey.migration().migrate(Migration.Until.READY))
          .isInstanceOf(MigrationException.class);
      assertThat(MailServer.content(mail.await("assessment FAILED"))).contains("pgportage assess");
    }
  }

  @Test
  void goesOnAndSaysSoWhenNobodyCanBeTold() throws Exception {
    int port;
    try (var free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    try (var http = new HttpReceiver();
        var journey = told(port, http.url())) {
      http.answer(500);
      journey.source().execute(TABLE);
      var ended = journey.program("migrate", "--until-ready").run();
      assertThat(ended.status()).as(ended.output()).isZero();
      assertThat(ended.output())
          .contains(
              "Nobody is told on channel mail (127.0.0.1:" + port + " refuses the connection)",
              "Nobody is told on channel hook (" + http.url() + " answered with status 500)")
          .doesNotContain(MailServer.PASSWORD, "/hook", "key-of-the-hook");
      var status = journey.program("status").run();
      assertThat(status.output()).contains("fails since", "refuses the connection", "status 500");
      try (var mail = MailServer.startAt(port)) {
        http.answer(204);
        journey.toReady();
        // What could not be told is told when it comes again.
        mail.await("READY for cutover");
        assertThat(journey.migration().status().channels())
            .allSatisfy(channel -> assertThat(channel.failingSince()).isEmpty());
      }
    }
  }

  @Test
  void sendsATestMessageToEachChannelWhenAsked() throws Exception {
    try (var mail = MailServer.start();
        var http = new HttpReceiver();
        var journey = told(mail.port(), http.url())) {
      var both = journey.program("notify test").run();
      assertThat(both.status()).as(both.output()).isZero();
      assertThat(both.output()).contains("sent    mail", "sent    hook");
      mail.await("test message");
      http.answer(403);
      var refused = journey.program("notify test", "--channel", "hook").run();
      assertThat(refused.status()).isEqualTo(1);
      assertThat(refused.output()).contains("failed  hook: ", "403").doesNotContain("/hook");
      assertThat(journey.program("notify test", "--channel", "none").run().status()).isEqualTo(2);
      assertThat(mail.received()).hasSize(1);
    }
  }

  private static List<JsonNode> bodies(HttpReceiver http) {
    return http.received().stream().map(request -> json(request.body())).toList();
  }

  private static JsonNode json(String text) {
    try {
      return new JsonMapper().readTree(text);
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new AssertionError(text, e);
    }
  }

  private static Journey told(int mailPort, String url) throws Exception {
    return told(Journey.between(15, 15), mailPort, url);
  }

  private static Journey told(Journey journey, int mailPort, String url) throws Exception {
    return journey
        .with("MAIL_PASSWORD", MailServer.PASSWORD)
        .with("HOOK_KEY", "key-of-the-hook")
        .append(
            """
            notifications:
              - type: smtp
                name: mail
                host: 127.0.0.1
                port: %d
                tls: none
                user: %s
                password: ${MAIL_PASSWORD}
                from: pgportage@example.com
                to: [dba@example.com, team@example.com]
              - type: webhook
                name: hook
                url: %s/hook?token=t0ken
                secret: ${HOOK_KEY}
            """
                .formatted(mailPort, MailServer.USER, url));
  }
}
