package dev.pgportage.workflow;

import dev.pgportage.load.FullLoad;
import dev.pgportage.pg.ExportedSnapshot;
import java.sql.SQLException;

/**
 * The full load of what a snapshot shows, with keys and indexes as soon as their rows are there.
 */
final class LoadStep {
  private final Session session;
  private final Plan plan;
  private final StopSignal stop;
  private final SchemaStage schema;

  LoadStep(Session session, Plan plan, StopSignal stop, SchemaStage schema) {
    this.session = session;
    this.plan = plan;
    this.stop = stop;
    this.schema = schema;
  }

  /** Loads; what is in the ledger already is not loaded again. */
  Replicating.Done run(ExportedSnapshot snapshot) throws SQLException {
    var load =
        new FullLoad(
            session.copyRoute(), session.config().load(), session.loadLedger(), session.monitor());
    stop.interrupting(() -> load.run(plan.objects(), snapshot.snapshot(), schema::tableLoaded));
    snapshot.requireAlive();
    schema.finishIndexes();
    return Replicating.Done.DONE;
  }
}
