package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.demo.DemoProof;
import dev.pgportage.demo.Shop;
import dev.pgportage.demo.ShopWriter;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.testing.TestDatabase;
import dev.pgportage.workflow.Migration;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The program is killed at every point where it matters, under writes, and run again: points that
 * follow each other in one migration, each run going on where the one before died.
 */
class KillMatrixIT {
  private static final List<String> ON_THE_WAY =
      List.of(
          "schema.before-object schema.after-object schema.after-object:30"
              + " ledger.before-publication publication.after slot.before slot.after"
              + " spool.after-arming spool.before-sync spool.after-sync spool.after-confirm",
          "load.before-chunk-commit load.after-chunk-commit:9 load.before-chunk-commit:7"
              + " load.after-table index.after-build index.after-build:6"
              + " apply.before-commit apply.after-commit apply.after-confirm constraint.after-add"
              + " apply.before-commit:4 apply.after-commit:3 validation.after-table ready");

  private static final List<String> IN_THE_CUTOVER =
      List.of(
          "cutover.before-fence",
          "fence.after-plan",
          "fence.after-put",
          "cutover.after-fence",
          "cutover.after-drain",
          "cutover.after-recopy",
          "cutover.after-sequences",
          "cutover.after-proof",
          "cutover.after-open");

  static Stream<String> chains() {
    return ON_THE_WAY.stream();
  }

  /** Those of other commands and settings have tests of their own. */
  @Test
  void namesEveryPoint() {
    List<String> elsewhere =
        List.of(
            "fix",
            "cleanup",
            "ddl",
            "reverse",
            "rollback",
            "switch",
            "repair",
            "streamed",
            "streams",
            "load.before-mended",
            "validation.after-part");
    assertThat(Stream.concat(ON_THE_WAY.stream(), IN_THE_CUTOVER.stream()))
        .flatMap(chain -> List.of(chain.split(" ", -1)))
        .map(point -> point.replaceFirst(":.*", ""))
        .containsAll(
            Arrays.stream(CrashPoint.values())
                .map(CrashPoint::label)
                .filter(label -> elsewhere.stream().noneMatch(label::startsWith))
                .toList());
  }

  @ParameterizedTest
  @MethodSource("chains")
  void endsExactWhenKilledOnTheWayToReady(String chain) throws Exception {
    try (var journey = shop();
        var writer = write(journey)) {
      for (String point : chain.split(" ", -1)) {
        kill(journey, point, "migrate", "--until-ready");
        assertWritable(journey.source());
      }
      journey.toReady().cutOver();
      writer.close();
      assertExact(journey, writer);
    }
  }

  @Test
  void endsExactWhenKilledDuringCutover() throws Exception {
    try (var journey = shop();
        var writer = write(journey)) {
      journey.toReady();
      for (String point : IN_THE_CUTOVER) {
        kill(journey, point, "cutover", "--yes");
        if (!point.equals(CrashPoint.CUTOVER_AFTER_OPEN.label())) {
          journey.toReady();
          assertWritable(journey.source());
        }
      }
      journey.migration().migrate(Migration.Until.CUTOVER);
      writer.close();
      assertExact(journey, writer);
    }
  }

  private static void kill(Journey journey, String point, String command, String option) {
    String[] parts = point.split(":", -1);
    CrashPoint at =
        Arrays.stream(CrashPoint.values())
            .filter(candidate -> candidate.label().equals(parts[0]))
            .findFirst()
            .orElseThrow();
    int passage = parts.length == 2 ? Integer.parseInt(parts[1]) : 1;
    journey.program(command, option).dieAt(at, passage);
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
    try (Connection connection = journey.target().superuser()) {
      assertThat(DemoProof.lost(writer.acknowledged(), connection))
          .as("acknowledged, but not on the target")
          .isEmpty();
    }
    journey.refreshOnSource("shop.category_sales").assertArrived().cleanUp();
  }

  private static void assertWritable(TestDatabase source) throws SQLException {
    source.execute(
        "INSERT INTO shop.promotions (name, during, percent) VALUES (gen_random_uuid(), 'empty', 1)");
  }
}
