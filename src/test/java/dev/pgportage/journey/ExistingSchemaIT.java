package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.demo.Shop;
import dev.pgportage.demo.ShopWriter;
import dev.pgportage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The user applied the schema, as for sources that the installed pg_dump is too old for. */
class ExistingSchemaIT {
  @ParameterizedTest
  @CsvSource({"16, 16", "16, 17", "16, 18", "17, 18", "18, 18"})
  void receivesTheRowsUnderWrites(int sourceMajor, int targetMajor) throws Exception {
    try (var journey = Journey.between(sourceMajor, targetMajor).set("schema.mode", "existing")) {
      create(journey);
      try (var running = journey.start();
          var writer = ShopWriter.start(journey.source()::writer, 2, Duration.ofMillis(2))) {
        running.awaitReady();
        int before = writer.committed();
        journey.cutOver();
        running.await();
        assertThat(before).isPositive();
        writer.close();
        assertThat(writer.failures()).isEmpty();
      }
      assertThat(Sequences.behind(journey.source(), journey.target(), 1000)).isEmpty();
      assertSameShop(journey);
      journey.cleanUp();
    }
  }

  @Test
  void receivesTheRowsInPlaceOfOldOnesWhenTruncated() throws Exception {
    try (var journey = Journey.between(16, 16).set("schema.mode", "truncate")) {
      create(journey);
      journey
          .target()
          .execute(
              """
              INSERT INTO shop.categories (name) VALUES ('old');
              INSERT INTO shop.clickstream VALUES (now(), '::1', gen_random_uuid(), '/', 1)
              """);
      journey.toReady().cutOver();
      assertSameShop(journey);
      journey.cleanUp();
    }
  }

  private static void create(Journey journey) throws SQLException {
    try (Connection owner = journey.source().writer()) {
      Shop.create(owner, 0.02);
    }
    try (Connection owner = journey.target().writer()) {
      Shop.createTables(owner);
      Shop.createLogic(owner);
    }
  }

  /** The matview of the source is as old as its last refresh; the target's is fresh. */
  private static void assertSameShop(Journey journey) throws SQLException {
    TestDatabase source = journey.source();
    source.executeAsSuperuser(
        """
        BEGIN; SET TRANSACTION READ WRITE;
        REFRESH MATERIALIZED VIEW shop.category_sales; COMMIT
        """);
    journey.assertArrived();
  }
}
