package dev.pgportage.validation;

import java.math.BigInteger;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;

/**
 * Rows of one side in order of their identities, read as they come. Not thread-safe; ends with its
 * transaction at the latest.
 */
final class RowStream {
  private static final int FETCH_ROWS = 4096;
  private static final BigInteger TWO_TO_128 = BigInteger.ONE.shiftLeft(128);

  /**
   * One row, or several equal ones of a table without a key.
   *
   * @param identity what the row is compared by, in order of which rows come
   * @param name what names it to people
   * @param digest of all its columns
   * @param count how many such rows there are
   * @param place where one of them lies: its ctid; empty for what is no table's row
   */
  record Row(String identity, String name, String digest, long count, String place) {}

  private final ResultSet rows;
  private boolean ended;
  private long read;
  private BigInteger sum = BigInteger.ZERO;
  private Row current;

  private RowStream(ResultSet rows) throws SQLException {
    this.rows = rows;
    this.current = new Row("", "", "", 0, "");
    advance();
  }

  /** Starts reading; the first rows are there when this returns. */
  static RowStream open(Connection connection, Query query) throws SQLException {
    return new RowStream(query.stream(connection, FETCH_ROWS));
  }

  boolean ended() {
    return ended;
  }

  Row current() {
    return current;
  }

  /** How many rows have been read so far. */
  long read() {
    return read;
  }

  /** The sum of the digests read so far: 32 hexadecimal digits. */
  String digest() {
    return String.format(Locale.ROOT, "%032x", sum.mod(TWO_TO_128));
  }

  void advance() throws SQLException {
    if (rows.next()) {
      current =
          new Row(
              rows.getString(1),
              rows.getString(2),
              rows.getString(3),
              rows.getLong(4),
              rows.getString(5));
      read += current.count();
      sum = sum.add(new BigInteger(current.digest(), 16));
    } else {
      ended = true;
      rows.close();
    }
  }
}
