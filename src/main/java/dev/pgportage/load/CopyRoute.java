package dev.pgportage.load;

import dev.pgportage.pg.Database;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * From where to where rows are copied, and how the target takes them.
 *
 * @param source where they come from
 * @param target where they go
 * @param replicaRole whether sessions on the target may {@code SET session_replication_role =
 *     replica}, which keeps triggers and foreign keys from firing; without it the tables must have
 *     none enabled
 * @param alone whether nobody else uses the target's tables yet, so that they may be locked while
 *     rows come, and rows need not stay hidden from older snapshots
 */
public record CopyRoute(Database source, Database target, boolean replicaRole, boolean alone) {

  /** Opens a session that writes rows on the target. */
  Connection openTarget(String purpose) throws SQLException {
    Connection connection = target.open(purpose);
    try {
      if (replicaRole) {
        Sql.execute(connection, "SET session_replication_role = replica");
      }
      connection.setAutoCommit(false);
      return connection;
    } catch (SQLException e) {
      Database.cut(connection);
      throw e;
    }
  }
}
