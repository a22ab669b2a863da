package dev.pgportage.state;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.Sql;
import dev.pgportage.telemetry.ApplyCounters;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How far the source's changes are on the target, stream by stream: saved in the transaction that
 * applies them. What has no stream of its own speaks of all: the least position.
 *
 * <p>Stateless but for its run; safe with any number of connections.
 */
public final class ApplyProgress {
  private final Run run;

  /** The progress of one run's migration. */
  public ApplyProgress(Run run) {
    this.run = run;
  }

  /** The position up to which all streams are applied; empty before the slots were made. */
  public Optional<Lsn> read(Connection connection) throws SQLException {
    return streams(connection).values().stream().min(Comparator.naturalOrder());
  }

  /** The end of the last applied transaction of each stream, by its number; in its order. */
  public SortedMap<Integer, Lsn> streams(Connection connection) throws SQLException {
    return streams(connection, run.migration());
  }

  /** The same, for those who only look. */
  public static SortedMap<Integer, Lsn> streams(Connection connection, String migration)
      throws SQLException {
    var streams = new TreeMap<Integer, Lsn>();
    Sql.query(
        connection,
        "SELECT stream, applied_lsn FROM pgportage.apply_progress WHERE migration = ?",
        row -> streams.put(row.getInt(1), Lsn.parse(row.getString(2))),
        migration);
    return streams;
  }

  /** Sets the first position of a single stream, the slot's consistent point. */
  public void begin(Connection connection, Lsn consistentPoint) throws SQLException {
    begin(connection, consistentPoint, 1);
  }

  /**
   * Sets the first position of all streams.
   *
   * @param consistentPoint where the snapshot of all of them is
   * @param streams how many there are
   */
  public void begin(Connection connection, Lsn consistentPoint, int streams) throws SQLException {
    Fencing.check(connection, run);
    Sql.update(
        connection,
        """
        INSERT INTO pgportage.apply_progress (migration, stream, applied_lsn)
        SELECT ?, number, ?::pg_lsn FROM generate_series(1, ?) AS number
        ON CONFLICT (migration, stream)
          DO UPDATE SET applied_lsn = excluded.applied_lsn, applied_at = now()
        """,
        run.migration(),
        consistentPoint.toString(),
        streams);
  }

  /**
   * Saves the position within the transaction that applied everything up to it.
   *
   * @param transaction the applying transaction, not yet committed
   * @param stream of which stream
   * @param more what was applied since the position was last saved
   */
  public void save(Connection transaction, int stream, Lsn applied, ApplyCounters more)
      throws SQLException {
    Fencing.check(transaction, run);
    Sql.update(
        transaction,
        """
        UPDATE pgportage.apply_progress SET applied_lsn = ?::pg_lsn, applied_at = now(),
          transactions = transactions + ?, inserts = inserts + ?, updates = updates + ?,
          deletes = deletes + ?, truncates = truncates + ?, bytes = bytes + ?
        WHERE migration = ? AND stream = ?
        """,
        applied.toString(),
        more.transactions(),
        more.inserts(),
        more.updates(),
        more.deletes(),
        more.truncates(),
        more.bytes(),
        run.migration(),
        stream);
  }
}
