package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.testing.Programs;
import dev.pgportage.workflow.Migration;
import dev.pgportage.workflow.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MigrationTypesIT {
  private static final String TABLES =
      """
      CREATE TABLE item (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text);
      INSERT INTO item (v) SELECT 'v' || i FROM generate_series(1, 1000) i;
      CREATE TABLE part (item int REFERENCES item, n int, PRIMARY KEY (item, n));
      INSERT INTO part SELECT i, 1 FROM generate_series(1, 1000) i;
      """;

  @TempDir private Path directory;

  @Test
  void copiesOneStateAndEndsWhenFullLoad() throws Exception {
    try (var journey = Journey.between(15, 15).set("type", "full-load")) {
      journey.source().execute(TABLES);
      assertThat(journey.migration().migrate(Migration.Until.CUTOVER)).isEqualTo(Outcome.LOADED);
      journey.assertArrived();
      journey.source().execute("INSERT INTO item (v) VALUES ('still writable')");
      assertThat(Sequences.behind(journey.source(), journey.target(), 100)).isEmpty();
      journey.cleanUp();
    }
  }

  @Test
  void replicatesOntoAnExactCopyWhenCdc() throws Exception {
    try (var journey = Journey.between(15, 15).set("type", "cdc").set("schema.mode", "existing")) {
      journey.source().execute(TABLES);
      Path dump = directory.resolve("dump.sql");
      Files.writeString(
          dump, Programs.dump(journey.source().url(), "--no-owner", "--no-privileges"));
      Programs.psql(journey.target().url(), dump);
      try (var running = journey.start()) {
        running.awaitReady();
        journey
            .source()
            .execute(
                """
                INSERT INTO item (v) VALUES ('new');
                UPDATE item SET v = 'u' WHERE id < 10;
                DELETE FROM part WHERE item > 500
                """);
        journey.cutOver();
        assertThat(running.await()).isEqualTo(Outcome.CUT_OVER);
      }
      journey.assertArrived().cleanUp();
    }
  }

  @Test
  void copiesAndReplicatesWhenBoth() throws Exception {
    try (var journey = Journey.between(15, 15)) {
      journey.source().execute(TABLES);
      journey.toReady();
      journey.source().execute("UPDATE item SET v = 'changed' WHERE id % 2 = 0");
      journey.cutOver().assertArrived().cleanUp();
    }
  }
}
