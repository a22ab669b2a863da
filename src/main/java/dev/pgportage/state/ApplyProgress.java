package dev.pgportage.state;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.Sql;
import dev.pgportage.telemetry.ApplyCounters;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * How far the source's changes are on the target: saved in the transaction that applies them.
 *
 * <p>Stateless but for its run; safe with any number of connections.
 */
public final class ApplyProgress {
  private final Run run;

  /** The progress of one run's migration. */
  public ApplyProgress(Run run) {
    this.run = run;
  }

  /** The end of the last applied transaction; empty before the slot was made. */
  public Optional<Lsn> read(Connection connection) throws SQLException {
    return Sql.queryText(
            connection,
            "SELECT applied_lsn FROM pgportage.apply_progress WHERE migration = ?",
            run.migration())
        .map(Lsn::parse);
  }

  /** Sets the first position, the slot's consistent point. */
  public void begin(Connection connection, Lsn consistentPoint) throws SQLException {
    Fencing.check(connection, run);
    Sql.update(
        connection,
        """
        INSERT INTO pgportage.apply_progress (migration, applied_lsn) VALUES (?, ?::pg_lsn)
        ON CONFLICT (migration) DO UPDATE SET applied_lsn = excluded.applied_lsn, applied_at = now()
        """,
        run.migration(),
        consistentPoint.toString());
  }

  /**
   * Saves the position within the transaction that applied everything up to it.
   *
   * @param transaction the applying transaction, not yet committed
   * @param more what was applied since the position was last saved
   */
  public void save(Connection transaction, Lsn applied, ApplyCounters more) throws SQLException {
    Fencing.check(transaction, run);
    Sql.update(
        transaction,
        """
        UPDATE pgportage.apply_progress SET applied_lsn = ?::pg_lsn, applied_at = now(),
          transactions = transactions + ?, inserts = inserts + ?, updates = updates + ?,
          deletes = deletes + ?, truncates = truncates + ?, bytes = bytes + ?
        WHERE migration = ?
        """,
        applied.toString(),
        more.transactions(),
        more.inserts(),
        more.updates(),
        more.deletes(),
        more.truncates(),
        more.bytes(),
        run.migration());
  }
}
