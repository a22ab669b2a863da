package dev.pgportage.load;

import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.Column;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Makes chunks that were copied under one snapshot what a later one shows, in the target's open
 * transaction.
 *
 * <p>A row that nobody touched in between is the same version in the same place under both; so it
 * is in the same chunk, and right. Every other row, old or new, has a key that was touched: all
 * rows of such keys are deleted here, and those that the later snapshot shows on these chunks'
 * pages are copied. Then the chunks are what they would be, had they been copied under the later
 * one.
 */
final class Mending {
  private static final String STAGE = "pg_temp.pgportage_touched";
  private static final int BATCH = 1000;

  private final Connection source;
  private final Connection target;
  private final TableLoad load;
  private final TouchedKeys touched;
  private final List<Column> key;

  Mending(Connection source, Connection target, TableLoad load) {
    this.source = source;
    this.target = target;
    this.load = load;
    this.touched = load.touched().orElseThrow();
    this.key =
        touched.columns().stream()
            .map(
                name ->
                    load.table().writtenColumns().stream()
                        .filter(column -> column.name().equals(name))
                        .findFirst()
                        .orElseThrow())
            .toList();
  }

  /**
   * Mends.
   *
   * @param chunks those that are on the target
   * @return how many rows there are more than before
   */
  long run(List<Chunk> chunks) throws SQLException {
    // Waits for every session that may still write there, such as one given up for lost.
    Sql.execute(target, "LOCK TABLE ONLY " + load.name().sql() + " IN SHARE ROW EXCLUSIVE MODE");
    stage();
    long more =
        -Sql.update(
            target,
            "DELETE FROM ONLY %s AS t USING %s AS s WHERE %s"
                .formatted(load.name().sql(), STAGE, matches(i -> "s.k" + i)));
    for (List<List<String>> batch : distinct()) {
      String join =
          "unnest(%s) AS s (%s) ON %s"
              .formatted(arrays(batch), list(i -> "k" + i), matches(i -> typed("s.k" + i, i)));
      more += new Transfer().run(source, target, load.statements(join, chunks), _ -> {}).rows();
    }
    Sql.execute(target, "DROP TABLE " + STAGE);
    return more;
  }

  private void stage() throws SQLException {
    String columns = list(i -> "t." + Quoting.identifier(key.get(i).name()) + " AS k" + i);
    Sql.execute(
        target,
        "CREATE TEMP TABLE pgportage_touched ON COMMIT DROP AS SELECT %s FROM ONLY %s AS t WITH NO DATA"
            .formatted(columns, load.name().sql()));
    for (int from = 0; from < touched.size(); from += BATCH) {
      var batch = touched.keys().subList(from, Math.min(touched.size(), from + BATCH));
      Sql.execute(
          target,
          "INSERT INTO %s SELECT %s FROM unnest(%s) AS s (%s)"
              .formatted(STAGE, list(i -> typed("s.k" + i, i)), arrays(batch), list(i -> "k" + i)));
    }
    Sql.execute(target, "ANALYZE " + STAGE);
  }

  /** Keys that are equal, though written otherwise, once: their row must not come twice. */
  private List<List<List<String>>> distinct() throws SQLException {
    List<List<String>> keys =
        Sql.query(
            target,
            // Qualified: a bare name would mean the text.
            "SELECT DISTINCT ON (%s) %s FROM %s AS s"
                .formatted(list(i -> "s.k" + i), list(i -> "s.k" + i + "::text"), STAGE),
            row -> {
              var values = new ArrayList<String>(key.size());
              for (int i = 1; i <= key.size(); i++) {
                values.add(row.getString(i));
              }
              return values;
            });
    var batches = new ArrayList<List<List<String>>>();
    for (int from = 0; from < keys.size(); from += BATCH) {
      batches.add(keys.subList(from, Math.min(keys.size(), from + BATCH)));
    }
    return batches;
  }

  private String matches(IntFunction<String> other) {
    return IntStream.range(0, key.size())
        .mapToObj(
            i ->
                "t."
                    + Quoting.identifier(key.get(i).name())
                    + " OPERATOR(pg_catalog.=) "
                    + other.apply(i))
        .collect(Collectors.joining(" AND "));
  }

  private String typed(String value, int column) {
    return "CAST(" + value + " AS " + key.get(column).type() + ")";
  }

  private String arrays(List<List<String>> batch) {
    return list(
        i ->
            batch.stream()
                .map(values -> Quoting.literal(values.get(i)))
                .collect(Collectors.joining(", ", "ARRAY[", "]::text[]")));
  }

  private String list(IntFunction<String> form) {
    return IntStream.range(0, key.size()).mapToObj(form).collect(Collectors.joining(", "));
  }
}
