package dev.pgportage.discovery;

import dev.pgportage.pg.Database;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.ServerVersion;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * The discovery's session in one of the databases: in auto-commit mode, and read-only.
 *
 * @param database where it is
 * @param connection the session
 * @param version the server's
 * @param role {@code current_user}, whose privileges count
 */
record Site(Database database, Connection connection, ServerVersion version, String role) {
  static Site on(Database database, Connection connection) throws SQLException {
    Sql.execute(connection, "SET default_transaction_read_only = on");
    return new Site(
        database,
        connection,
        ServerVersion.of(connection),
        Sql.queryText(connection, "SELECT current_user").orElseThrow());
  }

  /** The statement that gives this site's role another one's privileges. */
  String grant(String role) {
    return "GRANT " + role + " TO " + Quoting.identifier(this.role) + ";";
  }

  /** Whether the role has the privileges of another, if that one exists. */
  boolean hasPrivilegesOf(String other) throws SQLException {
    return Sql.queryFirst(
            connection,
            "SELECT coalesce((SELECT pg_has_role(oid, 'USAGE') FROM pg_roles WHERE rolname = ?), false)",
            row -> row.getBoolean(1),
            other)
        .orElse(false);
  }
}
