package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.demo.Shop;
import dev.pgportage.demo.ShopWriter;
import dev.pgportage.pg.Sql;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.testing.TestDatabase;
import dev.pgportage.workflow.Migration;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The program is killed at every point where it matters, under writes, and run again. */
class KillMatrixIT {
  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.MATCH_NONE,
      names =
          "(FIX|CUTOVER|CLEANUP|DDL|REVERSE|ROLLBACK|SWITCH|REPAIR|STREAMED)_.*"
              + "|LOAD_BEFORE_MENDED_COMMIT|VALIDATION_AFTER_PART")
  void endsExactWhenKilledOnTheWayToReady(CrashPoint point) throws Exception {
    killOnTheWay(point, 1);
  }

  @ParameterizedTest
  @CsvSource({
    "SCHEMA_AFTER_OBJECT, 30",
    "LOAD_AFTER_CHUNK_COMMIT, 9",
    "LOAD_BEFORE_CHUNK_COMMIT, 17",
    "INDEX_AFTER_BUILD, 12",
    "APPLY_AFTER_COMMIT, 3",
    "APPLY_BEFORE_COMMIT, 4"
  })
  void endsExactWhenKilledLater(CrashPoint point, int passage) throws Exception {
    killOnTheWay(point, passage);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = "CUTOVER_.*")
  void endsExactWhenKilledDuringCutover(CrashPoint point) throws Exception {
    try (var journey = shop()) {
      try (var writer = write(journey)) {
        journey.toReady();
        var killed = journey.program("cutover", "--yes").killedAt(point, 1).run();
        assertThat(killed.killed()).as(killed.output()).isTrue();
        if (point != CrashPoint.CUTOVER_AFTER_OPEN) {
          journey.toReady();
          assertWritable(journey.source());
          journey.cutOver();
        } else {
          journey.migration().migrate(Migration.Until.CUTOVER);
        }
        writer.close();
        assertExact(journey, writer);
      }
    }
  }

  private static void killOnTheWay(CrashPoint point, int passage) throws Exception {
    try (var journey = shop()) {
      try (var writer = write(journey)) {
        var killed = journey.program("migrate", "--until-ready").killedAt(point, passage).run();
        assertThat(killed.killed()).as(killed.output()).isTrue();
        assertWritable(journey.source());
        journey.toReady().cutOver();
        writer.close();
        assertExact(journey, writer);
      }
    }
  }

  private static Journey shop() throws Exception {
    var journey = Journey.between(15, 15).set("load.chunk_size", "1MB");
    try (Connection owner = journey.source().writer()) {
      Shop.create(owner, 0.05);
    }
    return journey;
  }

  private static ShopWriter write(Journey journey) {
    return ShopWriter.start(journey.source()::writer, 1, Duration.ofMillis(5));
  }

  private static void assertExact(Journey journey, ShopWriter writer) throws SQLException {
    assertThat(writer.failures()).isEmpty();
    Set<UUID> lost = new HashSet<>(writer.acknowledged());
    lost.removeAll(committed(journey.target()));
    assertThat(lost).as("acknowledged, but not on the target").isEmpty();
    journey
        .source()
        .executeAsSuperuser(
            "BEGIN; SET TRANSACTION READ WRITE; REFRESH MATERIALIZED VIEW shop.category_sales; COMMIT");
    journey.assertArrived().cleanUp();
  }

  private static Set<UUID> committed(TestDatabase database) throws SQLException {
    try (Connection connection = database.superuser()) {
      return new HashSet<>(
          Sql.query(
              connection, "SELECT tx FROM shop.committed", row -> row.getObject(1, UUID.class)));
    }
  }

  private static void assertWritable(TestDatabase source) throws SQLException {
    source.execute(
        "INSERT INTO shop.promotions (name, during, percent) VALUES (gen_random_uuid(), 'empty', 1)");
  }
}
