package dev.pgportage.workflow;

import dev.pgportage.cdc.Replication;
import dev.pgportage.cdc.ReplicationSettings;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.spool.Spool;
import dev.pgportage.state.TableState;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Starts replication with what the state knows. */
final class Replications {
  private Replications() {}

  /**
   * Starts it.
   *
   * @param follows whether changes of the schema are followed: then tables that will yet be loaded
   *     are passed over
   * @param spool where changes may wait; open
   */
  static Replication start(Session session, Plan plan, boolean follows, Optional<Spool> spool)
      throws SQLException {
    Map<QualifiedName, Lsn> snapshots = new HashMap<>();
    session
        .loadLedger()
        .tables(session.control())
        .forEach(
            (table, state) -> {
              switch (state) {
                case TableState.Planned() -> {
                  if (follows) {
                    snapshots.put(table, Lsn.MAX);
                  }
                }
                case TableState.Copying(Lsn snapshot) ->
                    snapshots.put(table, follows ? Lsn.MAX : snapshot);
                case TableState.Copied(Lsn snapshot) -> snapshots.put(table, snapshot);
              }
            });
    if (follows) {
      plan.objects().rowHolders().forEach(table -> snapshots.putIfAbsent(table.name(), Lsn.MAX));
    }
    return Replication.start(settings(session, plan, follows, spool, snapshots), session.monitor());
  }

  /** What reading the slot takes, with each table's changes from a position on. */
  static ReplicationSettings settings(
      Session session,
      Plan plan,
      boolean follows,
      Optional<Spool> spool,
      Map<QualifiedName, Lsn> snapshots) {
    return new ReplicationSettings(
        session.source(),
        session.target(),
        SourceObjects.slotName(session.config()),
        SourceObjects.publicationName(session.config()),
        plan.objects(),
        snapshots,
        follows,
        session.run(),
        session.replicaRole(),
        session.config().apply().heartbeat(),
        session.config().apply().batchRows(),
        session.config().apply().batchBytes(),
        spool);
  }
}
