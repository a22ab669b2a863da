package dev.pgportage.cutover;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Whatever would write on behind a database's fence; looked for before anything is changed. */
final class Obstacles {
  /** Only its owner may alter a database. */
  private static final String NOT_OURS =
      """
      SELECT format('the migration''s role does not own the database (GRANT %I TO %I)',
        pg_get_userbyid(datdba), current_user)
      FROM pg_database WHERE datname = current_database() AND NOT pg_has_role(datdba, 'USAGE')
      """;

  /** A role's own setting beats the database's. */
  private static final String EXEMPT_ROLES =
      """
      SELECT format('a setting of its own lets the role %1$s write (ALTER ROLE %1$I %2$sRESET'
        ' default_transaction_read_only)', r.rolname,
        CASE WHEN s.setdatabase <> 0 THEN format('IN DATABASE %I ', current_database()) END)
      FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole AND r.rolcanlogin
      CROSS JOIN LATERAL unnest(s.setconfig) AS c
      WHERE CASE WHEN lower(split_part(c, '=', 1)) = 'default_transaction_read_only'
          THEN NOT split_part(c, '=', 2)::bool ELSE false END
        AND (s.setdatabase = 0
          OR s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()))
      """;

  /** Workers of a subscription write rows without asking whether a transaction may. */
  private static final String SUBSCRIPTIONS =
      """
      SELECT format('the subscription %1$s writes here (ALTER SUBSCRIPTION %1$I DISABLE)', subname)
      FROM pg_subscription
      WHERE subenabled
        AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
      """;

  /** What a login event trigger cannot write behind the fence, it fails, and the login with it. */
  private static final String LOGIN_TRIGGERS =
      """
      SELECT format('the event trigger %1$s fires at every login and may write (ALTER EVENT TRIGGER'
        ' %1$I DISABLE)', evtname)
      FROM pg_event_trigger WHERE evtevent = 'login' AND evtenabled IN ('O', 'A')
      """;

  private Obstacles() {}

  /**
   * Requires that nothing is in the way of a fence.
   *
   * @throws MigrationException FENCE_FAILED naming everything that is
   */
  static void requireNone(Connection session, SourceSessions sessions) throws SQLException {
    List<String> found = found(session, sessions);
    if (!found.isEmpty()) {
      throw new MigrationException(
          ErrorCode.FENCE_FAILED,
          "Nothing was changed on the source: " + String.join("; ", found),
          "Remove what is listed: end sessions yourself (a superuser's only a superuser can end;"
              + " for others grant pg_signal_backend); or stop all writers yourself and set"
              + " 'cutover.fence: external'.",
          null);
    }
  }

  /** Everything that is in the way, as sentences. */
  static List<String> found(Connection session, SourceSessions sessions) throws SQLException {
    var found = new ArrayList<String>();
    found.addAll(texts(session, NOT_OURS));
    found.addAll(texts(session, EXEMPT_ROLES));
    found.addAll(texts(session, SUBSCRIPTIONS));
    found.addAll(texts(session, LOGIN_TRIGGERS));
    sessions.prepared().forEach(one -> found.add(one + " is open (COMMIT or ROLLBACK PREPARED)"));
    sessions
        .beyondReach()
        .forEach(one -> found.add(one + " could not be ended by this migration's role"));
    return found;
  }

  private static List<String> texts(Connection session, String sql) throws SQLException {
    return Sql.query(session, sql, row -> row.getString(1));
  }
}
