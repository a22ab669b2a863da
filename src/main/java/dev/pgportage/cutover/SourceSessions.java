package dev.pgportage.cutover;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Sql;
import dev.pgportage.profile.Profiles;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The sessions of others in the source's database: which there are, which of them write, and how
 * they are ended. Sessions of this migration are told by their role and application name.
 *
 * <p>Without pg_read_all_stats the server hides much of other roles' sessions; what is relied upon
 * here every role may see. Source: PostgreSQL manual, "pg_stat_activity", "pg_locks".
 */
final class SourceSessions {
  /** Everything that acts as some role: tending tables is done as nobody. */
  private static final String OTHERS =
      """
      FROM pg_stat_activity a LEFT JOIN pg_roles r ON r.oid = a.usesysid
      WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
        AND a.usesysid IS NOT NULL
        AND NOT (a.usename = session_user AND starts_with(a.application_name, ?))
      """;

  /**
   * Whoever takes the database's settings: not what sends the WAL or helps another session. A
   * hidden type counts as a client's.
   */
  private static final String SETTLED =
      OTHERS
          + """
           AND coalesce(a.backend_type, 'client backend') NOT IN ('walsender', 'parallel worker')
           AND (cardinality(?::text[]) = 0 OR a.usename = ANY (?::text[]))
          """;

  private static final String DESCRIBED =
      """
      format('process %s of role %s (application %s)', a.pid, coalesce(a.usename, '-'),
        coalesce(nullif(a.application_name, ''), '-'))
      """;

  /** Whether pg_terminate_backend would be allowed. */
  private static final String OURS_TO_END =
      """
      (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
      OR r.oid IS NOT NULL AND NOT r.rolsuper
        AND (pg_has_role(r.oid, 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE'))
      """;

  /**
   * A session that need not end: the cloud provider's own, or a background worker. If one of them
   * writes after all, it is found as a writer.
   */
  private static final String TOLERATED =
      Profiles.superuserSql("a.usename") + " OR a.backend_type <> 'client backend'";

  /** Sessions that are beginning: each holds this lock from before it reads its settings. */
  private static final String BEGINNING =
      """
      SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.objid
      WHERE l.locktype = 'object' AND l.classid = 'pg_database'::regclass AND l.granted
        AND l.mode = 'RowExclusiveLock' AND d.datname = current_database()
        AND l.pid <> pg_backend_pid()
      """;

  /**
   * Sessions that may have been let in and do not hold that lock yet: each is in a transaction from
   * before it is asked who it is, and shows itself only after it.
   */
  private static final String BEING_ADMITTED =
      BEGINNING
          + """
          UNION
          SELECT l.pid FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
          WHERE l.locktype = 'virtualxid' AND l.granted AND a.datid IS NULL AND a.usesysid IS NULL
            AND l.pid <> pg_backend_pid()
          """;

  private static final Duration ENDING = Duration.ofSeconds(15);
  private static final long PAUSE_NANOS = 5_000_000;

  private final Connection session;
  private final String application;
  private final List<String> roles;
  private final String beginning;

  private SourceSessions(
      Connection session, String application, List<String> roles, String beginning) {
    this.session = session;
    this.application = application;
    this.roles = roles;
    this.beginning = beginning;
  }

  /**
   * All of them, seen from a session on the source in auto-commit mode.
   *
   * @param source tells this migration's own sessions
   */
  static SourceSessions of(Connection session, Database source) {
    return new SourceSessions(session, source.application() + " ", List.of(), BEGINNING);
  }

  /**
   * Those of some roles, whose right to log in is taken; writers are still found whoever they are.
   *
   * @param roles which ones; empty for all
   */
  static SourceSessions of(Connection session, Database source, List<String> roles) {
    return new SourceSessions(session, source.application() + " ", roles, BEING_ADMITTED);
  }

  /**
   * A session that was asked to end.
   *
   * @param description its process, role and application
   * @param ours whether we may end it
   */
  record Ending(String description, boolean ours) {}

