package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.state.RequestKind;
import dev.pgportage.state.Requests;
import java.sql.Connection;
import org.junit.jupiter.api.Test;

/** A command was killed after it had asked for a cutover that no process was there to carry out. */
class StaleRequestIT {
  private static final String UNANSWERED =
      "SELECT count(*) FROM pgportage.request WHERE finished_at IS NULL";

  @Test
  void isNotCarriedOutByWhoeverGoesOnLater() throws Exception {
    try (var journey = Journey.between(15, 15)) {
      journey.source().execute("CREATE TABLE item (id int PRIMARY KEY)");
      journey.toReady();
      try (Connection target = journey.target().migrator()) {
        new Requests(journey.config().name()).post(target, RequestKind.CUTOVER, Requests.NONE);
      }
      try (var running = journey.start()) {
        while (journey.target().number(UNANSWERED) > 0) {
          Thread.sleep(20);
        }
        running.awaitReady();
        assertThat(journey.target().text("SELECT error FROM pgportage.request"))
            .get()
            .asString()
            .contains("INTERRUPTED");
        journey.source().execute("INSERT INTO item VALUES (1)");
      }
      journey.cutOver().assertArrived().cleanUp();
    }
  }
}
