package dev.pgportage.schema;

import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.ServerVersion;
import dev.pgportage.pg.Sql;
import dev.pgportage.profile.Profiles;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The roles both sides have, as far as owners and privileges are concerned. */
final class RoleFacts {
  /**
   * A role of the source's database: it owns something there, may use something, or contains one
   * that does.
   *
   * @param options what stands behind CREATE ROLE, but for what not every creator may give
   * @param makesDatabases whether it may create databases
   * @param more attributes only a superuser may give; may be empty
   */
  record Role(String name, String options, boolean makesDatabases, String more) {}

  /** One role is a member of another. */
  record Membership(String role, String member) {}

  /**
   * What the source has; nothing of the server's or the provider's own.
   *
   * @param roles in order of name
   */
  record Source(List<Role> roles, List<Membership> memberships) {
    /** Nothing. */
    static Source none() {
      return new Source(List.of(), List.of());
    }
  }

  /**
   * What the target has.
   *
   * @param own the migration's role
   * @param all every role
   * @param usable roles whose privileges the migration's role has and may give objects to
   * @param mayCreate whether it may create roles
   * @param mayLetMakeDatabases whether roles it creates may be given CREATEDB
   * @param creators roles that may create schemas in the database
   * @param mayAllowCreating whether it may allow others to create schemas in the database
   */
  record Target(
      String own,
      Set<String> all,
      Set<String> usable,
      boolean mayCreate,
      boolean mayLetMakeDatabases,
      Set<String> creators,
      boolean mayAllowCreating) {
    /** The role for SQL. */
    String ownSql() {
      return Quoting.identifier(own);
    }
  }

  private static final String FROM_OWN = "FROM pg_roles WHERE rolname = current_user";

  private RoleFacts() {}

  static Source source(Connection connection) throws SQLException {
    String wanted =
        """
        WITH RECURSIVE used AS (
          SELECT d.refobjid AS oid FROM pg_shdepend d
          WHERE d.refclassid = 'pg_authid'::regclass AND d.deptype IN ('o', 'a', 'r')
            AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
          UNION
          SELECT m.member FROM pg_auth_members m JOIN used ON used.oid = m.roleid
        ), wanted AS (
          SELECT r.* FROM pg_roles r JOIN used USING (oid)
          WHERE r.rolname !~ '^pg_' AND NOT %s
        )
        """
            .formatted(Profiles.ownRoleSql("r.rolname"));
    return new Source(roles(connection, wanted), memberships(connection, wanted));
  }

  private static List<Role> roles(Connection connection, String wanted) throws SQLException {
    return Sql.query(
        connection,
        wanted
            + """
                SELECT rolname,
                       concat_ws(' ', CASE WHEN rolcanlogin THEN 'LOGIN' ELSE 'NOLOGIN' END,
                         CASE WHEN rolinherit THEN 'INHERIT' ELSE 'NOINHERIT' END,
                         CASE WHEN rolcreaterole THEN 'CREATEROLE' END,
                         CASE WHEN rolconnlimit >= 0 THEN 'CONNECTION LIMIT ' || rolconnlimit END,
                         'VALID UNTIL ' || quote_literal(rolvaliduntil)),
                       rolcreatedb,
                       concat_ws(', ', CASE WHEN rolsuper THEN 'SUPERUSER' END,
                         CASE WHEN rolreplication THEN 'REPLICATION' END,
                         CASE WHEN rolbypassrls THEN 'BYPASSRLS' END)
                FROM wanted ORDER BY rolname
                """,
        row -> new Role(row.getString(1), row.getString(2), row.getBoolean(3), row.getString(4)));
  }

  private static List<Membership> memberships(Connection connection, String wanted)
      throws SQLException {
    return Sql.query(
        connection,
        wanted
            + """
                SELECT DISTINCT r.rolname, m.rolname FROM pg_auth_members a
                JOIN wanted r ON r.oid = a.roleid JOIN wanted m ON m.oid = a.member ORDER BY 1, 2
                """,
        row -> new Membership(row.getString(1), row.getString(2)));
  }

  static Target target(Connection connection) throws SQLException {
    boolean strict = ServerVersion.of(connection).isAtLeast(16);
    // From 16 on objects are given only to roles that may be SET, attributes only by who has them.
    String mayGive = strict ? "AND pg_has_role(oid, 'SET')" : "";
    Optional<String> own = Sql.queryText(connection, "SELECT current_user");
    return new Target(
        own.orElseThrow(),
        names(connection, "SELECT rolname FROM pg_roles"),
        names(
            connection, "SELECT rolname FROM pg_roles WHERE pg_has_role(oid, 'USAGE') " + mayGive),
        isTrue(connection, "SELECT rolcreaterole OR rolsuper " + FROM_OWN),
        !strict || isTrue(connection, "SELECT rolcreatedb OR rolsuper " + FROM_OWN),
        names(
            connection,
            """
            SELECT rolname FROM pg_roles
            WHERE has_database_privilege(oid, current_database(), 'CREATE')
            """),
        isTrue(
            connection,
            "SELECT has_database_privilege(current_database(), 'CREATE WITH GRANT OPTION')"));
  }

  private static boolean isTrue(Connection connection, String sql) throws SQLException {
    return Sql.queryFirst(connection, sql, row -> row.getBoolean(1)).orElse(false);
  }

  private static Set<String> names(Connection connection, String sql) throws SQLException {
    return new HashSet<>(Sql.query(connection, sql, row -> row.getString(1)));
  }
}