  /**
   * Ends the sessions of earlier runs of this migration that have to do with its fence, so that
   * none of them changes it any more, however long its process slept; returns when they are gone.
   */
  void endPredecessors() throws SQLException {
    long began = System.nanoTime();
    while (!Sql.query(
            session,
            """
            SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a
            WHERE a.datname = current_database() AND a.usename = session_user
              AND a.application_name = ? AND a.pid <> pg_backend_pid()
            """,
            row -> row.getBoolean(1),
            application + Fence.SESSION)
        .isEmpty()) {
      if (System.nanoTime() - began > ENDING.toNanos()) {
        throw new MigrationException(
            ErrorCode.FENCE_FAILED,
            "A session of an earlier run, '" + application + Fence.SESSION + "', does not end",
            "End it yourself (pg_terminate_backend), then run the same command again.",
            null);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private Array roles() throws SQLException {
    return session.createArrayOf("text", roles.toArray());
  }

  /** The processes of all sessions of others that are there now, beginning ones left out. */
  List<Integer> present() throws SQLException {
    Array restricted = roles();
    return Sql.query(
        session,
        "SELECT a.pid " + SETTLED,
        row -> row.getInt(1),
        application,
        restricted,
        restricted);
  }

  /** The processes of sessions that are just beginning; most cannot be seen otherwise. */
  List<Integer> beginning() throws SQLException {
    return Sql.query(session, beginning, row -> row.getInt(1));
  }

  /** Client sessions that we could not end, described. */
  List<String> beyondReach() throws SQLException {
    Array restricted = roles();
    return Sql.query(
        session,
        "SELECT "
            + DESCRIBED
            + SETTLED
            + " AND ("
            + OURS_TO_END
            + ") IS NOT TRUE"
            + " AND ("
            + TOLERATED
            + ") IS NOT TRUE",
        row -> row.getString(1),
        application,
        restricted,
        restricted);
  }

  /**
   * Asks sessions to end.
   *
   * @param processes which ones
   * @return those that are still there and have to go
   */
  List<Ending> end(Collection<Integer> processes) throws SQLException {
    record Asked(Ending ending, boolean tolerated) {}
    Array wanted = session.createArrayOf("int4", processes.toArray());
    Array restricted = roles();
    return Sql.query(
            session,
            "SELECT "
                + DESCRIBED
                + ", CASE WHEN "
                + OURS_TO_END
                + " THEN pg_terminate_backend(a.pid) IS NOT NULL ELSE false END, ("
                + TOLERATED
                + ") IS TRUE "
                + SETTLED
                + " AND a.pid = ANY (?)",
            row -> new Asked(new Ending(row.getString(1), row.getBoolean(2)), row.getBoolean(3)),
            application,
            restricted,
            restricted,
            wanted)
        .stream()
        .filter(asked -> !asked.tolerated())
        .map(Asked::ending)
        .toList();
  }

  /**
   * Whoever has changed rows in a transaction that is still open, described; prepared transactions
   * too. Such a one has a transaction id and a lock on a table (or on the large objects) that is
   * not temporary; an id alone takes also who only asks for it.
   */
  List<String> writers() throws SQLException {
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
                     AND EXISTS (
                       SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.locktype = 'relation'
                         AND l.granted AND l.mode NOT IN (
                           'AccessShareLock', 'RowShareLock', 'ShareUpdateExclusiveLock')
                         AND (l.relation >= 16384 OR l.relation = 'pg_largeobject'::regclass)
                         AND NOT EXISTS (
                           SELECT FROM pg_class c
                           WHERE c.oid = l.relation AND c.relpersistence = 't'))
                    """,
                row -> row.getString(1),
                application));
    writers.addAll(prepared());
    return writers;
  }

  /** Transactions that anybody may commit at any time, fence or not, described. */
  List<String> prepared() throws SQLException {
    return Sql.query(
        session,
        """
        SELECT format('the prepared transaction %s of role %s', gid, owner)
        FROM pg_prepared_xacts WHERE database = current_database()
        """,
        row -> row.getString(1));
  }
}
