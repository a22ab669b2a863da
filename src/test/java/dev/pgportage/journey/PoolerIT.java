package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.pg.Sql;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.testing.HttpReceiver;
import dev.pgportage.testing.Pooler;
import dev.pgportage.workflow.Migration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class PoolerIT {
  private static final int CLIENTS = 6;

  /** Clients that never stop, and see every error and every pause. */
  private static final class Clients implements AutoCloseable {
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final List<String> errors = new CopyOnWriteArrayList<>();
    private final AtomicLong committed = new AtomicLong();
    private final AtomicLong longest = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();

    Clients(Pooler pooler, boolean reconnect) {
      for (int i = 0; i < CLIENTS; i++) {
        int client = i;
        threads.add(Thread.ofPlatform().start(() -> run(pooler, client, reconnect)));
      }
    }

    private void run(Pooler pooler, int client, boolean reconnect) {
      try {
        Connection connection = pooler.connect();
        for (int n = 0; !stopped.get(); n++) {
          long began = System.nanoTime();
          if (reconnect) {
            connection.close();
            connection = pooler.connect();
          }
          Sql.execute(
              connection,
              "BEGIN; INSERT INTO public.done VALUES ("
                  + client
                  + ", "
                  + n
                  + "); UPDATE public.counter SET n = n + 1 WHERE id = "
                  + client
                  + "; COMMIT");
          committed.incrementAndGet();
          longest.accumulateAndGet(System.nanoTime() - began, Math::max);
          Thread.sleep(5);
        }
        connection.close();
      } catch (SQLException | InterruptedException e) {
        errors.add(e.toString());
      }
    }

    void awaitMore() throws InterruptedException {
      long before = committed.get();
      while (errors.isEmpty() && committed.get() < before + 50) {
        Thread.sleep(10);
      }
    }

    @Override
    public void close() throws InterruptedException {
      stopped.set(true);
      for (Thread thread : threads) {
        thread.join(Duration.ofSeconds(30));
      }
    }
  }

  private static Journey journey() throws SQLException, IOException {
    Journey journey = Journey.reversible(15, 17);
    journey
        .source()
        .execute(
            "CREATE TABLE done (client int, n int, PRIMARY KEY (client, n));"
                + "CREATE TABLE counter (id int PRIMARY KEY, n int);"
                + "INSERT INTO counter SELECT i, 0 FROM generate_series(0, 5) i");
    return journey;
  }

  /** The application's role is the target's, too. */
  private static void admit(Journey journey) throws SQLException {
    journey.target().executeAsSuperuser("GRANT app_owner TO target_back");
    journey.target().executeAsSuperuser("GRANT ALL ON ALL TABLES IN SCHEMA public TO app_owner");
  }

  @Test
  void showsClientsAPauseAndNotOneError() throws Exception {
    try (Journey journey = journey();
        Pooler pooler = Pooler.before(journey.source(), "transaction")) {
      journey.set("cutover.pgbouncer", pooler.setting()).set("cutover.pgbouncer_database", "shop");
      String former = Files.readString(pooler.databases());
      try (Running running = journey.startToEnd().awaitReady()) {
        admit(journey);
        try (var clients = new Clients(pooler, false)) {
          clients.awaitMore();
          var report = journey.migration().cutover();
          assertThat(report.problem()).isEmpty();
          clients.awaitMore();
          assertThat(clients.errors).isEmpty();
          assertThat(journey.target().number("SELECT count(*) FROM done"))
              .isGreaterThan(journey.source().number("SELECT count(*) FROM done"))
              .isPositive();
          journey.rollBack();
          clients.awaitMore();
          assertThat(clients.errors).isEmpty();
        }
        running.requireRunning();
        assertThat(journey.source().number("SELECT sum(n) FROM counter"))
            .isEqualTo(journey.source().number("SELECT count(*) FROM done"));
        assertThat(Files.readString(pooler.databases())).isEqualTo(former);
      }
    }
  }

  /** Two PgBouncers, one of them reached by TLS, a command, and a webhook that is busy at first. */
  @Test
  void tellsEverybodyAndTakesItBackWhenOneFails() throws Exception {
    try (Journey journey = journey();
        Pooler plain = Pooler.before(journey.source(), "transaction");
        Pooler secured = Pooler.secured(journey.source(), "transaction");
        var receiver = new HttpReceiver()) {
      Path told = Files.createFile(plain.databases().resolveSibling("told"));
      journey
          .append(
              """
              cutover:
                pgbouncer: ["%s", "%s"]
                pgbouncer_database: shop
                command: >-
                  echo "$PGPORTAGE_MOMENT $PGPORTAGE_DIRECTION $PGPORTAGE_MIGRATION $PGPORTAGE_PORT
                  $PGPORTAGE_FROM_DATABASE" >> %s; test ! -e %s.$PGPORTAGE_MOMENT
                webhook: %s/moves
                webhook_header: "Authorization: ${HOOK}"
                hook_timeout: 5s
              """
                  .formatted(
                      plain.setting(), secured.verifiedSetting(), told, told, receiver.url()))
          .with("HOOK", "Bearer one");
      journey.toReady();
      admit(journey);

      Path refusal = Files.createFile(told.resolveSibling("told.pause"));
      assertThatThrownBy(() -> journey.migration().cutover())
          .hasMessageContaining("cutover.command ended with exit status 1 (moment pause)");
      Files.delete(refusal);
      receiver.answer(403);
      assertThatThrownBy(() -> journey.migration().cutover())
          .hasMessageContaining("cutover.webhook on 127.0.0.1 answers with status 403");
      assertThat(plain.isPaused() || secured.isPaused()).isFalse();
      insert(plain, 1);
      insert(secured, 2);

      receiver.answer(503);
      int before = receiver.received().size();
      Thread.ofVirtual().start(() -> answerAfter(receiver, before + 2));
      Files.createFile(told.resolveSibling("told.switch"));
      assertThat(journey.migration().cutover().problem())
          .hasValueSatisfying(problem -> assertThat(problem).contains("cutover.command"));
      insert(plain, 3);
      insert(secured, 4);
      assertThat(journey.target().number("SELECT count(*) FROM done")).isEqualTo(4);
      Files.delete(told.resolveSibling("told.switch"));
      journey.migration().migrate(Migration.Until.CUTOVER);
      journey.rollBack();
      insert(secured, 5);
      assertThat(journey.source().number("SELECT count(*) FROM done")).isEqualTo(5);

      String to = " " + journey.source().name() + " " + journey.target().server().port() + " ";
      String back = " " + journey.source().name() + " " + journey.source().server().port() + " ";
      String source = journey.source().name();
      assertThat(Files.readAllLines(told))
          .containsExactly(
              "pause cutover" + to + source,
              "undo cutover" + to + source,
              "pause cutover" + to + source,
              "undo cutover" + to + source,
              "pause cutover" + to + source,
              // By the run that cut over, which failed, and by the next one.
              "switch cutover" + to + source,
              "switch cutover" + to + source,
              "pause rollback" + back + journey.target().name(),
              "switch rollback" + back + journey.target().name());
      Files.delete(told);
      assertThat(receiver.received())
          .allSatisfy(
              request -> {
                assertThat(request.header("authorization")).isEqualTo("Bearer one");
                assertThat(request.path()).isEqualTo("/moves");
              });
      assertThat(receiver.received().getLast().body())
          .isEqualTo(
              ("{'migration':'%s','moment':'switch','direction':'rollback',"
                      + "'to':{'host':'127.0.0.1','port':%d,'database':'%s'},"
                      + "'from':{'host':'127.0.0.1','port':%d,'database':'%s'}}")
                  .formatted(
                      source,
                      journey.source().server().port(),
                      source,
                      journey.target().server().port(),
                      journey.target().name())
                  .replace('\'', '"'));
    }
  }

  private static void answerAfter(HttpReceiver receiver, int requests) {
    while (receiver.received().size() < requests) {
      LockSupport.parkNanos(1_000_000);
    }
    receiver.answer(204);
  }

  private static void insert(Pooler pooler, int n) throws SQLException {
    try (Connection client = pooler.connect()) {
      Sql.execute(client, "INSERT INTO public.done VALUES (7, " + n + ")");
    }
  }

  @Test
  void servesClientsThatReconnectInSessionMode() throws Exception {
    try (Journey journey = journey();
        Pooler pooler = Pooler.before(journey.source(), "session")) {
      journey.set("cutover.pgbouncer", pooler.setting()).set("cutover.pgbouncer_database", "shop");
      journey.toReady();
      admit(journey);
      try (var clients = new Clients(pooler, true)) {
        clients.awaitMore();
        journey.cutOver();
        clients.awaitMore();
        assertThat(clients.errors).isEmpty();
      }
    }
  }

  @Test
  void resumesClientsWhenTheCutoverFails() throws Exception {
    try (Journey journey = journey();
        Pooler pooler = Pooler.before(journey.source(), "session");
        Connection staying = pooler.connect()) {
      journey
          .set("cutover.pgbouncer", pooler.setting())
          .set("cutover.pgbouncer_database", "shop")
          .set("cutover.hook_timeout", "500ms");
      journey.toReady();
      Sql.execute(staying, "INSERT INTO public.done VALUES (99, 1)");
      assertThatThrownBy(() -> journey.migration().cutover())
          .hasMessageContaining("clients have to disconnect");
      assertThat(pooler.isPaused()).isFalse();
      Sql.execute(staying, "INSERT INTO public.done VALUES (99, 2)");
      journey.set("cutover.pgbouncer_database", "shap");
      assertThatThrownBy(() -> journey.migration().cutover())
          .hasMessageContaining("no database shap");
      journey.cleanUp();
    }
  }

  @Test
  void resumesClientsAfterAProcessThatDied() throws Exception {
    try (Journey journey = journey();
        Pooler pooler = Pooler.before(journey.source(), "transaction")) {
      journey.set("cutover.pgbouncer", pooler.setting()).set("cutover.pgbouncer_database", "shop");
      journey.toReady();
      journey.program("cutover", "--yes").dieAt(CrashPoint.SWITCH_AFTER_PAUSE, 1);
      assertThat(pooler.isPaused()).isTrue();
      journey.toReady();
      assertThat(pooler.isPaused()).isFalse();
    }
  }
}
