package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pgportage.demo.EmbeddedServer;
import dev.pgportage.pg.Sql;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.testing.Servers;
import dev.pgportage.testing.TestDatabase;
import dev.pgportage.workflow.StatusReport;
import dev.pgportage.workflow.TableProof;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code validate} and its repair are killed, held up, and asked again. */
class ValidateKilledIT {
  private static final String TABLES =
      """
      CREATE TABLE large (id int PRIMARY KEY, v text);
      INSERT INTO large SELECT g, repeat(md5(g::text), 30) FROM generate_series(1, 6000) AS g;
      CREATE TABLE "Odd ""name""\" (id int PRIMARY KEY, v text);
      INSERT INTO "Odd ""name""\" SELECT g, repeat('x', 1000) FROM generate_series(1, 300) AS g;
      CREATE TABLE parent (id int PRIMARY KEY);
      CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent);
      CREATE TABLE bag (v text);
      ALTER TABLE bag REPLICA IDENTITY FULL;
      INSERT INTO parent SELECT generate_series(1, 2000);
      INSERT INTO child SELECT g, g FROM generate_series(1, 1000) AS g;
      INSERT INTO bag VALUES ('a'), ('a'), ('b');
      ANALYZE large, "Odd ""name""\", parent, child, bag;
      """;

  private static final String DAMAGE =
      """
      DELETE FROM child WHERE id IN (3, 4);
      UPDATE large SET v = 'damaged' WHERE id = 5;
      INSERT INTO parent VALUES (9000);
      INSERT INTO bag VALUES ('c'), ('c');
      DELETE FROM bag WHERE v = 'b';
      """;

  @TempDir Path directory;

  @Test
  void goesOnWithTablesAndPartsOfTablesThatHaveNotChangedSince() throws Exception {
    try (var journey = Journey.between(15, 18)) {
      journey.source().execute(TABLES);
      journey.toReady();
      String[] slowly = {"--max-rate", "4MB", "--workers", "1"};
      journey.program("validate", slowly).dieAt(CrashPoint.VALIDATION_AFTER_PART, 7);
      var second = journey.program("validate", slowly).dieAt(CrashPoint.VALIDATION_AFTER_TABLE, 3);
      assertThat(second.output()).contains("Goes on with public.large where a comparison ended");
      journey.source().execute("UPDATE \"Odd \"\"name\"\"\" SET v = 'changed' WHERE id = 7");
      var third = journey.program("validate", slowly).run();
      assertThat(third.status()).as(third.output()).isZero();
      assertThat(third.output())
          .contains(
              "Equal: 9,303 rows in 5 tables are the same on both sides.",
              "Went on with the validation of ",
              " 2 tables of 8,000 rows had been proven by it, have not changed since, and were not"
                  + " read again.");
      // What is done is forgotten: the next one reads everything.
      JsonNode fourth = journey.validated(0);
      assertThat(fourth.at("/resumed").isNull()).isTrue();
      assertThat(fourth.findValuesAsText("extent")).containsOnly("whole");
    }
  }

  @Test
  void readsOnWithinATableAndEverythingIfThatIsWanted() throws Exception {
    try (var journey = Journey.between(15, 18)) {
      journey.source().execute(TABLES);
      journey.toReady();
      String[] slowly = {"--max-rate", "4MB", "--table", "public.large"};
      journey.program("validate", slowly).dieAt(CrashPoint.VALIDATION_AFTER_PART, 8);
      long rows = journey.target().number("SELECT max(rows) FROM pgportage.validation_part");
      assertThat(rows).isBetween(1000L, 5999L);
      // Somebody moves rows about on the target, so that they lie elsewhere, and are the same.
      journey.target().execute("UPDATE large SET v = v WHERE id < 500");
      JsonNode went = journey.validated(0, slowly);
      assertThat(went.at("/resumed/continued").toString()).isEqualTo("[\"public.large\"]");
      assertThat(went.at("/tables/0/result/source_rows").asInt()).isEqualTo(6000);
      journey.program("validate", slowly).dieAt(CrashPoint.VALIDATION_AFTER_PART, 8);
      journey.target().execute("UPDATE large SET v = 'wrong' WHERE id = 1");
      var options = new ArrayList<>(List.of("--restart"));
      options.addAll(List.of(slowly));
      assertThat(journey.validated(3, options.toArray(String[]::new)).at("/resumed").isNull())
          .isTrue();
    }
  }

