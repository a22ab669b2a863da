package dev.pgportage.journey;

import dev.pgportage.demo.DemoProof;
import dev.pgportage.demo.Shop;
import dev.pgportage.demo.ShopWriter;
import dev.pgportage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Writes on the target for a long time after a cutover, then a rollback, all of it under writes:
 * every acknowledged transaction is looked for on both sides, and every row compared.
 */
public final class RollbackSoak {
  private static final int THREADS = 2;
  private static final String VIEW = "shop.category_sales";

  private RollbackSoak() {}

  /** Runs, and prints what was seen; fails with an {@link AssertionError} if anything is lost. */
  public static void run(Duration length) throws Exception {
    try (Journey journey = Journey.reversible(15, 17)) {
      try (Connection owner = journey.source().writer()) {
        Shop.create(owner, 0.05);
      }
      try (var writer = ShopWriter.start(journey.source()::writer, THREADS, Duration.ofMillis(4));
          Running running = journey.startToEnd().awaitReady()) {
        long freeze = journey.migration().cutover().freezeMillis();
        int onSource = writer.committed();
        writer.switchTo(journey.target()::writer);
        System.out.println("cut over, freeze " + freeze + " ms, " + onSource + " transactions");
        watch(journey, running, writer, length);
        int before = writer.committed();
        var report = journey.migration().rollback();
        System.out.printf(
            Locale.ROOT,
            "rolled back after %d transactions on the target, freeze %d ms, %d rows proven in it%n",
            before - onSource,
            report.freezeMillis(),
            report.rowsProven());
        journey.awaitPhase("ready");
        // Nobody writes: the application still asks the target, which refuses.
        requireAll("source", writer, journey.source());
        requireAll("target", writer, journey.target());
        journey.target().refresh(VIEW);
        journey.assertSameRows();
        writer.switchTo(journey.source()::writer);
        int after = writer.committed();
        while (writer.committed() < after + 200) {
          running.requireRunning();
          TimeUnit.MILLISECONDS.sleep(50);
        }
        writer.close();
        if (!writer.failures().isEmpty() || !journey.migration().validate().equal()) {
          throw new AssertionError("failures " + writer.failures() + ", or rows that differ");
        }
        requireAll("source", writer, journey.source());
        requireAll("target", writer, journey.target());
        System.out.println(
            writer.acknowledged().size()
                + " transactions acknowledged in all; each is on both sides, every row is equal");
      }
      journey.migration().abandon();
      journey.assertClean();
    }
  }

  private static void watch(Journey journey, Running running, ShopWriter writer, Duration length)
      throws Exception {
    long end = System.nanoTime() + length.toNanos();
    long told = System.nanoTime();
    while (System.nanoTime() < end) {
      running.requireRunning();
      TimeUnit.MILLISECONDS.sleep(200);
      if (System.nanoTime() - told > TimeUnit.MINUTES.toNanos(1)) {
        told = System.nanoTime();
        System.out.println(
            writer.committed()
                + " transactions; "
                + journey.migration().status().reverse().orElseThrow());
      }
    }
  }

  private static void requireAll(String side, ShopWriter writer, TestDatabase database)
      throws SQLException {
    try (Connection connection = database.superuser()) {
      Set<UUID> lost = DemoProof.lost(writer.acknowledged(), connection);
      if (!lost.isEmpty()) {
        throw new AssertionError(lost.size() + " transactions are not on the " + side);
      }
    }
  }
}
