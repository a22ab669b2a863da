package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.pg.Sql;
import dev.pgportage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TortureIT {
  @ParameterizedTest
  @CsvSource({"15, 100000000", "18, 1000000"})
  void arrivesWhateverItIs(int targetMajor, int bytes) throws Exception {
    try (var journey = Journey.between(15, targetMajor)) {
      Torture.create(journey.source(), bytes);
      try (var running = journey.start();
          var churn = new Churn(journey.source())) {
        running.awaitStep("load");
        Torture.change(journey.source(), bytes);
        running.awaitReady();
        churn.close();
        journey.cutOver();
        running.await();
      }
      journey.cleanUp();
      if (targetMajor == 15) {
        assertThat(Dumps.differences(journey.source(), journey.target())).isEmpty();
      }
      assertThat(Sequences.behind(journey.source(), journey.target(), 1000)).isEmpty();
      journey.refreshOnSource("torture.z_first", "torture.a_second").assertArrived();
      assertWorks(journey.target());
    }
  }

  @Tag("long")
  @ParameterizedTest
  @ValueSource(ints = {16, 17})
  void arrivesOnTheVersionsInBetween(int targetMajor) throws Exception {
    arrivesWhateverItIs(targetMajor, 1_000_000);
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void arrivesWithoutTheRightToSwitchTriggersOff(int targetMajor) throws Exception {
    try (var journey = Journey.of(TestDatabase.source(15), TestDatabase.plainTarget(targetMajor))) {
      Torture.create(journey.source(), Torture.SMALL);
      try (var running = journey.start()) {
        running.awaitReady();
        Torture.change(journey.source(), Torture.SMALL);
        journey.cutOver();
        running.await();
      }
      journey.cleanUp().refreshOnSource("torture.z_first", "torture.a_second").assertArrived();
      assertWorks(journey.target());
    }
  }

  /** The target is a database to work with: triggers and rules act, sequences give new values. */
  private static void assertWorks(TestDatabase target) throws SQLException {
    long before = target.number("SELECT count(*) FROM torture.side_effects");
    target.execute("INSERT INTO torture.watched VALUES (9000, 'after')");
    assertThat(target.text("SELECT v FROM torture.watched WHERE id = 9000")).contains("after!");
    assertThat(target.number("SELECT count(*) FROM torture.side_effects")).isEqualTo(before + 3);
    target.execute("INSERT INTO torture.ruled VALUES (9000, 'rule')");
    assertThat(target.number("SELECT count(*) FROM torture.ruled_log WHERE v = 'rule'")).isOne();
    target.execute("INSERT INTO torture.identities (v) VALUES ('next')");
    target.execute("INSERT INTO torture.by_index (tenant, code) VALUES (1, 'next')");
  }

  /** Small transactions on one table, from the full load on. */
  private static final class Churn implements AutoCloseable {
    private final AtomicBoolean running = new AtomicBoolean(true);
    private final AtomicReference<@Nullable SQLException> failure = new AtomicReference<>();
    private final Thread thread;

    Churn(TestDatabase source) {
      thread = Thread.ofPlatform().daemon().name("churn").start(() -> run(source));
    }

    private void run(TestDatabase source) {
      try (Connection connection = source.writer()) {
        for (int i = 0; running.get(); i++) {
          Sql.update(connection, "UPDATE torture.churn SET v = 'u' || v WHERE id = ?", i % 5000);
          Sql.update(connection, "INSERT INTO torture.churn VALUES (?, 'new')", 10_000 + i);
          Sql.update(connection, "DELETE FROM torture.churn WHERE id = ?", 9_000 + i);
          Sql.update(
              connection,
              "UPDATE torture.keyless_full SET f = f + 1 WHERE ctid IN"
                  + " (SELECT ctid FROM torture.keyless_full WHERE a = ? LIMIT 1)",
              i % 100);
          Sql.update(
              connection, "UPDATE torture.composite_key SET v = v + 1 WHERE v % 50 = ?", i % 50);
        }
      } catch (SQLException e) {
        failure.set(e);
      }
    }

    @Override
    public void close() throws SQLException {
      running.set(false);
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new AssertionError("interrupted", e);
      }
      SQLException failed = failure.get();
      if (failed != null) {
        throw failed;
      }
    }
  }
}
