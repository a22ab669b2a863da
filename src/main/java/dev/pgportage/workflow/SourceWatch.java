package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.ddl.ShapeReader;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.pg.SqlStates;
import dev.pgportage.telemetry.Event;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Looks at the source's catalog: by its write counters every second, as a whole when those have
 * moved, and from time to time in any case, because the counters are only statistics. Owns a
 * session on the source, opened when first needed.
 */
final class SourceWatch implements AutoCloseable {
  private static final Duration BETWEEN_GLANCES = Duration.ofSeconds(1);
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(60);

  private static final int ATTEMPTS = 10;

  /** Catalog functions see more than the snapshot: what was dropped meanwhile is not found. */
  private static final List<String> VANISHED =
      List.of("XX000", SqlStates.UNDEFINED_TABLE, "42704", "42883", "42703", "3F000");

  private final Session session;
  private Optional<Connection> connection = Optional.empty();
  private final Set<String> told = new HashSet<>();
  private long counters = -1;
  private long glancedAt = System.nanoTime() - BETWEEN_GLANCES.toNanos();
  private long lookedAt = System.nanoTime();

  SourceWatch(Session session) {
    this.session = session;
  }

  /** Reads the catalog as it is now; what vanishes while it is read is read again. */
  ShapeReader.Reading look() throws SQLException {
    lookedAt = System.nanoTime();
    for (int attempt = 1; ; attempt++) {
      try {
        var reading =
            ShapeReader.read(
                source(), session.config().filters(), session.config().filters().isEmpty());
        reading.idleFilters().stream().filter(told::add).forEach(this::tell);
        return reading;
      } catch (SQLException e) {
        if (attempt == ATTEMPTS || VANISHED.stream().noneMatch(state -> SqlStates.is(e, state))) {
          throw e;
        }
      }
    }
  }

  private void tell(String idle) {
    session
        .monitor()
        .event(Event.warning("filters.idle", "filters: " + idle + " on the source any more"));
  }

  /** Whether it is time to look again. */
  boolean isDue() throws SQLException {
    long now = System.nanoTime();
    if (now - glancedAt < BETWEEN_GLANCES.toNanos()) {
      return false;
    }
    glancedAt = now;
    long seen =
        Sql.queryLong(
            source(),
            """
            SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::int8
            FROM pg_stat_sys_tables
            WHERE schemaname = 'pg_catalog' AND relname IN (
              'pg_class', 'pg_attribute', 'pg_attrdef', 'pg_constraint', 'pg_index', 'pg_type',
              'pg_enum', 'pg_proc', 'pg_rewrite', 'pg_trigger', 'pg_policy', 'pg_sequence',
              'pg_statistic_ext', 'pg_namespace', 'pg_extension', 'pg_inherits')
            """);
    boolean due = seen != counters || now - lookedAt > BETWEEN_LOOKS.toNanos();
    counters = seen;
    return due;
  }

  private Connection source() {
    if (connection.isEmpty()) {
      connection = Optional.of(session.source().open("schema"));
    }
    return connection.get();
  }

  @Override
  public void close() {
    try {
      if (connection.isPresent()) {
        connection.get().close();
      }
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.CONNECTION_LOST, "Closing a session on the source");
    }
  }
}
