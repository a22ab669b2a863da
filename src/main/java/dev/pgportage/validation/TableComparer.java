package dev.pgportage.validation;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.Table;
import dev.pgportage.state.ValidationResults;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Compares one table after the other through one pair of sessions. Not thread-safe. */
final class TableComparer {
  /** Where the snapshot has the table's rows, and where they are now; differs after TRUNCATE. */
  private static final String MOVED =
      """
      SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ? AND c.relname = ? AND c.relfilenode = pg_relation_filenode(c.oid)
      """;

  private final SessionPair sessions;
  private final HashFunction hash;
  private final Optional<Lsn> at;
  private final int listed;

  TableComparer(SessionPair sessions, HashFunction hash, Optional<Lsn> at, int listed) {
    this.sessions = sessions;
    this.hash = hash;
    this.at = at;
    this.listed = listed;
  }

  Comparison compare(Table table) {
    String what = "Comparing " + table.name();
    return sessions.within(what, () -> compare(table, what));
  }

  private Comparison compare(Table table, String what) {
    var sql = new TableSql(table, hash);
    var summaries =
        sessions.ask(
            what,
            connection -> {
              Summary summary = Summary.read(connection, sql.total());
              requireInPlace(connection, table.name(), what);
              return summary;
            });
    var differences = new Differences(listed);
    if (!summaries.source().equals(summaries.target())) {
      drillDown(sql, what, differences);
    }
    return new Comparison(
        new ValidationResults.Result(
            table.name(),
            at,
            summaries.source().rows(),
            summaries.target().rows(),
            differences.missing(),
            differences.extra(),
            differences.differing(),
            summaries.source().digest(),
            Instant.now()),
        table.key().map(Table.Key::columns).orElse(List.of()),
        differences.listed());
  }

  private void drillDown(TableSql sql, String what, Differences differences) {
    var buckets = sessions.ask(what, connection -> Summary.read(connection, sql.summary()));
    String rows = sql.rows(buckets.source().differing(buckets.target()));
    var streams = sessions.ask(what, connection -> RowStream.open(connection, rows));
    try {
      differences.merge(streams.source(), streams.target());
    } catch (SQLException e) {
      throw Failures.of(e, what);
    }
    if (differences.missing() + differences.extra() + differences.differing() == 0) {
      throw new IllegalStateException(what + ": sums differ, but no row does");
    }
  }

  /**
   * A snapshot does not show rows that a TRUNCATE or a rewrite threw away since: the table looks
   * empty. The lock taken by the scan keeps it from happening between the scan and this check.
   */
  private static void requireInPlace(Connection connection, QualifiedName table, String what)
      throws SQLException {
    if (Sql.queryLong(connection, MOVED, table.schema(), table.name()) != 1) {
      throw Failures.rewritten(what);
    }
  }
}
