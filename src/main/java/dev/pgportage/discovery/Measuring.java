package dev.pgportage.discovery;

import dev.pgportage.discovery.Measurements.Sample;
import dev.pgportage.discovery.Reading.Known;
import dev.pgportage.discovery.Reading.Unread;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.schema.Table;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * Times small pieces of a migration's work on both servers, and changes nothing there.
 *
 * <p>From the source a few megabytes are read; to the target a few are sent, as a value that is
 * thrown away.
 */
final class Measuring {
  private static final int SAMPLED_TABLES = 3;
  private static final long SAMPLE_BYTES = 4 << 20;
  private static final long MOST_STREAMED = 4 * SAMPLE_BYTES;
  private static final int ROWS_IF_UNKNOWN = 10_000;
  private static final int ROUND_TRIPS = 7;
  private static final int SENT_BYTES = 4 << 20;
  private static final int SORTED_KEYS = 200_000;

  private final Site source;
  private final Site target;

  Measuring(Site source, Site target) {
    this.source = source;
    this.target = target;
  }

  Measurements run(ObjectSet objects) throws SQLException {
    List<Table> largest =
        objects.rowHolders().stream()
            .map(ObjectSet.Member::table)
            .filter(table -> table.bytes() > 0 && !table.writtenColumns().isEmpty())
            .sorted(Comparator.comparingLong(Table::bytes).reversed())
            .limit(SAMPLED_TABLES)
            .toList();
    return new Measurements(
        roundTrip(source),
        roundTrip(target),
        sample(largest, this::copied),
        sample(largest, this::hashed),
        sending(),
        sorting(),
        Runtime.getRuntime().availableProcessors());
  }

  private static Duration roundTrip(Site site) throws SQLException {
    var times = new ArrayList<Duration>();
    for (int i = 0; i < ROUND_TRIPS; i++) {
      long began = System.nanoTime();
      Sql.queryLong(site.connection(), "SELECT 1");
      times.add(Duration.ofNanos(System.nanoTime() - began));
    }
    times.sort(null);
    return times.get(ROUND_TRIPS / 2);
  }

  private interface Work {
    Sample on(Table table, long rows) throws SQLException;
  }

  /** All tables that can be read, together; if there is none, why the first cannot. */
  private Reading<Sample> sample(List<Table> tables, Work work) throws SQLException {
    if (tables.isEmpty()) {
      return new Unread<>("no table holds a row", "Measure when there are rows.");
    }
    var readings = new ArrayList<Reading<Sample>>();
    for (Table table : tables) {
      readings.add(
          Reading.ask(
              source.connection(),
              "GRANT USAGE ON SCHEMA %s TO %s; GRANT SELECT ON %s TO %2$s;"
                  .formatted(
                      Quoting.identifier(table.name().schema()),
                      Quoting.identifier(source.role()),
                      table.name().sql()),
              () -> work.on(table, rowsOf(table))));
    }
    return readings.stream()
        .flatMap(reading -> reading.known().stream())
        .filter(sample -> sample.rows() > 0)
        .reduce(Sample::plus)
        .<Reading<Sample>>map(Known::new)
        .orElseGet(() -> unreadOf(readings));
  }

  private static Reading<Sample> unreadOf(List<Reading<Sample>> readings) {
    return readings.stream()
        .filter(reading -> reading.known().isEmpty())
        .findFirst()
        .orElseGet(() -> new Unread<>("no row is visible", "Measure when there are rows."));
  }

  private static long rowsOf(Table table) {
    double rows = table.estimatedRows();
    return rows <= 0
        ? ROWS_IF_UNKNOWN
        : (long) Math.ceil(Math.min(rows, rows * SAMPLE_BYTES / table.bytes()));
  }

  private static String rows(Table table, long most) {
    return "SELECT "
        + Quoting.identifiers(table.writtenColumnNames())
        + " FROM ONLY "
        + table.name().sql()
        + " LIMIT "
        + most;
  }

  private Sample copied(Table table, long most) throws SQLException {
    long began = System.nanoTime();
    CopyOut copy =
        source
            .connection()
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyOut("COPY (" + rows(table, most) + ") TO STDOUT");
    long rows = 0;
    long bytes = 0;
    for (byte[] row = copy.readFromCopy(); row != null; row = copy.readFromCopy()) {
      rows++;
      bytes += row.length;
      if (bytes > MOST_STREAMED) {
        copy.cancelCopy();
        break;
      }
    }
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    return new Sample(List.of(table.name()), rows, onDisk(table, rows, bytes), bytes, took);
  }

  private Sample hashed(Table table, long most) throws SQLException {
    long began = System.nanoTime();
    long[] counted =
        Sql.queryFirst(
                source.connection(),
                """
                SELECT count(*), coalesce(sum(octet_length(r.t)), 0), sum(hashtextextended(md5(r.t), 1))
                FROM (SELECT t::text AS t FROM (%s) AS t OFFSET 0) AS r
                """
                    .formatted(rows(table, most)),
                row -> new long[] {row.getLong(1), row.getLong(2)})
            .orElseThrow();
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    long disk = onDisk(table, counted[0], counted[1]);
    return new Sample(List.of(table.name()), counted[0], disk, disk, took);
  }

  /** What some rows take on disk, by the table's average; as on the wire if that is not known. */
  private static long onDisk(Table table, long rows, long streamed) {
    return table.estimatedRows() <= 0
        ? Math.min(table.bytes(), streamed)
        : (long) (table.bytes() * Math.min(1, rows / table.estimatedRows()));
  }

  private Reading<Double> sending() throws SQLException {
    String value = "x".repeat(SENT_BYTES);
    return Reading.ask(
        target.connection(),
        "",
        () -> {
          Sql.queryLong(target.connection(), "SELECT octet_length(?::text)", "x");
          long began = System.nanoTime();
          Sql.queryLong(target.connection(), "SELECT octet_length(?::text)", value);
          return SENT_BYTES * 1e9 / (System.nanoTime() - began);
        });
  }

  private Reading<Double> sorting() throws SQLException {
    return Reading.ask(
        target.connection(),
        "",
        () -> {
          // Room enough that nothing goes to disk.
          Sql.execute(target.connection(), "SET work_mem = '64MB'");
          long began = System.nanoTime();
          Sql.queryLong(
              target.connection(),
              """
              SELECT count(*) FROM (
                SELECT hashint8extended(i, 1) AS k FROM generate_series(1, %d) AS i ORDER BY 1 OFFSET 0
              ) AS sorted
              """
                  .formatted(SORTED_KEYS));
          return SORTED_KEYS * 1e9 / (System.nanoTime() - began);
        });
  }
}
