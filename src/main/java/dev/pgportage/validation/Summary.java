package dev.pgportage.validation;

import dev.pgportage.pg.Side;
import dev.pgportage.state.PartRead;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/**
 * The rows of a table on one side, summed up per bucket: how many, and two 64-bit sums of their
 * hashes, which do not depend on the rows' order.
 *
 * @param buckets by their numbers; empty buckets are left out
 */
record Summary(Map<Long, Bucket> buckets) {
  private static final BigInteger TWO_TO_64 = BigInteger.ONE.shiftLeft(64);

  /** One bucket's rows and sums. */
  record Bucket(long rows, BigInteger first, BigInteger second) {
    private Bucket plus(Bucket other) {
      return new Bucket(rows + other.rows, first.add(other.first), second.add(other.second));
    }
  }

  /**
   * Runs a table's summary query. Its answer is fetched whole: where only some rows are asked for
   * at a time, PostgreSQL runs no parallel plan.
   */
  static Summary read(Connection connection, Query query) throws SQLException {
    return query.ask(connection, Summary::of);
  }

  private static Summary of(ResultSet row) throws SQLException {
    var buckets = new HashMap<Long, Bucket>();
    while (row.next()) {
      buckets.put(
          row.getLong(1),
          new Bucket(
              row.getLong(2), new BigInteger(row.getString(3)), new BigInteger(row.getString(4))));
    }
    return new Summary(buckets);
  }

  /** The rows of a part that was read before, as one bucket. */
  static Summary of(PartRead part) {
    return new Summary(Map.of(0L, new Bucket(part.rows(), part.first(), part.second())));
  }

  /** The same as a part of a table, up to some page. */
  PartRead part(Side side, String form, long file, long pages) {
    Bucket total = total();
    return new PartRead(side, form, file, pages, total.rows, total.first, total.second);
  }

  /** The rows of both; there must be no row in both. */
  Summary plus(Summary other) {
    var all = new HashMap<>(buckets);
    other.buckets.forEach((number, bucket) -> all.merge(number, bucket, Bucket::plus));
    return new Summary(all);
  }

  /** The buckets that are not the same here and there, in order. */
  List<Long> differing(Summary other) {
    var all = new TreeSet<>(buckets.keySet());
    all.addAll(other.buckets.keySet());
    all.removeIf(number -> Objects.equals(buckets.get(number), other.buckets.get(number)));
    return List.copyOf(all);
  }

  /** How many rows there are. */
  long rows() {
    return total().rows;
  }

  /** A digest of all rows, whatever the number of buckets: 32 hexadecimal digits. */
  String digest() {
    Bucket total = total();
    return hex(total.first) + hex(total.second);
  }

  /** All buckets as one. */
  Bucket total() {
    return buckets.values().stream()
        .reduce(new Bucket(0, BigInteger.ZERO, BigInteger.ZERO), Bucket::plus);
  }

  private static String hex(BigInteger sum) {
    return String.format(Locale.ROOT, "%016x", sum.mod(TWO_TO_64));
  }
}
