package dev.pgportage.state;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** How far a run's comparison of tables is just now, for whoever looks. */
public final class ComparingTables {
  private final Run run;

  /** Those of one run. */
  public ComparingTables(Run run) {
    this.run = run;
  }

  /**
   * How far one table is.
   *
   * @param table its name
   * @param rows rows of the source that are read
   * @param plannedRows rows expected, an estimate
   * @param bytes bytes that are read
   * @param plannedBytes bytes expected, an estimate
   * @param begunAt since when it is read; empty if its turn has not come
   * @param ended whether it is compared
   */
  public record Entry(
      QualifiedName table,
      long rows,
      long plannedRows,
      long bytes,
      long plannedBytes,
      Optional<Instant> begunAt,
      boolean ended) {
    /** One whose turn has not come. */
    public static Entry planned(QualifiedName table, long rows, long bytes) {
      return new Entry(table, 0, rows, 0, bytes, Optional.empty(), false);
    }

    /** Whether it is being read. */
    public boolean isUnderWay() {
      return begunAt.isPresent() && !ended;
    }
  }

  /** A comparison of these tables begins. */
  public void beginAll(Connection connection, List<Entry> tables) throws SQLException {
    endAll(connection);
    Sql.update(
        connection,
        """
        INSERT INTO pgportage.comparing
          (migration, schema_name, table_name, run_epoch, planned_rows, planned_bytes)
        SELECT ?, s, t, ?, r, b FROM unnest(?, ?, ?, ?) AS planned (s, t, r, b)
        """,
        run.migration(),
        run.epoch(),
        tables.stream().map(entry -> entry.table().schema()).toArray(String[]::new),
        tables.stream().map(entry -> entry.table().name()).toArray(String[]::new),
        tables.stream().map(Entry::plannedRows).toArray(Long[]::new),
        tables.stream().map(Entry::plannedBytes).toArray(Long[]::new));
  }

  /** A table's turn has come. */
  public void begin(Connection connection, QualifiedName table) throws SQLException {
    set(connection, table, "begun_at = now()");
  }

  /** A table is read so far. */
  public void moved(Connection connection, QualifiedName table, long rows, long bytes)
      throws SQLException {
    set(connection, table, "rows = %d, bytes = %d".formatted(rows, bytes));
  }

  /** A table is compared. */
  public void end(Connection connection, QualifiedName table, long rows) throws SQLException {
    set(connection, table, "ended_at = now(), bytes = planned_bytes, rows = %d".formatted(rows));
  }

  private void set(Connection connection, QualifiedName table, String what) throws SQLException {
    Sql.update(
        connection,
        "UPDATE pgportage.comparing SET "
            + what
            + " WHERE migration = ? AND schema_name = ? AND table_name = ?",
        run.migration(),
        table.schema(),
        table.name());
  }

  /** A comparison is over, or failed. */
  public void endAll(Connection connection) throws SQLException {
    Sql.update(connection, "DELETE FROM pgportage.comparing WHERE migration = ?", run.migration());
  }

  /** The tables of the comparison that the newest run of a migration is at. */
  public static List<Entry> now(Connection connection, String migration) throws SQLException {
    return Sql.query(
        connection,
        """
        SELECT c.schema_name, c.table_name, c.rows, c.planned_rows, c.bytes, c.planned_bytes,
          c.begun_at, c.ended_at IS NOT NULL
        FROM pgportage.comparing c
        JOIN pgportage.migration m ON m.name = c.migration AND m.run_epoch = c.run_epoch
        WHERE c.migration = ? ORDER BY c.planned_bytes DESC, 1, 2
        """,
        row ->
            new Entry(
                new QualifiedName(row.getString(1), row.getString(2)),
                row.getLong(3),
                row.getLong(4),
                row.getLong(5),
                row.getLong(6),
                Optional.ofNullable(row.getTimestamp(7)).map(java.sql.Timestamp::toInstant),
                row.getBoolean(8)),
        migration);
  }
}
