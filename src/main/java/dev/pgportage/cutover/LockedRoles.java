package dev.pgportage.cutover;

import dev.pgportage.pg.Database;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.ServerVersion;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.LoginRoles;
import dev.pgportage.schema.LoginRoles.LoginRole;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Roles lose their right to log in, and their sessions in this database are ended: nothing of
 * theirs gets in, not even to read. A role is the server's, so it is kept out of its other
 * databases, too; sessions there go on.
 */
final class LockedRoles implements Barrier {
  private static final int ADMIN_OPTION = 16;

  private static final String FOREIGN_SESSIONS =
      """
      SELECT format('process %s (application %s) uses the migration''s own role, which cannot be'
        ' locked out', a.pid, coalesce(nullif(a.application_name, ''), '-'))
      FROM pg_stat_activity a
      WHERE a.datname = current_database() AND a.usename = session_user
        AND NOT starts_with(a.application_name, ?)
      """;

  private final Connection session;
  private final Database side;
  private final List<String> named;
  private final List<LoginRole> roles;

  /**
   * As they are now.
   *
   * @param named the roles; empty for all that may log in to the database
   */
  LockedRoles(Connection session, Database side, List<String> named) throws SQLException {
    this.session = session;
    this.side = side;
    this.named = named;
    this.roles = LoginRoles.find(session, named);
  }

  @Override
  public List<String> obstacles() throws SQLException {
    var found = new ArrayList<String>();
    if (roles.isEmpty()) {
      found.add(
          named.isEmpty()
              ? "no role but the migration's may log in to the database"
              : "none of the roles " + String.join(", ", named) + " may log in (cutover.roles)");
    }
    String own = Sql.queryText(session, "SELECT session_user::text").orElseThrow();
    if (named.contains(own)) {
      found.add("the migration's own role " + own + " cannot be locked out (cutover.roles)");
    }
    boolean byGrant = ServerVersion.of(session).isAtLeast(ADMIN_OPTION);
    for (LoginRole role : roles) {
      if (!role.lockable() && !role.name().equals(own)) {
        String name = Quoting.identifierIfNeeded(role.name());
        found.add(
            "the migration's role may not lock out the role %s (ALTER ROLE %s CREATEROLE%s)"
                .formatted(
                    name,
                    Quoting.identifierIfNeeded(own),
                    byGrant
                        ? "; GRANT %s TO %s WITH ADMIN OPTION, INHERIT FALSE, SET FALSE"
                            .formatted(name, Quoting.identifierIfNeeded(own))
                        : ""));
      }
    }
    if (named.isEmpty()) {
      found.addAll(
          Sql.query(session, FOREIGN_SESSIONS, row -> row.getString(1), side.application() + " "));
    }
    return found;
  }

  @Override
  public List<Part> parts() {
    return roles.stream()
        .map(
            role ->
                new Part(
                    Fence.ROLE,
                    role.name(),
                    Barrier.writing("ALTER ROLE " + Quoting.identifier(role.name()) + " LOGIN")))
        .toList();
  }

  @Override
  public void put() throws SQLException {
    session.setAutoCommit(false);
    try {
      for (LoginRole role : roles) {
        Sql.execute(session, "ALTER ROLE " + Quoting.identifier(role.name()) + " NOLOGIN");
      }
      session.commit();
    } finally {
      session.rollback();
      session.setAutoCommit(true);
    }
  }

  @Override
  public Optional<String> gap(Connection fresh) throws SQLException {
    List<String> open =
        Sql.query(
            fresh,
            "SELECT rolname FROM pg_roles WHERE rolcanlogin AND rolname = ANY (?::text[])",
            row -> row.getString(1),
            fresh.createArrayOf("text", names().toArray()));
    return open.isEmpty()
        ? Optional.empty()
        : Optional.of("these roles may log in again: " + String.join(", ", open));
  }

  @Override
  public SourceSessions sessions() {
    return SourceSessions.of(session, side, named.isEmpty() ? List.of() : names());
  }

  private List<String> names() {
    return roles.stream().map(LoginRole::name).toList();
  }
}
