package dev.pgportage.workflow;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Sql;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HexFormat;

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

  /** The settings that decide what a migration is. */
  static String of(MigrationConfig config) {
    String text =
        String.join(
            "\n",
            config.type().toString(),
            String.join("\t", config.filters().include()),
            String.join("\t", config.filters().exclude()),
            config.schema().mode().name());
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }
}
