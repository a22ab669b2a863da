package dev.pgportage.workflow;

import dev.pgportage.cdc.Replication;
import dev.pgportage.cdc.ReplicationSettings;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.state.TableState;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/** Starts replication with what the state knows. */
final class Replications {
  private Replications() {}

  static Replication start(Session session, Plan plan) throws SQLException {
    Map<QualifiedName, Lsn> snapshots = new HashMap<>();
    session
        .loadLedger()
        .tables(session.control())
        .forEach(
            (table, state) -> {
              switch (state) {
                case TableState.Planned() -> {}
                case TableState.Copying(Lsn snapshot) -> snapshots.put(table, snapshot);
                case TableState.Copied(Lsn snapshot) -> snapshots.put(table, snapshot);
              }
            });
    return Replication.start(
        new ReplicationSettings(
            session.source(),
            session.target(),
            SourceObjects.slotName(session.config()),
            SourceObjects.publicationName(session.config()),
            plan.objects(),
            snapshots,
            session.run(),
            session.replicaRole(),
            session.config().apply().heartbeat(),
            session.config().apply().batchBytes()),
        session.monitor());
  }
}
