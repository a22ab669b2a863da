package dev.pgportage.load;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig.Limits;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/**
 * What a load may be doing to its source, measured once.
 *
 * @param replicaLag how far the source's worst standby is behind; empty if there is none, or if the
 *     role may not see it
 * @param snapshotAge how many transactions the source has begun since this migration's oldest
 *     snapshot: none of their dead rows can be removed
 */
record SourceReading(Optional<Duration> replicaLag, long snapshotAge) {

  static SourceReading of(Connection source, Database database) throws SQLException {
    return Sql.queryFirst(
            source,
            """
            SELECT
              (SELECT extract(epoch FROM max(r.replay_lag)) * 1000 FROM pg_stat_replication r
               WHERE NOT EXISTS (
                 SELECT FROM pg_replication_slots s
                 WHERE s.active_pid = r.pid AND s.slot_type = 'logical')),
              (SELECT coalesce(max(age(a.backend_xmin)), 0) FROM pg_stat_activity a
               WHERE a.usename = session_user AND starts_with(a.application_name, ?))
            """,
            row -> {
              long lag = (long) row.getDouble(1);
              return new SourceReading(
                  row.wasNull() ? Optional.empty() : Optional.of(Duration.ofMillis(lag)),
                  row.getLong(2));
            },
            database.application())
        .orElseThrow();
  }

  /** Why copying is to pause, if it is. */
  Optional<String> pause(Limits limits) {
    return replicaLag
        .filter(lag -> lag.compareTo(limits.replicaLag()) > 0)
        .map(
            lag ->
                "A standby of the source is "
                    + lag.toSeconds()
                    + " s behind (load.max_replica_lag: "
                    + limits.replicaLag().toSeconds()
                    + " s): copying pauses until it is not");
  }

  /** Whether the snapshot is half as old as it may become. */
  boolean isOld(Limits limits) {
    return snapshotAge > limits.snapshotAge() / 2;
  }

  /**
   * Ends a load that has become a danger.
   *
   * @throws MigrationException SOURCE_ENDANGERED if it has
   */
  void requireSafe(Limits limits) {
    if (snapshotAge > limits.snapshotAge()) {
      throw new MigrationException(
          ErrorCode.SOURCE_ENDANGERED,
          "The load's snapshot keeps the source from removing the dead rows of "
              + snapshotAge
              + " transactions (load.max_snapshot_age: "
              + limits.snapshotAge()
              + ")");
    }
    replicaLag
        .filter(lag -> lag.compareTo(limits.stopReplicaLag()) > 0)
        .ifPresent(
            lag -> {
              throw new MigrationException(
                  ErrorCode.SOURCE_ENDANGERED,
                  "A standby of the source is "
                      + lag.toSeconds()
                      + " s behind (load.stop_replica_lag: "
                      + limits.stopReplicaLag().toSeconds()
                      + " s)");
            });
  }
}
