package dev.pgportage.assess;

import dev.pgportage.pg.Database;
import dev.pgportage.pg.ServerVersion;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * The assessment's session in one of the databases, with what nearly every check asks first.
 *
 * @param database where it is
 * @param connection in auto-commit mode
 * @param version the server's
 * @param role {@code current_user}, whose privileges count; behind a proxy not the login's name
 * @param name the database's name as the server has it
 * @param rds whether the server is Amazon RDS or Aurora, whose fixes have other words
 */
record Session(
    Database database,
    Connection connection,
    ServerVersion version,
    String role,
    String name,
    boolean rds) {

  static Session on(Database database, Connection connection) throws SQLException {
    return Sql.queryFirst(
            connection,
            """
            SELECT current_user, current_database(),
                   EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_superuser')
            """,
            row ->
                new Session(
                    database,
                    connection,
                    ServerVersion.of(connection),
                    row.getString(1),
                    row.getString(2),
                    row.getBoolean(3)))
        .orElseThrow();
  }
}
