package dev.pgportage.workflow;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.MigrationConfig.Limits;
import dev.pgportage.pg.Slots;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a migration does to its two servers, read once.
 *
 * @param gauges the figures that could be read
 * @param walStatus the slot's; empty if there is no slot
 */
record SafetyReading(List<Gauge> gauges, Optional<Slots.WalStatus> walStatus) {
  static final String WAL = "wal-retained";
  static final String SLOT_AGE = "slot-xmin-age";
  static final String SNAPSHOT_AGE = "snapshot-age";
  static final String CONNECTIONS = "connections";
  static final String SPOOL = "spool";
  static final String REPLICA_LAG = "replica-lag";
  static final String TARGET_SIZE = "target-size";

  private static final String SOURCE =
      """
      SELECT
        (SELECT coalesce(max(age(a.backend_xmin)), 0) FROM pg_stat_activity a
         WHERE a.usename = session_user AND starts_with(a.application_name, ?)),
        (SELECT count(*) FROM pg_stat_activity
         WHERE usesysid IS NOT NULL AND pid <> pg_backend_pid()),
        current_setting('max_connections')::int - (
          SELECT sum(setting::int) FROM pg_settings
          WHERE name IN ('superuser_reserved_connections', 'reserved_connections')),
        (SELECT extract(epoch FROM max(r.replay_lag)) * 1000 FROM pg_stat_replication r
         WHERE NOT EXISTS (
           SELECT FROM pg_replication_slots s
           WHERE s.active_pid = r.pid AND s.slot_type = 'logical'))
      """;

  private static final String SLOT =
      """
      SELECT coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint,
        coalesce(age(catalog_xmin), 0)
      FROM pg_replication_slots WHERE slot_name = ?
      """;

  /** Reads the source's figures. */
  static SafetyReading ofSource(Connection source, MigrationConfig config) throws SQLException {
    var gauges = new ArrayList<Gauge>();
    Limits limits = config.load().limits();
    String slot = SourceObjects.slotName(config);
    Optional<Slots.Slot> found = Slots.find(source, slot);
    long most = limits.snapshotAge();
    Sql.query(
        source,
        SLOT,
        row -> {
          gauges.add(wal(row.getLong(1), found, config.safety().maxWalBytes()));
          return gauges.add(Gauge.of(SLOT_AGE, row.getLong(2), most / 2, most, "transactions"));
        },
        slot);
    Sql.query(
        source,
        SOURCE,
        row -> {
          gauges.add(Gauge.of(SNAPSHOT_AGE, row.getLong(1), most / 2, most, "transactions"));
          long usable = row.getLong(3);
          // Nobody's run is ended for connections: a session that is refused says so itself.
          gauges.add(
              Gauge.of(
                  CONNECTIONS,
                  row.getLong(2),
                  Math.max(1, usable - limits.connectionsKept()),
                  usable,
                  "connections"));
          long lag = (long) row.getDouble(4);
          return row.wasNull() || gauges.add(replicaLag(lag, limits));
        },
        Databases.application(config.name()) + " ");
    return new SafetyReading(List.copyOf(gauges), found.map(Slots.Slot::walStatus));
  }

  private static Gauge replicaLag(long millis, Limits limits) {
    return Gauge.of(
        REPLICA_LAG,
        millis,
        limits.replicaLag().toMillis(),
        limits.stopReplicaLag().toMillis(),
        "ms");
  }

  /** What the server itself allows counts, too, if it is less. */
  private static Gauge wal(long retained, Optional<Slots.Slot> slot, long configured) {
    long limit = configured == 0 ? Long.MAX_VALUE : configured;
    if (slot.isPresent() && slot.get().safeWalBytes().isPresent()) {
      limit = Math.min(limit, retained + Math.max(0, slot.get().safeWalBytes().getAsLong()));
    }
    return limit == Long.MAX_VALUE
        ? Gauge.of(WAL, retained, 0, 0, "bytes")
        : Gauge.of(WAL, retained, limit / 2, limit, "bytes");
  }

  /** Reads the target's figures. */
  static Gauge ofTarget(Connection target, MigrationConfig config) throws SQLException {
    long size = Sql.queryLong(target, "SELECT pg_database_size(current_database())");
    long limit = config.safety().maxTargetBytes();
    return Gauge.of(TARGET_SIZE, size, limit / 10 * 9, limit, "bytes");
  }
}
