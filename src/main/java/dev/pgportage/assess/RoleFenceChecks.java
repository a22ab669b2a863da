package dev.pgportage.assess;

import dev.pgportage.ErrorCode;
import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.assess.Remedy.Order;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.ServerVersion;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.LoginRoles;
import dev.pgportage.schema.LoginRoles.LoginRole;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether the roles that write can be locked out at cutover. */
final class RoleFenceChecks {
  private static final int ADMIN_OPTION = 16;

  private RoleFenceChecks() {}

  static final Check ROLES =
      Check.named("fence-roles", "Privilege to Lock Roles Out of the Source", Side.SOURCE)
          .when(Scope.LOCKS_ROLES)
          .code(ErrorCode.PRIVILEGE_MISSING)
          .passes(
              "The role has CREATEROLE and, on PostgreSQL 16 and newer, ADMIN OPTION on every role of"
                  + " cutover.roles (none named: every role that may log in to the source's"
                  + " database); none of them is a superuser, the migration's own, or unknown.")
          .why("The fence is ALTER ROLE … NOLOGIN.")
          .fix(
              "`ALTER ROLE <migration role> CREATEROLE`, `GRANT <role> TO <migration role> WITH ADMIN"
                  + " OPTION`; or name the roles that write in `cutover.roles`.")
          .by(RoleFenceChecks::roles);

  static final Check ELSEWHERE =
      Check.named("fence-roles-elsewhere", "Roles at Work in Other Databases", Side.SOURCE)
          .when(Scope.LOCKS_ROLES)
          .worst(Severity.WARNS)
          .passes("No role that is to be locked out has a session in another database.")
          .why(
              "The right to log in is the server's: from the cutover until the cleanup such a role"
                  + " cannot log in to its other databases either.")
          .fix("`cutover.fence: database`, or let those databases have roles of their own.")
          .by(RoleFenceChecks::elsewhere);

  static final Check SAME_SERVER =
      Check.named("fence-roles-server", "Roles of Two Servers", Side.TARGET)
          .when(Scope.LOCKS_ROLES)
          .code(ErrorCode.FENCE_FAILED)
          .passes("Source and target are databases of different servers.")
          .why("A role that may not log in to the source could not log in to the target either.")
          .fix("`cutover.fence: database`")
          .by(RoleFenceChecks::sameServer);

  /** The roles to be locked out, as the settings have it. */
  static List<LoginRole> found(Examination e) throws SQLException {
    return LoginRoles.find(e.connection(), e.config().cutover().roles());
  }

  private static void roles(Examination e) throws SQLException {
    List<LoginRole> roles = found(e);
    List<String> known = roles.stream().map(LoginRole::name).toList();
    var wrong = new ArrayList<>(e.config().cutover().roles());
    wrong.removeIf(name -> known.contains(name) && !name.equals(e.session().role()));
    if (!wrong.isEmpty() || roles.isEmpty()) {
      e.found(
          Severity.BLOCKS,
          wrong,
          "To be locked out is what may not log in, or the migration's own role: "
              + Names.some(wrong),
          "Name in cutover.roles the roles that the application logs in as.");
    }
    List<String> beyond =
        roles.stream()
            .filter(role -> !role.lockable() && !role.name().equals(e.session().role()))
            .map(LoginRole::name)
            .toList();
    if (!beyond.isEmpty()) {
      e.found(
          Severity.BLOCKS,
          beyond,
          "The role %s may not lock out %s".formatted(e.roleSql(), Names.some(beyond)),
          remedies(e, beyond));
    }
  }

  private static List<Remedy> remedies(Examination e, List<String> beyond) throws SQLException {
    var remedies = new ArrayList<Remedy>();
    if (!e.holds("SELECT rolcreaterole FROM pg_roles WHERE rolname = current_user")) {
      remedies.add(e.remedy(Order.ROLES, "ALTER ROLE " + e.roleSql() + " CREATEROLE;"));
    }
    if (ServerVersion.of(e.connection()).isAtLeast(ADMIN_OPTION)) {
      beyond.forEach(
          role ->
              remedies.add(
                  e.remedy(
                      Order.PRIVILEGES,
                      "GRANT %s TO %s WITH ADMIN OPTION, INHERIT FALSE, SET FALSE;"
                          .formatted(Quoting.identifier(role), e.roleSql()))));
    }
    if (remedies.isEmpty()) {
      remedies.add(
          e.remedy(Order.ROLES, "-- superusers and, before 16, roles that replicate cannot be;")
              .noting("leave them out of cutover.roles"));
    }
    return remedies;
  }

  private static void elsewhere(Examination e) throws SQLException {
    List<String> sessions =
        Sql.query(
            e.connection(),
            """
            SELECT DISTINCT format('%I in %I', usename, datname) FROM pg_stat_activity
            WHERE datname <> current_database() AND usename = ANY (?::text[]) ORDER BY 1
            """,
            row -> row.getString(1),
            e.connection().createArrayOf("text", found(e).stream().map(LoginRole::name).toArray()));
    e.foundAll("These roles have sessions in other databases: ", sessions);
  }

  private static void sameServer(Examination e) throws SQLException {
    if (server(e.source().connection()).equals(server(e.target().connection()))) {
      e.found(
          Severity.BLOCKS,
          List.of(),
          "Source and target are on the same server",
          "cutover.fence: database");
    }
  }

  private static Optional<String> server(Connection connection) throws SQLException {
    return Sql.queryText(
        connection,
        "SELECT concat_ws(' ', pg_postmaster_start_time(), current_setting('data_checksums'),"
            + " current_setting('port'))");
  }
}
