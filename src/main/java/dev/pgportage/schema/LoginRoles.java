package dev.pgportage.schema;

import dev.pgportage.pg.Sql;
import dev.pgportage.profile.Profiles;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * The roles that a fence by roles keeps out of a server: those that are named, or all that may log
 * in to the session's database, but for superusers, the migration's own role, the provider's roles,
 * and roles that are being sent WAL.
 */
public final class LoginRoles {
  /** Source: PostgreSQL manual, "ALTER ROLE"; from 16 on it takes ADMIN OPTION on the role, too. */
  private static final String LOCKABLE =
      """
      (SELECT m.rolsuper OR m.rolcreaterole AND NOT r.rolsuper
         AND CASE WHEN current_setting('server_version_num')::int >= 160000
           THEN pg_has_role(r.oid, 'MEMBER WITH ADMIN OPTION') ELSE NOT r.rolreplication END
       FROM pg_roles m WHERE m.rolname = current_user)
      """;

  private static final String ALL =
      "SELECT r.rolname, "
          + LOCKABLE
          + """
          FROM pg_roles r
          WHERE r.rolcanlogin AND CASE WHEN cardinality(?::text[]) > 0 THEN r.rolname = ANY (?::text[])
            ELSE NOT r.rolsuper AND r.rolname <> session_user
              AND has_database_privilege(r.oid, current_database(), 'CONNECT')
              AND NOT EXISTS (SELECT FROM pg_stat_replication s WHERE s.usesysid = r.oid)
              AND NOT\s
          """
          + Profiles.ownRoleSql("r.rolname")
          + " END ORDER BY 1";

  private LoginRoles() {}

  /**
   * One of them.
   *
   * @param name its name
   * @param lockable whether the session's role may take its right to log in
   */
  public record LoginRole(String name, boolean lockable) {}

  /**
   * Reads them, in the order of their names.
   *
   * @param named which ones; empty for all that there is a reason to keep out
   */
  public static List<LoginRole> find(Connection session, List<String> named) throws SQLException {
    var names = session.createArrayOf("text", named.toArray());
    return Sql.query(
        session, ALL, row -> new LoginRole(row.getString(1), row.getBoolean(2)), names, names);
  }
}
