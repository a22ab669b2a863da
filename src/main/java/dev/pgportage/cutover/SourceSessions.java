package dev.pgportage.cutover;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.pg.SqlStates;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The sessions of others in the source's database: which there are, which of them write, and how
 * they are ended. Sessions of this migration are told by their role and application name.
 */
final class SourceSessions {
  /** Backends that cannot change a table's rows, or that only help one that can. */
  private static final String OTHERS =
      """
      FROM pg_stat_activity a
      WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
        AND coalesce(a.backend_type, '') NOT IN
          ('walsender', 'autovacuum worker', 'parallel worker')
        AND NOT (a.usename = current_user AND starts_with(a.application_name, ?))
      """;

  private static final String DESCRIBED =
      """
      format('process %s of role %s (application %s)', a.pid, coalesce(a.usename, '-'),
        coalesce(nullif(a.application_name, ''), '-'))
      """;

  private SourceSessions() {}

  /**
   * Requires that the role sees when sessions of others began: without that, a writer could be
   * overlooked.
   *
   * @throws MigrationException FENCE_FAILED naming the grant
   */
  static void requireSight(Connection session) throws SQLException {
    boolean sees =
        Sql.queryText(session, "SELECT pg_has_role('pg_read_all_stats', 'USAGE')")
            .orElseThrow()
            .equals("t");
    if (!sees) {
      throw new MigrationException(
          ErrorCode.FENCE_FAILED,
          "The source's role may not see when sessions of others began",
          "GRANT pg_read_all_stats (or pg_monitor) to it, or use 'cutover.fence: external';"
              + " nothing was changed.",
          null);
    }
  }

  /**
   * Whoever has a writing transaction open, described; prepared transactions too. An assigned
   * transaction id shows as a lock, which every role may see.
   */
  static List<String> writers(Connection session, String application) throws SQLException {
    var writers =
        new ArrayList<>(
            Sql.query(
                session,
                "SELECT "
                    + DESCRIBED
                    + OTHERS
                    + """
                     AND EXISTS (
                       SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.locktype = 'transactionid'
                         AND l.mode = 'ExclusiveLock' AND l.granted)
                    """,
                row -> row.getString(1),
                application + " "));
    writers.addAll(
        Sql.query(
            session,
            """
            SELECT format('the prepared transaction %s', gid) FROM pg_prepared_xacts
            WHERE database = current_database()
            """,
            row -> row.getString(1)));
    return writers;
  }

  /**
   * Requires that no session of others has a writing transaction open.
   *
   * @throws MigrationException FENCE_BREACHED naming who has
   */
  static void requireNoWriter(Database source) {
    try (Connection session = source.open("fence")) {
      List<String> writers = writers(session, source.application());
      if (!writers.isEmpty()) {
        throw new MigrationException(
            ErrorCode.FENCE_BREACHED, "Writing behind the fence: " + String.join("; ", writers));
      }
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.FENCE_FAILED, "Looking for writers on the source");
    }
  }

  /**
   * Asks every session of others to end that began up to a moment.
   *
   * @param until the server's clock, as it prints it
   * @return those that are there still: ending, or not ours to end; none when all are gone
   */
  static List<String> end(Connection session, String application, String until)
      throws SQLException {
    record Other(int pid, String description) {}
    var still = new ArrayList<String>();
    for (Other other :
        Sql.query(
            session,
            "SELECT a.pid, "
                + DESCRIBED
                + OTHERS
                + " AND (a.backend_start <= ?::timestamptz OR a.backend_start IS NULL)",
            row -> new Other(row.getInt(1), row.getString(2)),
            application + " ",
            until)) {
      still.add(other.description() + (tryEnd(session, other.pid()) ? "" : ", not ours to end"));
    }
    return still;
  }

  private static boolean tryEnd(Connection session, int pid) throws SQLException {
    try {
      Sql.queryText(session, "SELECT pg_terminate_backend(?)", pid);
      return true;
    } catch (SQLException e) {
      if (SqlStates.is(e, SqlStates.INSUFFICIENT_PRIVILEGE)) {
        return false;
      }
      throw e;
    }
  }
}
