package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.state.CrashPoint;
import org.junit.jupiter.api.Test;

class CleanupIT {
  private static final String TABLE =
      "CREATE TABLE item (id int PRIMARY KEY); INSERT INTO item VALUES (1)";

  @Test
  void leavesTheSourceAsItWasWhenTheMigrationIsGivenUp() throws Exception {
    try (var journey = Journey.between(15, 15)) {
      journey.source().execute(TABLE);
      var schema = Contents.schema(journey.source());
      journey.toReady();
      assertThat(Contents.traces(journey.source())).hasSize(2);
      journey.cleanUp();
      assertThat(Contents.differences(schema, Contents.schema(journey.source()))).isEmpty();
      journey.source().execute("INSERT INTO item VALUES (2)");
    }
  }

  @Test
  void goesOnAfterItWasKilled() throws Exception {
    try (var journey = Journey.between(15, 15)) {
      journey.source().execute(TABLE);
      journey.toReady();
      var killed =
          journey.program("cleanup", "--yes").killedAt(CrashPoint.CLEANUP_AFTER_SLOT, 1).run();
      assertThat(killed.killed()).as(killed.output()).isTrue();
      journey.cleanUp();
    }
  }

  @Test
  void removesWhatAKilledProgramLeft() throws Exception {
    try (var journey = Journey.between(15, 15)) {
      journey.source().execute(TABLE);
      var killed =
          journey.program("migrate", "--until-ready").killedAt(CrashPoint.AFTER_SLOT, 1).run();
      assertThat(killed.killed()).as(killed.output()).isTrue();
      journey.cleanUp();
    }
  }
}
