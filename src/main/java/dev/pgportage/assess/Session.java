package dev.pgportage.assess;

import dev.pgportage.pg.Database;
import dev.pgportage.pg.ServerVersion;
import dev.pgportage.pg.Sql;
import dev.pgportage.profile.Profile;
import dev.pgportage.profile.Profiles;
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
 * @param profile what kind of server it is
 */
record Session(
    Database database,
    Connection connection,
    ServerVersion version,
    String role,
    String name,
    Profile profile) {

  static Session on(Database database, Connection connection) throws SQLException {
    return Sql.queryFirst(
            connection,
            "SELECT current_user, current_database()",
            row ->
                new Session(
                    database,
                    connection,
                    ServerVersion.of(connection),
                    row.getString(1),
                    row.getString(2),
                    Profiles.of(database.endpoint(), connection)))
        .orElseThrow();
  }
}
