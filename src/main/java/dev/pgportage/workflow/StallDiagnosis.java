package dev.pgportage.workflow;

import dev.pgportage.MigrationException;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What one server says of this migration's sessions while nothing gets on: which of them work, what
 * the others wait for, and who keeps them waiting. No statement's text is told, only its first
 * word.
 *
 * @param reached whether the server answered
 * @param working whether one of the sessions computes, reads or writes
 * @param blocked whether one of them waits for a lock
 * @param text for people
 */
record StallDiagnosis(boolean reached, boolean working, boolean blocked, String text) {
  private static final int SECONDS_TO_ANSWER = 15;
  private static final int TOLD = 6;

  /** One session of ours. */
  private record Waiter(boolean working, boolean blocked, String text) {}

  /** What a session does and whom it waits for. */
  private static final String SESSIONS =
      """
      SELECT a.state = 'active'
               AND coalesce(a.wait_event_type, '') NOT IN ('Lock', 'Client', 'Activity', 'Extension')
               OR a.application_name = 'pgportage pg_dump'
                 AND a.state_change > clock_timestamp() - interval '5 s',
             coalesce(a.wait_event_type = 'Lock', false),
             format('session %s (%s) %s since %s s%s',
               a.pid, regexp_replace(a.application_name, '^pgportage +', ''),
               CASE WHEN a.wait_event_type = 'Lock' THEN 'waits for ' || coalesce((
                      SELECT format('%s on %s', l.mode, coalesce(l.relation::regclass::text,
                               CASE WHEN l.locktype IN ('transactionid', 'virtualxid')
                                 THEN 'the end of a transaction' ELSE 'a ' || l.locktype END))
                      FROM pg_locks l WHERE l.pid = a.pid AND NOT l.granted LIMIT 1), 'a lock')
                    WHEN a.state = 'active' AND a.wait_event IS NOT NULL
                      THEN format('waits (%s: %s)', a.wait_event_type, a.wait_event)
                    WHEN a.state = 'active' THEN 'works'
                    ELSE coalesce(a.state, 'is hidden from this role') END,
               coalesce(extract(epoch FROM clock_timestamp() - CASE WHEN a.state = 'active'
                 THEN a.query_start ELSE a.state_change END)::bigint, 0),
               (SELECT string_agg(format('; held by %s', coalesce(
                    format('session %s of role %s (application %s, from %s), %s, %s, in its transaction'
                      || ' since %s s', b.pid, coalesce(b.usename, '-'),
                      coalesce(nullif(b.application_name, ''), '-'),
                      coalesce(host(b.client_addr),
                        CASE WHEN b.state IS NULL THEN 'an address hidden from this role'
                             ELSE 'the server itself' END),
                      coalesce(b.state, 'state hidden'),
                      coalesce('last statement '
                        || upper(substring(b.query FROM '^ *([A-Za-z]+)')), 'statement hidden'),
                      coalesce(extract(epoch FROM clock_timestamp() - b.xact_start)::bigint::text,
                        '?')),
                    'prepared transaction or a session that is hidden')), '')
                FROM unnest(pg_blocking_pids(a.pid)) AS p (pid)
                LEFT JOIN pg_stat_activity b ON b.pid = p.pid))
      FROM pg_stat_activity a
      WHERE a.datname = current_database() AND a.usename = session_user
        AND a.pid <> pg_backend_pid()
        AND (starts_with(a.application_name, ?) OR a.application_name = 'pgportage pg_dump')
        AND a.application_name !~ ' (status|watch|lease)$'
      ORDER BY 2 DESC, 1 DESC, a.query_start
      """;

  /** Asks a server, on a thread of its own, because it may never answer. */
  static StallDiagnosis of(Database database) {
    var answer = new CompletableFuture<StallDiagnosis>();
    Thread.ofPlatform()
        .name("stall-" + database.side())
        .daemon()
        .start(() -> answer.complete(ask(database)));
    try {
      return answer.get(SECONDS_TO_ANSWER, TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return unreached(database, "does not answer");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return unreached(database, "was not asked");
    }
  }

  private static StallDiagnosis unreached(Database database, String why) {
    return new StallDiagnosis(false, false, false, "The " + database.side() + " " + why);
  }

  private static StallDiagnosis ask(Database database) {
    try (Connection connection = database.open("status")) {
      List<Waiter> waiters =
          Sql.query(
              connection,
              SESSIONS,
              row -> new Waiter(row.getBoolean(1), row.getBoolean(2), row.getString(3)),
              database.application() + " ");
      Optional<String> told =
          waiters.stream().limit(TOLD).map(Waiter::text).reduce((a, b) -> a + "; " + b);
      return new StallDiagnosis(
          true,
          waiters.stream().anyMatch(Waiter::working),
          waiters.stream().anyMatch(Waiter::blocked),
          "On the " + database.side() + ": " + told.orElse("no session of this migration"));
    } catch (SQLException e) {
      return unreached(database, "fails: " + SqlFailures.describe(e));
    } catch (MigrationException e) {
      return unreached(database, "cannot be asked: " + e.code());
    } catch (RuntimeException e) {
      return unreached(database, "cannot be asked: " + e.getClass().getSimpleName());
    }
  }
}
