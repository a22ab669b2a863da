package dev.pgportage.schema;

import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.ServerVersion;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlStates;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the target can hold and already holds.
 *
 * @param version its version
 * @param superuser whether the role is one
 * @param roles all roles' names
 * @param schemas all schemas' names
 * @param ownsPublic whether the role may alter schema public
 * @param available the extensions it offers
 * @param refused those of them the source has and the role may not make
 * @param installed the schema of every extension that is there
 * @param accessMethods the table access methods
 */
record TargetFacts(
    ServerVersion version,
    boolean superuser,
    Set<String> roles,
    Set<String> schemas,
    boolean ownsPublic,
    Set<String> available,
    Set<String> refused,
    Map<String, String> installed,
    Set<String> accessMethods) {

  private record Installed(String extension, String schema) {}

  /**
   * Asks the target. Whether an extension that is not trusted may be made depends on the provider's
   * own rules, so each such one of the source is made and rolled back.
   *
   * @param extensions those the source has
   */
  static TargetFacts read(Connection connection, List<String> extensions) throws SQLException {
    return new TargetFacts(
        ServerVersion.of(connection),
        Sql.queryText(connection, "SHOW is_superuser").orElseThrow().equals("on"),
        names(connection, "SELECT rolname FROM pg_roles"),
        names(connection, "SELECT nspname FROM pg_namespace"),
        Sql.queryFirst(
                connection,
                """
                SELECT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = 'public'
                """,
                row -> row.getBoolean(1))
            .orElse(false),
        names(connection, "SELECT name FROM pg_available_extensions"),
        refused(connection, extensions),
        Sql.query(
                connection,
                """
                SELECT e.extname, n.nspname
                FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
                """,
                row -> new Installed(row.getString(1), row.getString(2)))
            .stream()
            .collect(Collectors.toMap(Installed::extension, Installed::schema)),
        names(connection, "SELECT amname FROM pg_am WHERE amtype = 't'"));
  }

  private static Set<String> refused(Connection connection, List<String> extensions)
      throws SQLException {
    List<String> doubtful =
        Sql.query(
            connection,
            """
            SELECT e.name FROM pg_available_extensions e
            JOIN pg_available_extension_versions v
              ON v.name = e.name AND v.version = e.default_version
            WHERE e.installed_version IS NULL AND e.name = ANY (?) AND v.superuser
              AND coalesce(to_jsonb(v) ->> 'trusted', 'false') = 'false'
              AND current_setting('is_superuser') = 'off'
            """,
            row -> row.getString(1),
            (Object) extensions.toArray(String[]::new));
    var refused = new HashSet<String>();
    for (String extension : doubtful) {
      if (!mayMake(connection, extension)) {
        refused.add(extension);
      }
    }
    return refused;
  }

  private static boolean mayMake(Connection connection, String extension) throws SQLException {
    connection.setAutoCommit(false);
    try {
      Sql.execute(connection, "CREATE EXTENSION " + Quoting.identifier(extension) + " CASCADE");
      return true;
    } catch (SQLException e) {
      if (SqlStates.isConnectionFailure(e)) {
        throw e;
      }
      return false;
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  private static Set<String> names(Connection connection, String sql) throws SQLException {
    return new HashSet<>(Sql.query(connection, sql, row -> row.getString(1)));
  }
}
