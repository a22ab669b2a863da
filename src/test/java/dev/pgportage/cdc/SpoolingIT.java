package dev.pgportage.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.Sql;
import dev.pgportage.spool.Spool;
import dev.pgportage.spool.SpoolLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes that wait on disk: received with nothing applied, and beyond the applier's memory. */
class SpoolingIT {
  private static final UUID ID = UUID.randomUUID();
  private final ReplicationFixture fixture;
  @TempDir Path directory;

  SpoolingIT() throws SQLException {
    fixture =
        ReplicationFixture.between(15, 15)
            .schema(
                "CREATE TABLE item (id int PRIMARY KEY, v text); CREATE TABLE other (id int PRIMARY KEY)");
  }

  @AfterEach
  void close() throws SQLException {
    fixture.close();
  }

  private Spool open(long most) {
    return Spool.open(directory, ID, new SpoolLimits(most, 0, 0));
  }

  private void writeItems(int from, int to) throws SQLException {
    try (var connection = fixture.source.writer()) {
      for (int i = from; i < to; i++) {
        Sql.execute(
            connection,
            "INSERT INTO item VALUES (%d, repeat('x', 500)); UPDATE item SET v = 'u' || id WHERE id = %d"
                .formatted(i, Math.max(0, i - 7)));
      }
    }
  }

  private long files() throws IOException {
    try (Stream<Path> found = Files.list(directory)) {
      return found.filter(p -> p.toString().endsWith(".spool")).count();
    }
  }

  @Test
  void letsTheSourceForgetWhatIsReceivedAndAppliesItLater() throws Exception {
    try (Spool spool = open(1 << 30)) {
      fixture.spool(spool);
      try (Receiving receiving = fixture.receive()) {
        writeItems(0, 200);
        Lsn confirmed = fixture.awaitConfirmed();
        receiving.check();
        assertThat(spool.end()).isGreaterThanOrEqualTo(confirmed);
        assertThat(fixture.target.number("SELECT count(*) FROM item")).isZero();
      }
      writeItems(200, 250);
      fixture.start().syncAndCompare();
      writeItems(250, 300);
      fixture.syncAndCompare();
      // Once all of it is applied and saved, and changes come directly, it is emptied.
      fixture.run("INSERT INTO other VALUES (1)").sync();
      long deadline = System.nanoTime() + 20_000_000_000L;
      while (!spool.isEmpty()) {
        assertThat(System.nanoTime()).isLessThan(deadline);
        fixture.run("UPDATE other SET id = id + 1");
        Thread.onSpinWait();
      }
      fixture.stop();
      assertThat(files()).isZero();
    }
  }

  @Test
  void goesOnFromTheFilesOfAProcessThatEndedHalfWayThrough() throws Exception {
    try (Spool spool = open(1 << 30)) {
      fixture.spool(spool);
      try (Receiving receiving = fixture.receive()) {
        writeItems(0, 300);
        fixture.awaitConfirmed();
        receiving.check();
      }
      fixture.start();
      fixture.stop();
    }
    for (int round = 0; round < 3; round++) {
      try (Spool spool = open(1 << 30)) {
        fixture.spool(spool);
        try (Receiving receiving = fixture.receive()) {
          writeItems(300 + round * 20, 320 + round * 20);
          fixture.awaitConfirmed();
          receiving.check();
        }
      }
    }
    try (Spool spool = open(1 << 30)) {
      fixture.spool(spool).start().syncAndCompare();
      fixture.stop();
    }
  }

  @Test
  void keepsTheWalOnTheSourceWhenTheSpoolIsFull() throws Exception {
    try (Spool spool = open(20_000)) {
      fixture.spool(spool);
      try (Receiving receiving = fixture.receive()) {
        writeItems(0, 300);
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (!spool.gauge().full()) {
          assertThat(System.nanoTime()).as("%s", spool.gauge()).isLessThan(deadline);
          receiving.check();
        }
      }
      assertThat(spool.end()).isLessThan(fixture.now());
      fixture.start().syncAndCompare();
      fixture.stop();
    }
  }

