package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import dev.pgportage.state.ApplyProgress;
import dev.pgportage.state.ComparingTables;
import dev.pgportage.state.EventLog;
import dev.pgportage.state.LagNote;
import dev.pgportage.state.NoticeLog;
import dev.pgportage.state.ResourceLedger;
import dev.pgportage.state.SchemaChanges;
import dev.pgportage.state.SpoolNote;
import dev.pgportage.state.StateStore;
import dev.pgportage.state.StepAttempts;
import dev.pgportage.state.ValidationResults;
import dev.pgportage.telemetry.Event;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads where a migration stands, without taking part in it. */
final class StatusReader {
  private static final int RECENT = 20;

  private final MigrationConfig config;
  private final ProofReader proofs;

  StatusReader(MigrationConfig config) {
    this.config = config;
    this.proofs = new ProofReader(config.name());
  }

  /**
   * Reads the state on the target, and the slot on the source if it answers.
   *
   * @throws MigrationException MIGRATION_UNKNOWN if the target has no such state
   */
  StatusReport read() throws SQLException {
    try (Connection state = open();
        var source = new SourceSession(config)) {
      return read(state, source);
    }
  }

  /** The same over sessions that are kept. */
  StatusReport read(Connection state, SourceSession source) throws SQLException {
    StateStore.Migration migration = migration(state);
    List<StatusReport.Stream> streams = List.of();
    Optional<String> problem = Optional.empty();
    try {
      streams = new StreamStatus(config).read(state, source);
    } catch (MigrationException e) {
      // All but the lag is known without the source, and wanted most when it is down.
      problem = Optional.of(e.code() + ": " + e.what());
    }
    boolean running = isRunning(state);
    List<ValidationResults.Proof> comparisons = new ValidationResults(config.name()).proofs(state);
    List<ComparingTables.Entry> comparing = comparing(state, running);
    Optional<StatusReport.Spool> spool = spool(state);
    return new StatusReport(
        migration.name(),
        migration.type(),
        migration.phase(),
        migration.phaseSince(),
        running,
        migration.holder(),
        HistoryReader.steps(state, config),
        new StepAttempts(config.name()).all(state),
        gauges(state, source, spool),
        tables(state),
        applied(state),
        StreamStatus.together(streams),
        streams.size() > 1 ? streams : List.of(),
        running ? new LagNote(config.name()).read(state).map(Duration::toMillis) : Optional.empty(),
        spool,
        problem,
        comparisons.stream().map(ValidationResults.Proof::result).toList(),
        proofs.read(state, comparisons, comparing),
        comparing(comparing),
        eventCounts(state),
        recentEvents(state),
        pendingChange(state),
        reverse(state, source),
        new NoticeLog(config.name()).channels(state));
  }

  private List<ComparingTables.Entry> comparing(Connection state, boolean running)
      throws SQLException {
    return running ? ComparingTables.now(state, config.name()) : List.of();
  }

  /** How far the running process is with a comparison, if it is at one. */
  private static Optional<StatusReport.Comparing> comparing(List<ComparingTables.Entry> all) {
    if (all.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new StatusReport.Comparing(
            all.size(),
            all.stream().filter(ComparingTables.Entry::ended).count(),
            all.stream().mapToLong(ComparingTables.Entry::rows).sum(),
            all.stream().mapToLong(ComparingTables.Entry::plannedRows).sum(),
            all.stream().mapToLong(ComparingTables.Entry::bytes).sum(),
            all.stream().mapToLong(ComparingTables.Entry::plannedBytes).sum(),
            all.stream()
                .filter(ComparingTables.Entry::isUnderWay)
                .map(
                    entry ->
                        new StatusReport.TableComparing(
                            entry.table().toString(),
                            entry.rows(),
                            entry.plannedRows(),
                            entry.bytes(),
                            entry.plannedBytes(),
                            entry.begunAt().orElseThrow()))
                .toList()));
  }

  /** How far changes are on their way back, by the slot here and the position on the source. */
  private Optional<StatusReport.Reverse> reverse(Connection state, SourceSession source)
      throws SQLException {
    if (new ResourceLedger(config.name()).open(state, WayBack.STATE).isEmpty()) {
      return Optional.empty();
    }
    try {
      // It is in the ledger before it is made.
      Optional<Position> applied =
          source.answer(
              session ->
                  Sql.queryLong(session, "SELECT count(to_regclass('pgportage.apply_progress'))")
                          == 0
                      ? Optional.empty()
                      : position(session));
      return applied.isEmpty()
          ? Optional.empty()
          : slot(state, WayBack.name(config), applied.get(), StatusReport.Reverse::new);
    } catch (MigrationException e) {
      // Told as the source's problem already.
      return Optional.empty();
    }
  }

  private Optional<Position> position(Connection connection) throws SQLException {
    return Sql.queryFirst(
        connection,
        "SELECT applied_lsn, applied_at FROM pgportage.apply_progress WHERE migration = ?",
        row -> new Position(Lsn.parse(row.getString(1)), row.getTimestamp(2).toInstant()),
        config.name());
  }

