package dev.pgportage.state;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;

/** The check, within a transaction, that this process still has its turn. */
final class Fencing {
  private Fencing() {}

  /**
   * Locks the migration's row in share mode if the turn is still this run's; the next process's
   * turn begins only after this transaction ended.
   *
   * @throws MigrationException LEASE_LOST if another process took over
   */
  static void check(Connection transaction, Run run) throws SQLException {
    boolean ours =
        Sql.queryFirst(
                transaction,
                "SELECT 1 FROM pgportage.migration WHERE name = ? AND run_epoch = ? FOR SHARE",
                row -> row.getInt(1),
                run.migration(),
                run.epoch())
            .isPresent();
    if (!ours) {
      throw new MigrationException(
          ErrorCode.LEASE_LOST,
          "Migration " + run.migration() + " was taken over by another process");
    }
  }
}
