package dev.pgportage.discovery;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.ObjectSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * How fast the source changes, from its counters read twice.
 *
 * @param sample how long lay between the two readings
 * @param inserted rows inserted into the migration's tables meanwhile
 * @param updated rows updated
 * @param deleted rows deleted
 * @param commits transactions committed in the database, the discovery's own few included
 * @param walBytes WAL written by the whole server meanwhile
 * @param walAverage the server's WAL since its counters began
 * @param tables the tables written to meanwhile, the busiest first
 */
public record Activity(
    Duration sample,
    long inserted,
    long updated,
    long deleted,
    long commits,
    Reading<Long> walBytes,
    Reading<WalAverage> walAverage,
    List<TableWrites> tables) {

  /** Copies the list. */
  public Activity {
    tables = List.copyOf(tables);
  }

  /**
   * The rows written to one table meanwhile.
   *
   * @param table its name
   * @param inserted rows inserted
   * @param updated rows updated
   * @param deleted rows deleted
   */
  public record TableWrites(QualifiedName table, long inserted, long updated, long deleted) {
    /** All of them. */
    public long rows() {
      return inserted + updated + deleted;
    }
  }

  /**
   * A server's WAL over a long time.
   *
   * @param since when the counters began
   * @param bytesPerSecond the average since then
   */
  public record WalAverage(Instant since, double bytesPerSecond) {}

  /** A number per second of the sample. */
  public double perSecond(long number) {
    return number * 1000.0 / Math.max(1, sample.toMillis());
  }

  /** Bytes of WAL a second to reckon with: the larger of now and the average. */
  public Reading<Double> walRate() {
    return walBytes.map(
        bytes ->
            Math.max(
                perSecond(bytes), walAverage.known().map(WalAverage::bytesPerSecond).orElse(0.0)));
  }

  private record Counters(long at, long commits, Reading<Lsn> wal, Map<Long, TableWrites> tables) {}

  /**
   * Reads the counters, waits, and reads them again.
   *
   * @param pause waits for so long
   */
  static Activity sample(Site site, ObjectSet objects, Duration length, Consumer<Duration> pause)
      throws SQLException {
    Counters before = read(site, objects);
    pause.accept(length);
    Counters after = read(site, objects);
    var written = new ArrayList<TableWrites>();
    after
        .tables()
        .forEach(
            (oid, now) -> {
              TableWrites then =
                  before.tables().getOrDefault(oid, new TableWrites(now.table(), 0, 0, 0));
              // Counters that were reset meanwhile begin anew.
              if (now.rows() > then.rows()) {
                written.add(
                    new TableWrites(
                        now.table(),
                        Math.max(0, now.inserted() - then.inserted()),
                        Math.max(0, now.updated() - then.updated()),
                        Math.max(0, now.deleted() - then.deleted())));
              }
            });
    written.sort(
        Comparator.comparingLong(TableWrites::rows).reversed().thenComparing(TableWrites::table));
    return new Activity(
        Duration.ofNanos(after.at() - before.at()),
        written.stream().mapToLong(TableWrites::inserted).sum(),
        written.stream().mapToLong(TableWrites::updated).sum(),
        written.stream().mapToLong(TableWrites::deleted).sum(),
        Math.max(0, after.commits() - before.commits()),
        between(before.wal(), after.wal()),
        walAverage(site),
        written);
  }

  private static Reading<Long> between(Reading<Lsn> before, Reading<Lsn> after) {
    return before.known().isEmpty()
        ? before.map(Lsn::value)
        : after.map(lsn -> Math.max(0, lsn.value() - before.known().get().value()));
  }

  private static Counters read(Site site, ObjectSet objects) throws SQLException {
    var connection = site.connection();
    var tables = new HashMap<Long, TableWrites>();
    Object oids = objects.rowHolders().stream().map(m -> m.table().oid()).toArray(Long[]::new);
    Sql.query(
        connection,
        """
        SELECT relid, schemaname, relname, n_tup_ins, n_tup_upd, n_tup_del
        FROM pg_stat_user_tables WHERE relid = ANY (?::oid[])
        """,
        row ->
            tables.put(
                row.getLong(1),
                new TableWrites(
                    new QualifiedName(row.getString(2), row.getString(3)),
                    row.getLong(4),
                    row.getLong(5),
                    row.getLong(6))),
        oids);
    long commits =
        Sql.queryLong(
            connection,
            "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()");
    return new Counters(System.nanoTime(), commits, wal(site), tables);
  }

  private static Reading<Lsn> wal(Site site) throws SQLException {
    return Reading.ask(
        site.connection(),
        "GRANT EXECUTE ON FUNCTION pg_current_wal_lsn() TO the role",
        () ->
            Lsn.parse(
                Sql.queryText(
                        site.connection(),
                        """
                        SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
                          ELSE pg_current_wal_lsn() END
                        """)
                    .orElse("0/0")));
  }

  private static Reading<WalAverage> walAverage(Site site) throws SQLException {
    if (!site.version().isAtLeast(14)) {
      return new Reading.Unread<>("the server counts it from version 14 on", "Sample for longer.");
    }
    return Reading.ask(
        site.connection(),
        site.grant("pg_read_all_stats"),
        () ->
            Sql.queryFirst(
                    site.connection(),
                    """
                    SELECT extract(epoch FROM stats_reset)::bigint,
                      wal_bytes / greatest(1, extract(epoch FROM now() - stats_reset))
                    FROM pg_stat_wal
                    """,
                    row -> new WalAverage(Instant.ofEpochSecond(row.getLong(1)), row.getDouble(2)))
                .orElseThrow());
  }
}
