package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.pg.Sql;
import dev.pgportage.state.CrashPoint;
import java.sql.SQLException;
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
      journey.program("cleanup", "--yes").dieAt(CrashPoint.CLEANUP_AFTER_SLOT, 1);
      journey.cleanUp();
    }
  }

  @Test
  void opensTheSourceWhenTheCutoverWasKilledBehindItsFence() throws Exception {
    try (var journey = Journey.between(15, 15)) {
      journey.source().execute(TABLE);
      journey.toReady();
      journey.program("cutover", "--yes").dieAt(CrashPoint.CUTOVER_AFTER_FENCE, 1);
      try (var pooled = journey.source().writer()) {
        assertThat(Sql.queryText(pooled, "SHOW transaction_read_only")).hasValue("on");
        journey.cleanUp();
        assertThatThrownBy(() -> Sql.queryText(pooled, "SELECT 1"))
            .as("a pool must not keep a session that was born read-only")
            .isInstanceOf(SQLException.class);
      }
      journey.source().execute("INSERT INTO item VALUES (2)");
    }
  }

  @Test
  void removesWhatAKilledProgramLeft() throws Exception {
    try (var journey = Journey.between(15, 15)) {
      journey.source().execute(TABLE);
      journey.program("migrate", "--until-ready").dieAt(CrashPoint.AFTER_SLOT, 1);
      journey.cleanUp();
    }
  }
}
