package dev.pgportage.workflow;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.Sql;
import dev.pgportage.state.SpoolNote;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How far each stream is, by the state and by the slots on the source; for those who look. */
final class StreamStatus {
  private final MigrationConfig config;

  StreamStatus(MigrationConfig config) {
    this.config = config;
  }

  /** Up to where the target has a stream's changes, and since when. */
  private record Position(int stream, Lsn lsn, Instant at) {}

  /** A slot as it was when looked at. */
  private record Slot(Lsn now, long retainedBytes, String walStatus) {}

  /** Each stream whose slot is there, in their order. */
  List<StatusReport.Stream> read(Connection state, SourceSession source) throws SQLException {
    List<Position> positions =
        Sql.query(
            state,
            """
            SELECT stream, applied_lsn, applied_at FROM pgportage.apply_progress
            WHERE migration = ? ORDER BY stream
            """,
            row ->
                new Position(
                    row.getInt(1), Lsn.parse(row.getString(2)), row.getTimestamp(3).toInstant()),
            config.name());
    if (positions.isEmpty()) {
      return List.of();
    }
    Map<String, Slot> slots = source.answer(this::slots);
    Map<String, Long> tables = positions.size() > 1 ? source.answer(this::tables) : Map.of();
    Map<Integer, Long> spools = new HashMap<>();
    SpoolNote.all(state, config.name()).forEach(e -> spools.put(e.stream(), e.fill().bytes()));
    var streams = new ArrayList<StatusReport.Stream>();
    for (Position position : positions) {
      String name = SourceObjects.slotName(config, position.stream());
      Slot slot = slots.get(name);
      if (slot != null) {
        streams.add(
            new StatusReport.Stream(
                position.stream(),
                name,
                tables.getOrDefault(SourceObjects.publicationName(config, position.stream()), 0L),
                slot.now().toString(),
                position.lsn().toString(),
                Math.max(0, slot.now().bytesSince(position.lsn())),
                position.at(),
                slot.retainedBytes(),
                slot.walStatus(),
                spools.getOrDefault(position.stream(), 0L)));
      }
    }
    return streams;
  }

  /** All of them together: what is applied of every one, and the slot that is worst off. */
  static Optional<StatusReport.Replication> together(List<StatusReport.Stream> streams) {
    if (streams.isEmpty()) {
      return Optional.empty();
    }
    StatusReport.Stream last =
        streams.stream()
            .min(Comparator.comparing(stream -> Lsn.parse(stream.appliedLsn())))
            .orElseThrow();
    StatusReport.Stream worst =
        streams.stream()
            .max(
                Comparator.<StatusReport.Stream, Boolean>comparing(
                        stream -> stream.walStatus().equals("lost"))
                    .thenComparingLong(StatusReport.Stream::retainedBytes))
            .orElseThrow();
    return Optional.of(
        new StatusReport.Replication(
            worst.slot(),
            last.sourceLsn(),
            last.appliedLsn(),
            last.lagBytes(),
            last.appliedAt(),
            worst.retainedBytes(),
            worst.walStatus()));
  }

  private Map<String, Slot> slots(Connection source) throws SQLException {
    var slots = new HashMap<String, Slot>();
    Sql.query(
        source,
        """
        SELECT slot_name, pg_current_wal_lsn(),
          coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint,
          to_jsonb(s) ->> 'wal_status'
        FROM pg_replication_slots s WHERE slot_name = ANY (?)
        """,
        row ->
            slots.put(
                row.getString(1),
                new Slot(
                    Lsn.parse(row.getString(2)),
                    row.getLong(3),
                    Optional.ofNullable(row.getString(4)).orElse("unknown"))),
        (Object) SourceObjects.slotNames(config).toArray(String[]::new));
    return slots;
  }

  /** How many tables each publication holds, partitions counted one by one. */
  private Map<String, Long> tables(Connection source) throws SQLException {
    var tables = new HashMap<String, Long>();
    Sql.query(
        source,
        "SELECT pubname, count(*) FROM pg_publication_tables WHERE pubname = ANY (?) GROUP BY 1",
        row -> tables.put(row.getString(1), row.getLong(2)),
        (Object) SourceObjects.publicationNames(config).toArray(String[]::new));
    return tables;
  }
}
