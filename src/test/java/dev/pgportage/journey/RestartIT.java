package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.demo.EmbeddedServer;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.testing.Servers;
import dev.pgportage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Servers that crash and come back while a migration runs. */
class RestartIT {
  private static final String TABLES =
      """
      CREATE TABLE item (id int PRIMARY KEY, v text);
      INSERT INTO item SELECT i, repeat('v', 500) FROM generate_series(1, 50000) i;
      CREATE TABLE held (id int PRIMARY KEY, v text);
      INSERT INTO held SELECT i, 'held' FROM generate_series(1, 1000) i;
      """;

  @ParameterizedTest
  @EnumSource
  void survivesACrashInTheFullLoad(Side side) throws Exception {
    try (var server = EmbeddedServer.start(Servers.options(15));
        var journey = journey(side, server);
        var writer = Writer.on(journey.source());
        var running = journey.start().awaitStep("schema")) {
      // A copy that waits for a lock is in its middle for as long as the test wants.
      try (Connection lock = journey.target().superuser()) {
        lock.setAutoCommit(false);
        Sql.execute(lock, "LOCK TABLE public.held IN ACCESS EXCLUSIVE MODE");
        awaitOne(
            journey.target(),
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'held'::regclass");
        crash(server);
      }
      running.awaitReady();
      writer.close();
      journey.cutOver();
      running.await();
      journey.cleanUp().assertArrived();
    }
  }

  @ParameterizedTest
  @EnumSource
  void survivesACrashWhileReplicating(Side side) throws Exception {
    try (var server = EmbeddedServer.start(Servers.options(15));
        var journey = journey(side, server);
        var writer = Writer.on(journey.source());
        var running = journey.start().awaitReady()) {
      for (int i = 0; i < 2; i++) {
        writer.awaitMore(200);
        crash(server);
        writer.awaitMore(200);
      }
      writer.close();
      awaitRecovered(journey);
      journey.cutOver();
      running.await();
      journey.cleanUp().assertArrived();
    }
  }

  @Tag("long")
  @ParameterizedTest
  @EnumSource
  void waitsForAServerThatIsDownWhenItGoesOn(Side side) throws Exception {
    try (var server = EmbeddedServer.start(Servers.options(15));
        var journey = journey(side, server)) {
      journey.toReady();
      server.stop();
      try (var live = journey.program("migrate", "--until-ready").start()) {
        live.awaitOutput("trying again");
        server.start();
        journey.source().execute("INSERT INTO item VALUES (0, 'meanwhile')");
        assertThat(live.end().status()).isZero();
      }
      journey.cutOver().cleanUp().assertArrived();
    }
  }

  private static Journey journey(Side side, EmbeddedServer server) throws Exception {
    var journey =
        side == Side.SOURCE
            ? Journey.of(TestDatabase.source(server), TestDatabase.target(15))
            : Journey.of(TestDatabase.source(15), TestDatabase.target(server));
    journey.source().execute(TABLES);
    return journey.set("load.chunk_size", "1MB");
  }

  private static void crash(EmbeddedServer server) {
    server.stopImmediately();
    server.start();
  }

  /** Waits until a row has come through: between two attempts nobody runs the migration. */
  private static void awaitRecovered(Journey journey) throws Exception {
    journey.source().execute("INSERT INTO item VALUES (0, 'last')");
    awaitOne(journey.target(), "SELECT count(*) FROM item WHERE id = 0");
  }

  private static void awaitOne(TestDatabase database, String count) throws Exception {
    long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (database.number(count) == 0) {
      assertThat(System.nanoTime()).as(count).isLessThan(end);
      Thread.sleep(20);
    }
  }

  /** Transactions on the source, over and over, whatever becomes of the server. */
  private static final class Writer implements AutoCloseable {
    private final TestDatabase source;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread thread;
    private final AtomicLong committed = new AtomicLong();

    private Writer(TestDatabase source) {
      this.source = source;
      thread = Thread.ofPlatform().name("writer").daemon().start(this::run);
    }

    static Writer on(TestDatabase source) {
      return new Writer(source);
    }

    private void run() {
      while (stop.getCount() > 0) {
        try (Connection connection = source.writer()) {
          write(connection);
        } catch (SQLException e) {
          pause();
        }
      }
    }

    private void write(Connection connection) throws SQLException {
      while (stop.getCount() > 0) {
        int at = (int) (committed.get() % 40_000);
        Sql.execute(
            connection,
            """
            UPDATE public.item SET v = 'u' || v WHERE id = %1$d;
            DELETE FROM public.item WHERE id = 50000 - %1$d;
            INSERT INTO public.item VALUES (50000 - %1$d, 'again') ON CONFLICT DO NOTHING
            """
                .formatted(at));
        committed.incrementAndGet();
      }
    }

    void awaitMore(int transactions) throws InterruptedException {
      long wanted = committed.get() + transactions;
      long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
      while (committed.get() < wanted) {
        assertThat(System.nanoTime()).as("the writer goes on").isLessThan(end);
        Thread.sleep(10);
      }
    }

    private void pause() {
      try {
        stop.await(50, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        throw new AssertionError("interrupted", e);
      }
    }

    @Override
    public void close() throws InterruptedException {
      stop.countDown();
      thread.join();
    }
  }
}
