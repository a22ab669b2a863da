package dev.pgportage.workflow;

import dev.pgportage.cdc.Receiving;
import dev.pgportage.cdc.Replication;
import dev.pgportage.cdc.ReplicationSettings;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.state.TableState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** Starts replication with what the state knows. */
final class Replications {
  private Replications() {}

  /**
   * Starts it.
   *
   * @param follows whether changes of the schema are followed: then tables that will yet be loaded
   *     are passed over
   * @param spools where changes may wait
   */
  static Replication start(Session session, Plan plan, boolean follows, OpenSpools spools)
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
    return Replication.start(
        settings(session, plan, follows, spools, snapshots), session.monitor());
  }

  /** Receives the changes of every stream that has a spool, while nothing is applied. */
  static List<Receiving> receive(Session session, Plan plan, boolean follows, OpenSpools spools)
      throws SQLException {
    if (session.config().apply().spool().mostBytes() == 0) {
      return List.of();
    }
    SortedMap<Integer, Lsn> applied = session.applyProgress().streams(session.control());
    return settings(session, plan, follows, spools, Map.of()).stream()
        .filter(settings -> settings.spool().isPresent())
        .map(
            settings ->
                Receiving.start(
                    settings,
                    applied.getOrDefault(settings.share().stream(), Lsn.ZERO),
                    session.monitor()))
        .toList();
  }

  /** What reading each slot takes, with each table's changes from a position on. */
  static List<ReplicationSettings> settings(
      Session session,
      Plan plan,
      boolean follows,
      OpenSpools spools,
      Map<QualifiedName, Lsn> snapshots)
      throws SQLException {
    MigrationConfig config = session.config();
    List<ReplicationSettings.Share> shares = shares(session, plan);
    var all = new ArrayList<ReplicationSettings>();
    for (ReplicationSettings.Share share : shares) {
      all.add(
          new ReplicationSettings(
              session.source(),
              session.target(),
              SourceObjects.slotName(config, share.stream()),
              SourceObjects.publicationName(config, share.stream()),
              plan.objects(),
              snapshots,
              follows,
              session.run(),
              session.replicaRole(),
              config.apply().heartbeat(),
              config.apply().batchRows(),
              config.apply().batchBytes() / shares.size(),
              spools.of(share.stream()),
              share));
    }
    return all;
  }

  private static List<ReplicationSettings.Share> shares(Session session, Plan plan)
      throws SQLException {
    int streams = session.applyProgress().streams(session.control()).size();
    if (streams < 2) {
      return List.of(ReplicationSettings.Share.all());
    }
    try (Connection source = session.source().open("setup")) {
      var tables = StreamTables.read(source, session.config(), streams, plan.objects());
      var shares = new ArrayList<ReplicationSettings.Share>();
      for (int stream = 1; stream <= streams; stream++) {
        shares.add(new ReplicationSettings.Share(stream, tables.othersThan(stream)));
      }
      return shares;
    }
  }
}