  @Test
  void takesWhatTheTargetIsTooSlowFor() throws Exception {
    try (Spool spool = open(1 << 30);
        var lock = fixture.target.writer()) {
      fixture.memory(50_000).spool(spool).start();
      lock.setAutoCommit(false);
      Sql.execute(lock, "LOCK TABLE item");
      writeItems(0, 1000);
      // More than memory takes has come, so it can be confirmed only if it is in the spool.
      long deadline = System.nanoTime() + 20_000_000_000L;
      while (spool.isEmpty()) {
        assertThat(System.nanoTime()).isLessThan(deadline);
        fixture.run("UPDATE item SET v = 'more' WHERE id = 1");
      }
      lock.rollback();
      fixture.syncAndCompare();
      writeItems(1000, 1050);
      fixture.syncAndCompare();
      fixture.stop();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void endsWithTheRowsOfTheSourceHoweverItWasReceived(long seed) throws Exception {
    var random = new Random(seed);
    for (int round = 0; round < 5; round++) {
      try (Spool spool = open(random.nextBoolean() ? 100_000 : 1 << 30)) {
        fixture.memory(random.nextBoolean() ? 20_000 : 64 << 20).spool(spool);
        if (random.nextInt(3) > 0) {
          try (Receiving receiving = fixture.receive()) {
            transactions(random);
            receiving.check();
          }
        }
        if (random.nextBoolean()) {
          fixture.start();
          transactions(random);
          if (random.nextBoolean()) {
            fixture.syncAndCompare();
          }
          fixture.stop();
        }
      }
    }
    try (Spool spool = open(1 << 30)) {
      fixture.spool(spool).start().syncAndCompare();
      fixture.stop();
    }
  }

  private void transactions(Random random) throws SQLException {
    try (var connection = fixture.source.writer()) {
      connection.setAutoCommit(false);
      for (int i = 0; i < 60; i++) {
        int rows = random.nextInt(20) == 0 ? 2000 : 3;
        int from = random.nextInt(3000);
        Sql.execute(
            connection,
            switch (random.nextInt(5)) {
              case 0 -> "DELETE FROM item WHERE id BETWEEN %d AND %d".formatted(from, from + rows);
              case 1 -> "TRUNCATE other";
              case 2 -> "INSERT INTO other VALUES (%d) ON CONFLICT DO NOTHING".formatted(from);
              default ->
                  "INSERT INTO item SELECT i, md5(i::text) FROM generate_series(%d, %d) i ON CONFLICT (id) DO UPDATE SET v = item.v || 'x'"
                      .formatted(from, from + rows);
            });
        if (random.nextInt(10) == 0) {
          connection.rollback();
        } else if (random.nextBoolean()) {
          connection.commit();
        }
      }
      connection.commit();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void carriesTransactionsThatAreSentBeforeTheyCommit(long seed) throws Exception {
    var random = new Random(seed);
    fixture.source.executeAsSuperuser(
        "ALTER DATABASE \"%s\" SET logical_decoding_work_mem = '64kB'"
            .formatted(fixture.source.name()));
    try (Spool spool = open(1 << 30)) {
      fixture.memory(random.nextBoolean() ? 20_000 : 64 << 20).spool(spool).start();
      for (int round = 0; round < 4; round++) {
        try (var one = fixture.source.writer();
            var other = fixture.source.writer()) {
          one.setAutoCommit(false);
          other.setAutoCommit(false);
          for (int i = 0; i < 12; i++) {
            // Two at a time, on rows of their own, so that neither waits for the other.
            nested(one, random, 0);
            nested(other, random, 100_000);
          }
          finish(one, random);
          finish(other, random);
        }
        if (random.nextBoolean()) {
          fixture.stop();
          fixture.start();
        }
      }
      fixture.syncAndCompare();
      assertThat(
              fixture.source.number(
                  "SELECT coalesce(sum(stream_txns), 0) FROM pg_stat_replication_slots s JOIN pg_replication_slots r USING (slot_name) WHERE r.database = current_database()"))
          .isPositive();
      fixture.stop();
    }
  }

  private static void finish(java.sql.Connection connection, Random random) throws SQLException {
    if (random.nextInt(4) == 0) {
      connection.rollback();
    } else {
      connection.commit();
    }
  }

  /** A subtransaction in which another one may be rolled back, or which is itself. */
  private static void nested(java.sql.Connection connection, Random random, int base)
      throws SQLException {
    Sql.execute(connection, "SAVEPOINT a");
    large(connection, random, base);
    Sql.execute(connection, "SAVEPOINT b");
    large(connection, random, base);
    if (random.nextBoolean()) {
      Sql.execute(connection, "ROLLBACK TO SAVEPOINT b");
      large(connection, random, base);
    }
    if (random.nextInt(3) == 0) {
      Sql.execute(connection, "ROLLBACK TO SAVEPOINT a");
    }
    Sql.execute(connection, "RELEASE SAVEPOINT a");
  }

  private static void large(java.sql.Connection connection, Random random, int base)
      throws SQLException {
    int from = base + random.nextInt(1000);
    Sql.execute(
        connection,
        random.nextInt(4) == 0
            ? "DELETE FROM item WHERE id BETWEEN %d AND %d".formatted(from, from + 400)
            : "INSERT INTO item SELECT i, repeat(md5(i::text), 5) FROM generate_series(%d, %d) i ON CONFLICT (id) DO UPDATE SET v = left(item.v, 100) || 'x'"
                .formatted(from, from + 400));
  }
}
