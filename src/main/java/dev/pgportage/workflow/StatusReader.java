package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import dev.pgportage.state.EventLog;
import dev.pgportage.state.SchemaChanges;
import dev.pgportage.state.StateStore;
import dev.pgportage.state.StepLog;
import dev.pgportage.state.ValidationResults;
import dev.pgportage.telemetry.Event;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Reads where a migration stands, without taking part in it. */
final class StatusReader {
  private static final int RECENT = 20;

  private final MigrationConfig config;

  StatusReader(MigrationConfig config) {
    this.config = config;
  }

  /**
   * Reads the state on the target, and the slot on the source if it answers.
   *
   * @throws MigrationException MIGRATION_UNKNOWN if the target has no such state
   */
  StatusReport read() throws SQLException {
    String application = Databases.application(config.name());
    try (Connection state = new Database(config.target(), application).open("status")) {
      StateStore.Migration migration = migration(state);
      Optional<StatusReport.Replication> replication = Optional.empty();
      Optional<String> problem = Optional.empty();
      try {
        replication = replication(state);
      } catch (MigrationException e) {
        // All but the lag is known without the source, and wanted most when it is down.
        problem = Optional.of(e.code() + ": " + e.what());
      }
      return new StatusReport(
          migration.name(),
          migration.type(),
          migration.phase(),
          migration.phaseSince(),
          isRunning(state),
          migration.holder(),
          new StepLog(config.name()).all(state),
          tables(state),
          replication,
          problem,
          new ValidationResults(config.name()).all(state),
          recentEvents(state),
          pendingChange(state));
    }
  }

  /** The change of the source's schema that waits. */
  Optional<PendingChange> pendingChange() throws SQLException {
    try (Connection state = open()) {
      migration(state);
      return pendingChange(state);
    }
  }

  /** Approves the change that waits, if it is this one. */
  void approve(String digest) throws SQLException {
    try (Connection state = open()) {
      if (!new SchemaChanges(config.name()).approve(state, digest)) {
        throw new MigrationException(
            ErrorCode.WRONG_STEP,
            "The change that was shown does not wait any more: the source's schema has changed"
                + " again, or it was made",
            "Run 'pgportage approve-ddl' again.",
            null);
      }
    }
  }

  private Connection open() {
    return new Database(config.target(), Databases.application(config.name())).open("status");
  }

  private Optional<PendingChange> pendingChange(Connection state) throws SQLException {
    return new SchemaChanges(config.name())
        .pending(state)
        .map(
            row -> {
              PendingChange shown = Session.read(row.statements(), PendingChange.class);
              return new PendingChange(
                  row.digest(),
                  row.position().toString(),
                  row.since(),
                  row.approved(),
                  shown.changes(),
                  shown.statements(),
                  shown.loads());
            });
  }

  /**
   * What is known of the migration itself.
   *
   * @throws MigrationException MIGRATION_UNKNOWN if it was never begun
   */
  StateStore.Migration migration(Connection state) throws SQLException {
    return StateStore.find(state, config.name())
        .orElseThrow(
            () ->
                new MigrationException(
                    ErrorCode.MIGRATION_UNKNOWN,
                    "The target has no migration named " + config.name()));
  }

  /** Whether a process runs the migration now. */
  boolean isRunning(Connection state) throws SQLException {
    return Sql.queryLong(
            state,
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND usename = current_user AND application_name = ?
            """,
            Databases.application(config.name()) + " lease")
        > 0;
  }

  private List<Event> recentEvents(Connection state) throws SQLException {
    List<EventLog.Entry> all = new EventLog(config.name()).after(state, 0);
    return all.stream().skip(Math.max(0, all.size() - RECENT)).map(EventLog.Entry::event).toList();
  }

  private List<StatusReport.TableLoad> tables(Connection state) throws SQLException {
    return Sql.query(
        state,
        """
        SELECT r.schema_name, r.table_name, r.state,
          coalesce((SELECT sum(c.rows) FROM pgportage.chunk c
                    WHERE c.migration = r.migration AND c.schema_name = r.schema_name
                      AND c.table_name = r.table_name), 0),
          r.planned_rows, r.planned_bytes
        FROM pgportage.relation r WHERE r.migration = ? ORDER BY 1, 2
        """,
        row ->
            new StatusReport.TableLoad(
                new QualifiedName(row.getString(1), row.getString(2)).toString(),
                row.getString(3),
                row.getLong(4),
                row.getLong(5),
                row.getLong(6)),
        config.name());
  }

  private Optional<StatusReport.Replication> replication(Connection state) throws SQLException {
    record Applied(Lsn lsn, Instant at) {}
    Optional<Applied> applied =
        Sql.queryFirst(
            state,
            "SELECT applied_lsn, applied_at FROM pgportage.apply_progress WHERE migration = ?",
            row -> new Applied(Lsn.parse(row.getString(1)), row.getTimestamp(2).toInstant()),
            config.name());
    if (applied.isEmpty()) {
      return Optional.empty();
    }
    String application = Databases.application(config.name());
    try (Connection source = new Database(config.source(), application).open("status")) {
      return Sql.queryFirst(
          source,
          """
          SELECT slot_name, pg_current_wal_lsn(),
            coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint,
            to_jsonb(s) ->> 'wal_status'
          FROM pg_replication_slots s WHERE slot_name = ?
          """,
          row -> {
            Lsn now = Lsn.parse(row.getString(2));
            return new StatusReport.Replication(
                row.getString(1),
                now.toString(),
                applied.get().lsn().toString(),
                Math.max(0, now.bytesSince(applied.get().lsn())),
                applied.get().at(),
                row.getLong(3),
                Optional.ofNullable(row.getString(4)).orElse("unknown"));
          },
          SourceObjects.slotName(config));
    }
  }
}
