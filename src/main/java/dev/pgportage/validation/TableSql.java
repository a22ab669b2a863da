package dev.pgportage.validation;

import dev.pgportage.schema.Column;
import dev.pgportage.schema.Table;
import java.util.List;
import java.util.stream.Collectors;

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

  private final Table table;
  private final HashFunction hash;
  private final int buckets;

  TableSql(Table table, HashFunction hash) {
    this.table = table;
    this.hash = hash;
    this.buckets = buckets(table);
  }

  /** All rows as one bucket: how many, and two sums of their hashes. */
  String total() {
    return """
        SELECT 0, count(*),
          coalesce(sum(hashtextextended(h, 1)), 0), coalesce(sum(hashtextextended(h, 2)), 0)
        FROM (SELECT %s AS h FROM %s %s) AS rows
        """
        .formatted(summed(), from(), ONCE);
  }

  /** One row per bucket: its number, its rows, and two sums of their hashes. */
  String summary() {
    return """
        SELECT %s, count(*), sum(hashtextextended(h, 1)), sum(hashtextextended(h, 2))
        FROM (SELECT %s AS k, %s AS h FROM %s %s) AS rows
        GROUP BY 1
        """
        .formatted(
            bucketOf(isKeyed() ? "k" : "h"),
            isKeyed() ? identity() : "NULL",
            isKeyed() ? summed() : rowDigest(),
            from(),
            ONCE);
  }

  /**
   * The rows of some buckets in order of their identities: the identity, what names the row to
   * people, the row's digest, and how many such rows there are.
   */
  String rows(List<Long> wanted) {
    String some =
        wanted.stream().map(String::valueOf).collect(Collectors.joining(",", "'{", "}'::int8[]"));
    return isKeyed()
        ? """
          SELECT %s AS identity, left(%s, %d) AS name, %s AS h, 1 FROM %s
          WHERE %s = ANY (%s) ORDER BY identity, h
          """
            .formatted(
                hash.ofText(keyText()) + " COLLATE \"C\"",
                keyText(),
                LONGEST_NAME,
                rowDigest(),
                from(),
                bucketOf(identity()),
                some)
        : """
          SELECT h, min(place), h, count(*)
          FROM (SELECT 'ctid ' || t.ctid AS place, %s AS h FROM %s %s) AS digests
          WHERE %s = ANY (%s) GROUP BY h ORDER BY h
          """
            .formatted(rowDigest(), from(), ONCE, bucketOf("h"), some);
  }

  private boolean isKeyed() {
    return table.key().isPresent();
  }

  private String from() {
    return "ONLY " + table.name().sql() + " AS t";
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
    List<String> names = table.key().orElseThrow().columns();
    List<Column> columns =
        names.stream()
            .map(name -> table.columns().stream().filter(c -> c.name().equals(name)).findFirst())
            .map(column -> column.orElseThrow())
            .toList();
    return RowText.ofKey(columns);
  }

  private String rowDigest() {
    return hash.ofText(new RowText(hash).of(table.columns())) + " COLLATE \"C\"";
  }

  /** What is summed up of a row: its text, or the text's digest where encodings differ. */
  private String summed() {
    String text = new RowText(hash).of(table.columns());
    return (hash.sameEncoding() ? text : hash.ofText(text)) + " COLLATE \"C\"";
  }

  private static int buckets(Table table) {
    double rows = Math.max(table.estimatedRows(), (double) table.bytes() / GUESSED_ROW_BYTES);
    int wanted = (int) Math.min(MOST_BUCKETS, rows / ROWS_PER_BUCKET);
    return Math.max(FEWEST_BUCKETS, Integer.highestOneBit(wanted));
  }
}
