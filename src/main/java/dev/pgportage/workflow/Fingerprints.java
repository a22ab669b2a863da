package dev.pgportage.workflow;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;

/** What must stay the same from a migration's first run to its last. */
final class Fingerprints {
  private Fingerprints() {}

  /** Which database the source is, whatever its host is called: a failover may change the name. */
  static String source(MigrationConfig config) throws SQLException {
    var database = new Database(config.source(), Databases.application(config.name()));
    try (Connection connection = database.open("status")) {
      return Sql.queryText(
              connection,
              """
              SELECT system_identifier || '/' || current_database() FROM pg_control_system()
              """)
          .orElseThrow();
    }
  }
}
