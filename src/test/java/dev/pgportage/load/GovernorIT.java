package dev.pgportage.load;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig.Limits;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.pg.Sql;
import dev.pgportage.telemetry.Event;
import dev.pgportage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

@Timeout(60)
class GovernorIT {
  private static final Duration OFTEN = Duration.ofMillis(50);
  private static final Executor THREADS = task -> Thread.ofPlatform().daemon().start(task);
  private static final long AGE = 500_000_000;

  private final List<Event> events = new CopyOnWriteArrayList<>();

  @Test
  void takesFewerWorkersWhereConnectionsAreFew() throws Exception {
    try (var source = TestDatabase.source(15)) {
      source.executeAsSuperuser(
          "ALTER DATABASE \"%s\" CONNECTION LIMIT 5".formatted(source.name()));
      assertThat(governor(source, limits(1, AGE)).workers(4)).isEqualTo(3);
      assertThat(events).extracting(Event::kind).containsExactly("load.fewer-workers");
      assertThat(governor(source, limits(0, AGE)).workers(4)).isEqualTo(4);
      assertThatThrownBy(() -> governor(source, limits(4, AGE)).workers(4))
          .isInstanceOfSatisfying(
              MigrationException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_MANY_CONNECTIONS));
    }
  }

  @Test
  void endsTheLoadWhenItsSnapshotHoldsBackTooMuch() throws Exception {
    try (var source = TestDatabase.source(15);
        Connection snapshot = database(source).open("snapshot");
        Connection writer = source.superuser()) {
      Sql.execute(snapshot, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1");
      for (int i = 0; i < 40; i++) {
        Sql.queryLong(writer, "SELECT txid_current()");
      }
      var governor = governor(source, limits(0, 30));
      assertThatThrownBy(() -> governor.watch(new CountDownLatch(1)))
          .isInstanceOfSatisfying(
              MigrationException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.SOURCE_ENDANGERED));
    }
  }

  @Test
  void pausesWhileAStandbyIsBehind() throws Exception {
    try (var source = TestDatabase.source(15);
        Connection standby = standby(source)) {
      var governor = governor(superuser(source), limits(0, AGE));
      var stop = new CountDownLatch(1);
      var watching = CompletableFuture.runAsync(() -> watch(governor, stop), THREADS);
      PGReplicationStream stream =
          standby
              .unwrap(PGConnection.class)
              .getReplicationAPI()
              .replicationStream()
              .physical()
              .withStartPosition(position(source))
              .withStatusInterval(0, MILLISECONDS)
              .start();
      source.executeAsSuperuser("CREATE TABLE written ()");
      LogSequenceNumber written = position(source);
      // What a lag is made of.
      MILLISECONDS.sleep(1500);
      apply(stream, written);
      awaitEvent("load.paused");
      var reading = CompletableFuture.runAsync(() -> governor.read(1), THREADS);
      MILLISECONDS.sleep(200);
      assertThat(reading).isNotDone();
      while (events.stream().noneMatch(event -> event.kind().equals("load.goes-on"))) {
        source.executeAsSuperuser("ALTER TABLE written ADD a int; ALTER TABLE written DROP a");
        apply(stream, position(source));
        MILLISECONDS.sleep(20);
      }
      reading.join();
      stop.countDown();
      watching.join();
    }
  }

  @Test
  void readsNoFasterThanAllowed() throws Exception {
    try (var source = TestDatabase.source(15)) {
      var limits = new Limits(1 << 20, 0, Duration.ofDays(1), Duration.ofDays(1), AGE);
      var governor = new Governor(database(source), limits, events::add, OFTEN);
      long begun = System.nanoTime();
      for (int i = 0; i < 8; i++) {
        governor.read(128 << 10);
      }
      assertThat(Duration.ofNanos(System.nanoTime() - begun))
          .isBetween(Duration.ofMillis(700), Duration.ofSeconds(20));
    }
  }

  private static void apply(PGReplicationStream stream, LogSequenceNumber position)
      throws Exception {
    while (stream.getLastReceiveLSN().compareTo(position) < 0) {
      if (stream.readPending() == null) {
        MILLISECONDS.sleep(5);
      }
    }
    stream.setFlushedLSN(position);
    stream.setAppliedLSN(position);
    stream.forceUpdateStatus();
  }

  private void awaitEvent(String kind) throws Exception {
    while (events.stream().noneMatch(event -> event.kind().equals(kind))) {
      MILLISECONDS.sleep(10);
    }
  }

  private static void watch(Governor governor, CountDownLatch stop) {
    try {
      governor.watch(stop);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static LogSequenceNumber position(TestDatabase source) throws Exception {
    return LogSequenceNumber.valueOf(
        source.text("SELECT pg_current_wal_flush_lsn()::text").orElseThrow());
  }

  private static Connection standby(TestDatabase source) throws Exception {
    var properties = new Properties();
    properties.setProperty("user", superuser(source).endpoint().user());
    properties.setProperty("replication", "true");
    properties.setProperty("preferQueryMode", "simple");
    properties.setProperty("assumeMinServerVersion", "12");
    Endpoint at = source.endpoint();
    return DriverManager.getConnection(
        "jdbc:postgresql://%s:%d/%s".formatted(at.host(), at.port(), at.database()), properties);
  }

  private static Limits limits(int keptConnections, long snapshotAge) {
    return new Limits(0, keptConnections, Duration.ofSeconds(1), Duration.ofDays(1), snapshotAge);
  }

  private static Database database(TestDatabase source) {
    return new Database(source.endpoint(), "governed");
  }

  private static Database superuser(TestDatabase source) {
    Endpoint at = source.endpoint();
    return new Database(
        new Endpoint(
            at.side(),
            at.host(),
            at.port(),
            at.database(),
            "postgres",
            null,
            at.tls(),
            at.connectTimeout()),
        "governed");
  }

  private Governor governor(TestDatabase source, Limits limits) {
    return governor(database(source), limits);
  }

  private Governor governor(Database source, Limits limits) {
    return new Governor(source, limits, events::add, OFTEN);
  }
}
