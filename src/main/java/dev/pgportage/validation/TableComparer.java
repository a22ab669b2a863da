package dev.pgportage.validation;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.Table;
import dev.pgportage.state.ValidationResults;
import dev.pgportage.validation.Validator.Options;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

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
  private final Options options;
  private final Paces paces;

  /** How fast either side may read, all workers together. */
  record Paces(Pace source, Pace target) {}

  TableComparer(SessionPair sessions, HashFunction hash, Options options, Paces paces) {
    this.sessions = sessions;
    this.hash = hash;
    this.options = options;
    this.paces = paces;
  }

  /**
   * Compares a subject.
   *
   * @param course told how far it is; asked what was read before
   */
  Comparison compare(Subject subject, Course course) {
    String what = "Comparing " + subject.table().name();
    return sessions.within(what, () -> compare(subject, course, what));
  }

  /** What differs of a whole table, for as many rows as are listed. */
  Differences differences(Table table) {
    String what = "Comparing " + table.name();
    var differences = new Differences(options.listed());
    drillDown(new TableSql(Subject.whole(table), hash), what, differences);
    return differences;
  }

  private Comparison compare(Subject subject, Course course, String what) {
    Table table = subject.table();
    var sql = new TableSql(subject, hash);
    var summaries = summaries(subject, course, sql, what);
    if (course.isResumed() && !summaries.source().equals(summaries.target())) {
      // Rows that somebody moved about on one side since then are not on the pages they were on.
      course.beginAnew();
      summaries = summaries(subject, course, sql, what);
    }
    var differences = new Differences(options.listed());
    if (!summaries.source().equals(summaries.target())) {
      drillDown(sql, what, differences);
    }
    return new Comparison(
        new ValidationResults.Result(
            table.name(),
            options.at(),
            summaries.source().rows(),
            summaries.target().rows(),
            differences.missing(),
            differences.extra(),
            differences.differing(),
            summaries.source().digest(),
            sessions.readAt(),
            Instant.now()),
        table.key().map(Table.Key::columns).orElse(List.of()),
        named(sql, what, table, differences.listed()),
        Comparison.Extent.of(subject.portion()));
  }

  private SessionPair.Answers<Summary> summaries(
      Subject subject, Course course, TableSql sql, String what) {
    return sessions.ask(
        what,
        new SideReading(Side.SOURCE, paces.source(), course),
        new SideReading(Side.TARGET, paces.target(), course),
        (connection, reading) -> {
          Summary summary = reading.total(connection, subject, sql);
          requireInPlace(connection, subject.table().name(), what);
          return summary;
        });
  }

  private void drillDown(TableSql sql, String what, Differences differences) {
    var buckets = sessions.ask(what, connection -> Summary.read(connection, sql.summary()));
    Query rows = sql.rows(buckets.source().differing(buckets.target()));
    var streams = sessions.ask(what, connection -> RowStream.open(connection, rows));
    try {
      differences.merge(streams.source(), streams.target());
    } catch (SQLException e) {
      throw Failures.of(e, what);
    }
    if (differences.count() == 0 && !buckets.source().equals(buckets.target())) {
      throw new IllegalStateException(what + ": sums differ, but no row does");
    }
  }

  /** The listed differences, and of rows that both sides have which columns differ. */
  private List<Comparison.Difference> named(
      TableSql sql, String what, Table table, List<Differences.Found> listed) {
    var places =
        listed.stream().filter(found -> found.kind() == Comparison.Kind.DIFFERING).toList();
    if (places.isEmpty()) {
      return listed.stream().map(found -> difference(found, List.of())).toList();
    }
    Query ofSource = sql.columns(places.stream().map(Differences.Found::source).toList());
    Query ofTarget = sql.columns(places.stream().map(Differences.Found::target).toList());
    var digests =
        sessions.ask(
            what,
            ofSource,
            ofTarget,
            (connection, query) -> query.ask(connection, TableComparer::digests));
    return listed.stream()
        .map(
            found ->
                difference(
                    found,
                    differing(
                        table,
                        digests.source().getOrDefault(found.source(), List.of()),
                        digests.target().getOrDefault(found.target(), List.of()))))
        .toList();
  }

  private static Comparison.Difference difference(Differences.Found found, List<String> columns) {
    return new Comparison.Difference(found.kind(), found.name(), columns);
  }

  private static Map<String, List<String>> digests(ResultSet row) throws SQLException {
    var digests = new HashMap<String, List<String>>();
    while (row.next()) {
      digests.put(row.getString(1), List.of((String[]) row.getArray(2).getArray()));
    }
    return digests;
  }

  private static List<String> differing(Table table, List<String> source, List<String> target) {
    return source.isEmpty() || target.isEmpty()
        ? List.of()
        : IntStream.range(0, source.size())
            .filter(i -> !source.get(i).equals(target.get(i)))
            .mapToObj(i -> table.columns().get(i).name())
            .toList();
  }

  /**
   * A snapshot does not show rows that a TRUNCATE or a rewrite threw away since: the table looks
   * empty. The lock taken by the scan keeps it from happening between the scan and this check.
   */
  static void requireInPlace(Connection connection, QualifiedName table, String what)
      throws SQLException {
    if (Sql.queryLong(connection, MOVED, table.schema(), table.name()) != 1) {
      throw Failures.rewritten(what);
    }
  }
}
