package dev.pgportage.workflow;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlStates;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Predicate;

/**
 * Both databases of a migration and what is known of them.
 *
 * @param source where the rows come from
 * @param target where they go
 * @param targetMayReplicate whether the target's role may set session_replication_role, so that
 *     foreign keys and triggers rest while rows are applied
 * @param state the one that holds the migration's state
 */
record Databases(Database source, Database target, boolean targetMayReplicate, Database state) {

  /** Sessions of a migration are recognised by this start of their application name. */
  static String application(String migration) {
    return "pgportage " + migration;
  }

  /** Both, without a look at either. */
  static Databases unprobed(MigrationConfig config) {
    var target = new Database(config.target(), application(config.name()));
    return new Databases(
        new Database(config.source(), application(config.name())), target, false, target);
  }

  /** Opens a session on the target to see what its role may do. */
  static Databases of(MigrationConfig config) throws SQLException {
    var source = new Database(config.source(), application(config.name()));
    var target = new Database(config.target(), application(config.name()));
    try (Connection connection = target.open("probe")) {
      return new Databases(source, target, mayReplicate(connection), target);
    }
  }

  /**
   * Ends sessions of both sides from another thread, whether the servers answer or not.
   *
   * @param purposes of which sessions
   */
  void cut(Predicate<String> purposes) {
    for (Database side : List.of(source, target)) {
      side.abort(purposes);
    }
  }

  /** The other way round; foreign keys and triggers of the source have to rest meanwhile. */
  Databases reversed() {
    return new Databases(target, source, true, state);
  }

  private static boolean mayReplicate(Connection connection) throws SQLException {
    try {
      Sql.execute(connection, "SET session_replication_role = replica");
      return true;
    } catch (SQLException e) {
      if (SqlStates.is(e, SqlStates.INSUFFICIENT_PRIVILEGE)) {
        return false;
      }
      throw e;
    }
  }
}
