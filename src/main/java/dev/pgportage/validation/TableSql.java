package dev.pgportage.validation;

import dev.pgportage.pg.Quoting;
import dev.pgportage.schema.Column;
import dev.pgportage.schema.Table;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The queries that hash one table's rows; the same text is run on both sides.
 *
 * <p>A row's canonical text is PostgreSQL's own output of all its columns as one row, {@code
 * ROW(…)::text}: quotes and backslashes are doubled, NULL is empty and an empty text is {@code ""},
 * so that no two different rows print the same. Long texts and every bytea enter as their own
 * digests, marked as such, so that a row's text stays far from PostgreSQL's limit of 1 GB.
 */
final class TableSql {
  private static final int LONG_TEXT_BYTES = 100_000;
  private static final int LONGEST_NAME = 1000;
  private static final int ROWS_PER_BUCKET = 2000;
  private static final int MOST_BUCKETS = 1 << 16;
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

  /** One row per bucket: its number, its rows, and two sums of their hashes. */
  String summary() {
    return """
        SELECT %s, count(*), sum(hashtextextended(h, 1)), sum(hashtextextended(h, 2))
        FROM (SELECT %s AS k, %s AS h FROM %s OFFSET 0) AS digests
        GROUP BY 1
        """
        .formatted(
            bucketOf(isKeyed() ? "k" : "h"), isKeyed() ? identity() : "NULL", rowDigest(), from());
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
          FROM (SELECT 'ctid ' || t.ctid AS place, %s AS h FROM %s OFFSET 0) AS digests
          WHERE %s = ANY (%s) GROUP BY h ORDER BY h
          """
            .formatted(rowDigest(), from(), bucketOf("h"), some);
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
    return rowText(columns, this::printed);
  }

  private String rowDigest() {
    return hash.ofText(rowText(table.columns(), this::canonical)) + " COLLATE \"C\"";
  }

  private static String rowText(List<Column> columns, Function<Column, String> expression) {
    return columns.stream().map(expression).collect(Collectors.joining(", ", "ROW(", ")::text"));
  }

  private String canonical(Column column) {
    String value = printed(column);
    String type = column.type();
    if (type.equals("bytea")) {
      return hash.ofBytes(value);
    }
    boolean isText =
        type.equals("text")
            || type.startsWith("character varying")
            || type.equals("json")
            || type.equals("xml");
    if (!isText || type.endsWith("[]")) {
      return value;
    }
    String text = type.equals("text") ? value : value + "::text";
    // A length in bytes depends on the encoding, so it can decide only where that is the same.
    return hash.sameEncoding()
        ? "CASE WHEN octet_length(%1$s) > %2$d THEN 'L' || %3$s ELSE 'S' || %1$s END"
            .formatted(text, LONG_TEXT_BYTES, hash.ofText(text))
        : hash.ofText(text);
  }

  /** PostgreSQL 16 began to print bytes above 127 of type "char" in another form. */
  private String printed(Column column) {
    String value = "t." + Quoting.identifier(column.name());
    return column.type().equals("\"char\"") ? value + "::int4" : value;
  }

  private static int buckets(Table table) {
    double rows = Math.max(table.estimatedRows(), (double) table.bytes() / GUESSED_ROW_BYTES);
    int wanted = (int) Math.min(MOST_BUCKETS, rows / ROWS_PER_BUCKET);
    return Math.max(FEWEST_BUCKETS, Integer.highestOneBit(wanted));
  }
}
