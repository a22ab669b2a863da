package dev.pgportage.cutover;

import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;

/**
 * The source database's own value of {@code default_transaction_read_only}, which every session
 * takes when it begins. Source: PostgreSQL manual, "ALTER DATABASE", "pg_db_role_setting".
 */
final class ReadOnlySetting {
  private static final String NAME = "default_transaction_read_only";

  private final Connection session;
  private final String database;

  /** The setting of the database a session is in. */
  ReadOnlySetting(Connection session) throws SQLException {
    this.session = session;
    this.database = Sql.queryText(session, "SELECT current_database()::text").orElseThrow();
  }

  /** The database's name. */
  String database() {
    return database;
  }

  /** Makes every session that begins from now on read-only. */
  void turnOn() throws SQLException {
    Sql.execute(session, alter() + " SET " + NAME + " = on");
  }

  /** Whether sessions that begin now are read-only by this setting. */
  boolean isOn() throws SQLException {
    String value = value().map(text -> text.toLowerCase(Locale.ROOT)).orElse("off");
    return Sql.queryText(session, "SELECT ?::bool", value).orElse("f").equals("t");
  }

  /**
   * The SQL that puts the present value back, or its absence. It can be run by hand, too, in a
   * session that is itself read-only.
   */
  String restoring() throws SQLException {
    String change =
        value()
            .map(value -> " SET " + NAME + " = " + Quoting.literal(value))
            .orElse(" RESET " + NAME);
    return "BEGIN; SET TRANSACTION READ WRITE; " + alter() + change + "; COMMIT";
  }

  private String alter() {
    return "ALTER DATABASE " + Quoting.identifier(database);
  }

  private Optional<String> value() throws SQLException {
    return Sql.queryText(
        session,
        """
        SELECT substr(c, strpos(c, '=') + 1)
        FROM pg_db_role_setting s CROSS JOIN LATERAL unnest(s.setconfig) AS c
        WHERE s.setrole = 0
          AND s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND lower(split_part(c, '=', 1)) = ?
        """,
        NAME);
  }
}
