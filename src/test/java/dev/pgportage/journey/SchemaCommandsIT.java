package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.pgportage.pg.Quoting;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.testing.Programs;
import dev.pgportage.testing.TestDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code schema} and {@code schema diff}, as their users type them. */
class SchemaCommandsIT {
  private static final Path RICH = Path.of("src/test/resources/dev/pgportage/schema/rich.sql");

  /** May connect, and owns nothing. */
  private static final String ONLOOKER = "Looks \"only\" dö";

  @Test
  void makesEverythingAndFindsEveryDifference() throws Exception {
    try (var journey = Journey.between(15, 15)) {
      Programs.psql(journey.source().writerUrl(), RICH);
      journey.program("schema", "--post-data").dieAt(CrashPoint.SCHEMA_AFTER_OBJECT, 20);
      String made = done(journey.program("schema", "--post-data"));
      assertThat(made).contains("Left out", "by earlier ones", "Made otherwise");
      assertThat(done(journey.program("schema", "--post-data"))).contains("0 objects by this run");
      var refused = journey.program("migrate", "--until-ready").run();
      assertThat(refused.output()).contains("WRONG_STEP: ", "--post-data");
      addOnlooker(journey.source());
      addOnlooker(journey.target());
      var equal = diff(journey);
      assertThat(equal.output()).contains("\nEqual");
      assertThat(equal.status()).isZero();
      journey.target().execute(CHANGES);
      var different = diff(journey);
      assertThat(different.status()).as(different.output()).isEqualTo(3);
      assertThat(unexplained(diff(journey, "--output", "json").output()))
          .containsExactlyInAnyOrder(CHANGED);
      assertThat(journey.migration().cleanup().left()).isEmpty();
    }
  }

  private static final String CHANGES =
      """
      ALTER TABLE shop.orders ALTER COLUMN total SET STATISTICS 7;
      ALTER TABLE shop.orders SET (fillfactor = 70);
      ALTER TABLE shop.customer ALTER COLUMN name SET STORAGE EXTERNAL;
      DROP INDEX shop.name_trgm;
      COMMENT ON VIEW shop.v2 IS 'another';
      ALTER FUNCTION shop.countv() COST 7;
      ALTER TYPE shop.mood ADD VALUE 'new';
      CREATE CAST (shop.mood AS int) WITH INOUT AS ASSIGNMENT;
      DROP COLLATION shop.de;
      ALTER STATISTICS shop.st SET STATISTICS 9;
      CREATE TABLE shop.new (id int PRIMARY KEY);
      ALTER TABLE shop.orders DISABLE TRIGGER touch_always;
      """;
  private static final String[] CHANGED = {
    "storage of table column shop.orders.total",
    "storage of table shop.orders",
    "storage of table column shop.customer.name",
    "index shop.name_trgm",
    "comment on view shop.v2",
    "details of function shop.countv()",
    "function shop.countv()",
    "type shop.mood",
    "cast (shop.mood AS integer)",
    "collation shop.de",
    "target of statistics object shop.st",
    "table shop.new",
    "mode of trigger touch_always on shop.orders"
  };

  @Test
  void goesOnWithTheRowsWhereTheSchemaWasMadeAlone() throws Exception {
    try (var journey = Journey.between(15, 16)) {
      Programs.psql(journey.source().writerUrl(), RICH);
      journey.source().execute("ALTER TABLE shop.customer NO FORCE ROW LEVEL SECURITY");
      addOnlooker(journey.source());
      addOnlooker(journey.target());
      done(journey.program("schema"));
      var refused = journey.program("schema", "--post-data", "--set", "schema.mode=existing").run();
      assertThat(refused.output()).contains("WRONG_STEP: ");
      journey.toReady().cutOver();
      var equal = diff(journey);
      assertThat(equal.status()).as(equal.output()).isZero();
      assertThat(equal.output()).contains("writes it otherwise");
      assertThat(journey.migration().cleanup().left()).isEmpty();
    }
  }

  private static void addOnlooker(TestDatabase database) throws SQLException {
    database.executeAsSuperuser(
        """
        DO $$ BEGIN
          CREATE ROLE %1$s LOGIN PASSWORD '%2$s';
        EXCEPTION WHEN duplicate_object THEN NULL; END $$
        """
            .formatted(Quoting.identifier(ONLOOKER), TestDatabase.PASSWORD));
  }

  private static Program.Ended diff(Journey journey, String... options) {
    var line = new ArrayList<>(List.of("schema", "diff"));
    line.addAll(List.of("--source", as(journey.source()), "--target", as(journey.target())));
    line.addAll(List.of(options));
    return Program.of(line).run();
  }

  private static String as(TestDatabase database) {
    return database.server().url(ONLOOKER, TestDatabase.PASSWORD, database.name());
  }

  private static List<String> unexplained(String json) throws Exception {
    JsonNode answer = new JsonMapper().readTree(json.substring(json.indexOf("\n{") + 1));
    assertThat(answer.path("command").asText()).isEqualTo("schema diff");
    assertThat(answer.path("exit_status").asInt()).isEqualTo(3);
    var names = new ArrayList<String>();
    answer
        .path("result")
        .path("unexplained")
        .forEach(line -> names.add(line.path("object").asText()));
    return names;
  }

  private static String done(Program program) {
    var ended = program.run();
    assertThat(ended.status()).as(ended.output()).isZero();
    return ended.output();
  }
}
