package dev.pgportage.workflow;

import dev.pgportage.telemetry.Event;
import java.sql.SQLException;

/** What follows once the target is open: keys validated, materialized views refreshed. */
final class Finishing {
  private final Session session;
  private final SchemaStage schema;

  Finishing(Session session, SchemaStage schema) {
    this.session = session;
    this.schema = schema;
  }

  void run(String endPhase) throws SQLException {
    session.step(
        StepName.FINISH,
        Replicating.Done.class,
        () -> {
          schema.finish();
          return Replicating.Done.DONE;
        });
    session.phase(endPhase);
    session.monitor().event(Event.info(endPhase, "Complete: phase " + endPhase));
    session.heartbeat();
  }
}
