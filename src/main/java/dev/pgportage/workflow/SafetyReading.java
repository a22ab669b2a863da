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
 * @param slot the one that holds back most WAL, or is lost; empty if there is none
 */
record SafetyReading(List<Gauge> gauges, Optional<Slots.Slot> slot) {
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

  /** Of several streams the slot that is worst off: one that is lost holds back nothing. */
  private static final String SLOT =
      """
      SELECT coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint,
        coalesce(age(catalog_xmin), 0), slot_name
      FROM pg_replication_slots s WHERE slot_name = ANY (?)
      ORDER BY to_jsonb(s) ->> 'wal_status' IS NOT DISTINCT FROM 'lost' DESC, restart_lsn
      LIMIT 1
      """;

  /** A slot with what it keeps from being removed. */
  private record Held(Slots.Slot slot, long wal, long age) {}

  /** Reads the source's figures. */
  static SafetyReading ofSource(Connection source, MigrationConfig config) throws SQLException {
    var gauges = new ArrayList<Gauge>();
    Limits limits = config.load().limits();
    long most = limits.snapshotAge();
    Optional<Held> held = held(source, config);
    held.ifPresent(
        worst -> {
          gauges.add(wal(worst.wal(), worst.slot(), config.safety().maxWalBytes()));
          gauges.add(Gauge.of(SLOT_AGE, worst.age(), most / 2, most, "transactions"));
        });
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
    return new SafetyReading(List.copyOf(gauges), held.map(Held::slot));
  }

  private static Optional<Held> held(Connection source, MigrationConfig config)
      throws SQLException {
    record Figures(String slot, long wal, long age) {}
    Optional<Figures> worst =
        Sql.queryFirst(
            source,
            SLOT,
            row -> new Figures(row.getString(3), row.getLong(1), row.getLong(2)),
            (Object) SourceObjects.slotNames(config).toArray(String[]::new));
    if (worst.isEmpty()) {
      return Optional.empty();
    }
    return Slots.find(source, worst.get().slot())
        .map(slot -> new Held(slot, worst.get().wal(), worst.get().age()));
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
  private static Gauge wal(long retained, Slots.Slot slot, long configured) {
    long limit = configured == 0 ? Long.MAX_VALUE : configured;
    if (slot.safeWalBytes().isPresent()) {
      limit = Math.min(limit, retained + Math.max(0, slot.safeWalBytes().getAsLong()));
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
