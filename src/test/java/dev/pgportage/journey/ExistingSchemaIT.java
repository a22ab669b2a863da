package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.demo.Shop;
import dev.pgportage.demo.ShopWriter;
import dev.pgportage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The user applied the schema, as for sources that the installed pg_dump is too old for. */
class ExistingSchemaIT {
  @ParameterizedTest
  @CsvSource({"16, 17", "17, 18", "18, 18"})
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
      journey.refreshOnSource("shop.category_sales").assertArrived();
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
      journey.refreshOnSource("shop.category_sales").assertArrived();
      journey.cleanUp();
    }
  }

  @Test
  void refusesToEmptyTablesThatOthersPointAt() throws Exception {
    try (var journey =
        Journey.between(16, 16)
            .set("schema.mode", "truncate")
            .set("filters.exclude", "public.kept")) {
      for (TestDatabase side : List.of(journey.source(), journey.target())) {
        side.execute("CREATE TABLE item (id int PRIMARY KEY); INSERT INTO item VALUES (1)");
      }
      journey.source().execute("CREATE TABLE kept (item int)");
      journey
          .target()
          .execute("CREATE TABLE kept (item int REFERENCES item); INSERT INTO kept VALUES (1)");
      assertThatExceptionOfType(MigrationException.class)
          .isThrownBy(journey::toReady)
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.TARGET_NOT_EMPTY))
          .withMessageContaining("public.kept (kept_item_fkey) at public.item");
      assertThat(journey.target().number("SELECT count(*) FROM item")).isOne();
      journey.cleanUp();
    }
  }

  @Test
  void refusesSchemaThatCannotHoldTheRows() throws Exception {
    try (var journey = Journey.between(16, 16).set("schema.mode", "existing")) {
      journey.source().execute("CREATE TABLE item (id int PRIMARY KEY, price numeric)");
      journey.target().execute("CREATE TABLE item (id int PRIMARY KEY, price int)");
      assertThatExceptionOfType(MigrationException.class)
          .isThrownBy(journey::toReady)
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_DIFFERS))
          .withMessageContaining("public.item.price is 'integer' on the target, 'numeric'");
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
}
