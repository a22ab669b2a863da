package dev.pgportage.validation;

import dev.pgportage.pg.Quoting;
import dev.pgportage.schema.Column;
import dev.pgportage.schema.Table;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The queries that hash one table's rows; the same text is run on both sides.
 *
 * <p>The first, {@link #total}, is enough where both sides are equal; only where they are not are
 * the rows told apart by buckets. What is hashed is a row's canonical text: see {@link RowText}.
 */
final class TableSql {
  /**
   * Keeps a subquery's expressions from being computed more than once. A constant of type unknown,
   * because the planner takes {@code OFFSET 0}, an expression at first, for a limit, and makes no
   * parallel plan.
   */
  private static final String ONCE = "OFFSET '0'";

  private static final int LONGEST_NAME = 1000;
  private static final int ROWS_PER_BUCKET = 2000;
  private static final int MOST_BUCKETS = 1 << 14;
  private static final int FEWEST_BUCKETS = 1 << 4;
  private static final int GUESSED_ROW_BYTES = 100;

  private final Subject subject;
  private final Table table;
  private final HashFunction hash;
  private final int buckets;

  TableSql(Subject subject, HashFunction hash) {
    this.subject = subject;
    this.table = subject.table();
    this.hash = hash;
    this.buckets = buckets(subject);
  }

  /** All rows as one bucket: how many, and two sums of their hashes. */
  Query total() {
    return total(List.of(from()));
  }

  /**
   * As {@link #total}, of the rows on some pages of a whole table's heap.
   *
   * @param until the first page that is not among them; negative for all there are
   * @param ranges in how many parts the pages are read, by as many processes as the server allows
   */
  Query total(long from, long until, int ranges) {
    long each = until < 0 ? 1 : Math.max(1, (until - from + ranges - 1) / ranges);
    var parts = new ArrayList<String>();
    for (long at = from; until < 0 ? parts.isEmpty() : at < until; at += each) {
      parts.add(rowsOn(at, until < 0 ? until : Math.min(until, at + each)));
    }
    return total(parts);
  }

  private String rowsOn(long from, long until) {
    String end = until < 0 ? "" : " AND t.ctid < '(%d,0)'::tid".formatted(until);
    return from() + " WHERE t.ctid >= '(%d,0)'::tid%s".formatted(from, end);
  }

  private Query total(List<String> parts) {
    return query(
        """
        SELECT 0, count(*),
          coalesce(sum(hashtextextended(h, 1)), 0), coalesce(sum(hashtextextended(h, 2)), 0)
        FROM (%s) AS rows
        """
            .formatted(
                parts.stream()
                    .map(rows -> "SELECT %s AS h FROM %s %s".formatted(summed(), rows, ONCE))
                    .collect(Collectors.joining(") UNION ALL (", "(", ")"))));
  }

  /** Tells apart what is summed up of a row: sums of one form can be added. */
  String form() {
    return digest(summed());
  }

  private static String digest(String text) {
    try {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }

  /** One row per bucket: its number, its rows, and two sums of their hashes. */
  Query summary() {
    return query(
        """
        SELECT %s, count(*), sum(hashtextextended(h, 1)), sum(hashtextextended(h, 2))
        FROM (SELECT %s AS k, %s AS h FROM %s %s) AS rows
        GROUP BY 1
        """
            .formatted(
                bucketOf(isKeyed() ? "k" : "h"),
                isKeyed() ? identity() : "NULL",
                isKeyed() ? summed() : rowDigest(),
                from(),
                ONCE));
  }

  /**
   * The rows of some buckets in order of their identities: the identity, what names the row to
   * people, the row's digest, how many such rows there are, and where one of them lies.
   */
  Query rows(List<Long> wanted) {
    String some =
        wanted.stream().map(String::valueOf).collect(Collectors.joining(",", "'{", "}'::int8[]"));
    return query(isKeyed() ? keyedRows(some) : bagOfRows(some));
  }

  private String keyedRows(String some) {
    return """
        SELECT %s AS identity, left(%s, %d) AS name, %s AS h, 1, t.ctid FROM %s
        WHERE %s = ANY (%s) ORDER BY identity, h
        """
        .formatted(
            hash.ofText(keyText()) + " COLLATE \"C\"",
            keyText(),
            LONGEST_NAME,
            rowDigest(),
            from(),
            bucketOf(identity()),
            some);
  }

  private String bagOfRows(String some) {
    return """
        SELECT h, 'ctid ' || min(place), h, count(*), min(place)
        FROM (SELECT t.ctid AS place, %s AS h FROM %s %s) AS digests
        WHERE %s = ANY (%s) GROUP BY h ORDER BY h
        """
        .formatted(rowDigest(), from(), ONCE, bucketOf("h"), some);
  }

  /** The digest of each column by itself, in the table's order, of rows at some places. */
  Query columns(Collection<String> places) {
    String digests =
        table.columns().stream()
            .map(column -> hash.ofText(new RowText(hash).of(List.of(column))))
            .collect(Collectors.joining(", ", "ARRAY[", "]::text[]"));
    String some = places.stream().collect(Collectors.joining("\",\"", "'{\"", "\"}'::tid[]"));
    return new Query(
        "SELECT t.ctid, %s FROM ONLY %s AS t WHERE t.ctid = ANY (%s)"
            .formatted(digests, table.name().sql(), some),
        List.of());
  }

  /** Where on one side the rows with some digests lie: a digest and a place per row. */
  Query places(Collection<String> digests) {
    return new Query(
        "SELECT h, place FROM (SELECT t.ctid AS place, %s AS h FROM %s %s) AS rows WHERE h = ANY (%s)"
            .formatted(
                rowDigest(),
                from(),
                ONCE,
                digests.stream().collect(Collectors.joining(",", "'{", "}'::text[]"))),
        List.of());
  }

  private Query query(String sql) {
    return new Query(
        sql,
        subject.portion() instanceof Portion.Rows(List<List<String>> keys)
            ? parameters(keys)
            : List.of());
  }

  private List<List<String>> parameters(List<List<String>> keys) {
    return IntStream.range(0, subject.key().size())
        .mapToObj(i -> keys.stream().map(key -> key.get(i)).toList())
        .toList();
  }

  private boolean isKeyed() {
    return table.key().isPresent();
  }

  private String from() {
    String rows = "ONLY " + table.name().sql() + " AS t";
    int columns = subject.key().size();
    return switch (subject.portion()) {
      case Portion.Whole() -> rows;
      case Portion.Condition(String sql) -> where(rows, "(" + sql + "\n)");
      case Portion.Rows(_) ->
          wanted("?, ".repeat(columns - 1) + "?") + " JOIN " + rows + " ON " + isWanted();
      case Portion.Except(Portion other, List<List<String>> keys) ->
          where(
              rows,
              (other instanceof Portion.Condition(String sql) ? "(" + sql + "\n) AND " : "")
                  + "NOT EXISTS (SELECT FROM %s WHERE %s)"
                      .formatted(wanted(literals(keys)), isWanted()));
    };
  }

  private static String where(String rows, String condition) {
    return "(SELECT t.ctid, t.* FROM " + rows + " WHERE " + condition + ") AS t";
  }

  private String wanted(String arrays) {
    return IntStream.range(0, subject.key().size())
        .mapToObj(i -> "k" + i)
        .collect(Collectors.joining(", ", "unnest(" + arrays + ") AS wanted (", ")"));
  }

  /** A user's condition may stand beside them, and so no parameters. */
  private String literals(List<List<String>> keys) {
    return parameters(keys).stream()
        .map(
            column ->
                column.stream()
                    .map(value -> "\"" + value.replaceAll("[\"\\\\]", "\\\\$0") + "\"")
                    .collect(Collectors.joining(",", "{", "}")))
        .map(array -> Quoting.literal(array) + "::text[]")
        .collect(Collectors.joining(", "));
  }

  private String isWanted() {
    List<Column> key = subject.key();
    return IntStream.range(0, key.size())
        .mapToObj(
            i ->
                "t.%s = wanted.k%d::%s"
                    .formatted(Quoting.identifier(key.get(i).name()), i, key.get(i).type()))
        .collect(Collectors.joining(" AND "));
  }

  /** The text whose hash is a keyed row's bucket. */
  private String identity() {
    String text = hash.sameEncoding() ? keyText() : hash.ofText(keyText());
    return text + " COLLATE \"C\"";
  }

  private String bucketOf(String text) {
    return "(hashtextextended(" + text + ", 0) & " + (buckets - 1) + ")";
  }

  private String keyText() {
    return RowText.ofKey(subject.key());
  }

  private String rowDigest() {
    return hash.ofText(new RowText(hash).of(table.columns())) + " COLLATE \"C\"";
  }

  /** What is summed up of a row: its text, or the text's digest where encodings differ. */
  private String summed() {
    String text = new RowText(hash).of(table.columns());
    return (hash.sameEncoding() ? text : hash.ofText(text)) + " COLLATE \"C\"";
  }

  private static int buckets(Subject subject) {
    long rows = Math.max(subject.estimatedRows(), subject.estimatedBytes() / GUESSED_ROW_BYTES);
    int wanted = (int) Math.min((long) MOST_BUCKETS, rows / ROWS_PER_BUCKET);
    return Math.max(FEWEST_BUCKETS, Integer.highestOneBit(wanted));
  }
}
