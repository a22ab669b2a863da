package dev.pgportage.cutover;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Whatever would write on behind a fence; looked for before anything is changed. */
final class Obstacles {
  /** Workers of a subscription write rows without asking whether a transaction may. */
  private static final String SUBSCRIPTIONS =
      """
      SELECT format('the subscription %1$s writes here (ALTER SUBSCRIPTION %1$I DISABLE)', subname)
      FROM pg_subscription
      WHERE subenabled
        AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
      """;

  private Obstacles() {}

  /**
   * Requires that nothing is in the way of a fence.
   *
   * @throws MigrationException FENCE_FAILED naming everything that is
   */
  static void requireNone(Connection session, Barrier barrier) throws SQLException {
    List<String> found = found(session, barrier);
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
  static List<String> found(Connection session, Barrier barrier) throws SQLException {
    var found = new ArrayList<>(barrier.obstacles());
    found.addAll(Sql.query(session, SUBSCRIPTIONS, row -> row.getString(1)));
    SourceSessions sessions = barrier.sessions();
    sessions.prepared().forEach(one -> found.add(one + " is open (COMMIT or ROLLBACK PREPARED)"));
    sessions
        .beyondReach()
        .forEach(one -> found.add(one + " could not be ended by this migration's role"));
    return found;
  }
}