  @Test
  void repairsWhollyOrNotAtAllAndUndoesOnlyWhatWasCommitted() throws Exception {
    try (var journey = Journey.between(15, 17)) {
      journey.source().execute(TABLES);
      journey.toReady();
      journey.target().execute(DAMAGE);
      Map<String, String> damaged = Contents.rows(journey.target());
      for (var point : List.of(CrashPoint.REPAIR_BEFORE_UNDO, CrashPoint.REPAIR_AFTER_UNDO)) {
        Path undo = directory.resolve(point + ".sql");
        killedRepair(journey, point, undo);
        assertThat(Contents.rows(journey.target())).as(point.label()).isEqualTo(damaged);
        if (point == CrashPoint.REPAIR_AFTER_UNDO) {
          assertThatThrownBy(() -> undo(journey, undo))
              .isInstanceOf(SQLException.class)
              .hasMessageContaining("The repair was never committed");
          assertThat(Contents.rows(journey.target())).isEqualTo(damaged);
        }
      }
      Path undo = directory.resolve("undo.sql");
      killedRepair(journey, CrashPoint.REPAIR_AFTER_COMMIT, undo);
      journey.assertSameRows();
      Path other = directory.resolve("other.sql");
      assertThat(repair(journey, other).status()).isZero();
      assertThat(other).doesNotExist();
      undo(journey, undo);
      assertThat(Contents.rows(journey.target())).isEqualTo(damaged);
      assertThatThrownBy(() -> undo(journey, undo)).hasMessageContaining("is taken back already");
      // What was proven of these tables holds no more, and a cutover knows that.
      assertThatThrownBy(() -> journey.migration().cutover()).hasMessageContaining("public.child");
      assertThat(repair(journey, other).status()).isZero();
      journey.cutOver().assertSameRows();
    }
  }

  @Test
  void changesNothingWhileSomebodyHoldsATable() throws Exception {
    try (var journey = Journey.between(15, 17)) {
      journey.source().execute(TABLES);
      try (var running = journey.start()) {
        running.awaitReady();
        journey.target().execute(DAMAGE);
        Path undo = directory.resolve("undo.sql");
        try (var holder = journey.target().writer()) {
          holder.setAutoCommit(false);
          Sql.execute(holder, "SET application_name = 'the holder'");
          Sql.execute(holder, "UPDATE child SET parent = 2 WHERE id = 1");
          var refused = repair(journey, undo);
          assertThat(refused.status()).as(refused.output()).isEqualTo(1);
          assertThat(refused.output())
              .contains("REPAIR_FAILED", "Somebody uses public.child", "(the holder)");
          assertThat(undo).doesNotExist();
          holder.rollback();
        }
        journey.source().execute("INSERT INTO parent VALUES (5000)");
        assertThat(repair(journey, undo).status()).isZero();
        journey.assertSameRows();
      }
    }
  }

  @Test
  void tellsHowFarItIsAndGoesOnWhenTheSourceWasRestarted() throws Exception {
    try (var server = EmbeddedServer.start(Servers.options(15));
        var journey = Journey.of(TestDatabase.source(server), TestDatabase.target(18))) {
      journey.source().execute(TABLES);
      try (var running = journey.start()) {
        running.awaitReady();
        String[] slowly = {"--max-rate", "1MB", "--table", "public.large"};
        try (var live = journey.program("validate", slowly).start()) {
          StatusReport.Comparing now = awaitHalf(journey);
          assertThat(now.underWay()).hasSize(1);
          assertThat(now.underWay().getFirst().table()).isEqualTo("public.large");
          assertThat(now.rows()).isBetween(1L, 5999L);
          assertThat(
                  journey.migration().status().proofs().stream()
                      .filter(proof -> proof.table().equals("public.large"))
                      .map(TableProof::meaning))
              .allMatch(meaning -> meaning.matches("being compared, \\d+ % read"));
          live.awaitOutput(" rows compared");
          server.stopImmediately();
          server.start();
          var ended = live.end();
          assertThat(ended.status()).as(ended.output()).isEqualTo(1);
          assertThat(ended.output()).contains("CONNECTION_LOST: Comparing public.large");
        }
        journey.awaitPhase("ready");
        String output = "";
        while (!output.contains("Equal:")) {
          running.requireRunning();
          output = journey.program("validate", slowly).run().output();
        }
        assertThat(output).contains("Read on from where it ended: public.large.");
        assertThat(journey.migration().status().comparing()).isEmpty();
      }
    }
  }

  private static StatusReport.Comparing awaitHalf(Journey journey) throws Exception {
    Optional<StatusReport.Comparing> now = Optional.empty();
    while (now.filter(c -> c.bytes() > c.plannedBytes() / 3).isEmpty()) {
      Thread.sleep(100);
      now = journey.migration().status().comparing();
    }
    return now.get();
  }

  private static void killedRepair(Journey journey, CrashPoint point, Path undo) {
    journey.program("validate", "--repair", "--undo", undo.toString(), "--yes").dieAt(point, 1);
  }

  private static Program.Ended repair(Journey journey, Path undo) {
    return journey.program("validate", "--repair", "--undo", undo.toString(), "--yes").run();
  }

  private static void undo(Journey journey, Path script) throws Exception {
    try (var connection = journey.target().migrator()) {
      Sql.execute(connection, Files.readString(script));
    }
  }
}