  private List<Gauge> gauges(
      Connection state, SourceSession source, Optional<StatusReport.Spool> filled)
      throws SQLException {
    var gauges = new ArrayList<Gauge>();
    try {
      gauges.addAll(source.answer(session -> SafetyReading.ofSource(session, config)).gauges());
    } catch (MigrationException e) {
      // Why the source does not answer is told beside the lag.
      gauges.clear();
    }
    gauges.add(SafetyReading.ofTarget(state, config));
    filled.ifPresent(
        spool ->
            gauges.add(
                Gauge.of(
                    SafetyReading.SPOOL,
                    spool.bytes(),
                    spool.mostBytes() / 2,
                    spool.mostBytes(),
                    "bytes")));
    return gauges;
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

  private Optional<StatusReport.Spool> spool(Connection state) throws SQLException {
    List<SpoolNote.Entry> all = SpoolNote.all(state, config.name());
    Map<Integer, Lsn> applied = ApplyProgress.streams(state, config.name());
    return all.stream()
        .max(Comparator.comparingLong(entry -> entry.fill().bytes()))
        .map(
            fullest ->
                new StatusReport.Spool(
                    fullest.spool().host(),
                    fullest.spool().directory(),
                    all.stream().mapToLong(entry -> entry.fill().bytes()).sum(),
                    all.stream().mapToLong(entry -> entry.fill().mostBytes()).sum(),
                    fullest.fill().from().toString(),
                    fullest.fill().to().toString(),
                    fullest.fill().bytes() == 0
                        ? 0
                        : Math.max(
                            0,
                            fullest
                                .fill()
                                .to()
                                .bytesSince(applied.getOrDefault(fullest.stream(), Lsn.ZERO))),
                    all.stream().anyMatch(entry -> entry.fill().full()),
                    fullest.notedAt()));
  }

  /** A session on the state. */
  Connection open() {
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
    return StateStore.isLeased(state, config.name());
  }

  private StatusReport.EventCounts eventCounts(Connection state) throws SQLException {
    return Sql.queryFirst(
            state,
            """
            SELECT count(*) FILTER (WHERE level = 'info'),
              count(*) FILTER (WHERE level = 'warning'), count(*) FILTER (WHERE level = 'error')
            FROM pgportage.event WHERE migration = ?
            """,
            row -> new StatusReport.EventCounts(row.getLong(1), row.getLong(2), row.getLong(3)),
            config.name())
        .orElseThrow();
  }

  private List<Event> recentEvents(Connection state) throws SQLException {
    return new EventLog(config.name())
        .latestAfter(state, 0, RECENT).stream().map(EventLog.Entry::event).toList();
  }

  private Optional<StatusReport.Applied> applied(Connection state) throws SQLException {
    return Sql.queryFirst(
        state,
        """
        SELECT sum(transactions), sum(inserts), sum(updates), sum(deletes), sum(truncates),
          sum(bytes),
          (SELECT count(*) FROM pgportage.event e
           WHERE e.migration = p.migration AND e.kind = 'ddl.followed')
        FROM pgportage.apply_progress p WHERE migration = ? GROUP BY migration
        """,
        row ->
            new StatusReport.Applied(
                row.getLong(1),
                row.getLong(2),
                row.getLong(3),
                row.getLong(4),
                row.getLong(5),
                row.getLong(6),
                row.getLong(7)),
        config.name());
  }

  private List<StatusReport.TableLoad> tables(Connection state) throws SQLException {
    return Sql.query(
        state,
        """
        SELECT r.schema_name, r.table_name, r.state, coalesce(c.rows, 0), r.planned_rows,
          r.planned_bytes
        FROM pgportage.relation r
          LEFT JOIN (SELECT schema_name, table_name, sum(rows) AS rows FROM pgportage.chunk
                     WHERE migration = ? GROUP BY 1, 2) c USING (schema_name, table_name)
        WHERE r.migration = ? ORDER BY 1, 2
        """,
        row ->
            new StatusReport.TableLoad(
                new QualifiedName(row.getString(1), row.getString(2)).toString(),
                row.getString(3),
                row.getLong(4),
                row.getLong(5),
                row.getLong(6)),
        config.name(),
        config.name());
  }

  /** Up to where the target has the changes, and since when. */
  private record Position(Lsn lsn, Instant at) {}

  /** What is made of a slot that was read, and of the position beyond it. */
  @FunctionalInterface
  private interface SlotView<T> {
    T of(
        String name,
        String now,
        String applied,
        long lagBytes,
        Instant appliedAt,
        long retainedBytes,
        String walStatus);
  }

  private static <T> Optional<T> slot(
      Connection connection, String name, Position applied, SlotView<T> view) throws SQLException {
    return Sql.queryFirst(
        connection,
        """
        SELECT slot_name, pg_current_wal_lsn(),
          coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint,
          to_jsonb(s) ->> 'wal_status'
        FROM pg_replication_slots s WHERE slot_name = ?
        """,
        row ->
            view.of(
                row.getString(1),
                row.getString(2),
                applied.lsn().toString(),
                Math.max(0, Lsn.parse(row.getString(2)).bytesSince(applied.lsn())),
                applied.at(),
                row.getLong(3),
                Optional.ofNullable(row.getString(4)).orElse("unknown")),
        name);
  }
}
