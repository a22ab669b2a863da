package dev.pgportage.cdc;

import dev.pgportage.pgoutput.Tuple;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * One COPY FROM STDIN in text format, row by row. Not thread-safe.
 *
 * <p>Columns are separated by tabs, rows end with a line feed, NULL is {@code \N}; backslash, tab,
 * line feed and carriage return within a value are escaped. Source: PostgreSQL manual, "COPY",
 * "Text Format". Closing without {@link #finish} cancels it.
 */
final class CopyRows implements AutoCloseable, Tuple.ValueConsumer<SQLException> {
  private static final int CHUNK = 64 * 1024;
  private static final byte[] NULL = {'\\', 'N'};

  private final CopyIn copy;
  private final byte[] buffer = new byte[CHUNK];
  private int filled;
  private boolean inRow;

  /**
   * Starts the COPY.
   *
   * @param sql a COPY … FROM STDIN without options
   */
  CopyRows(Connection connection, String sql) throws SQLException {
    copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(sql);
  }

  /** Adds a whole row as it came. */
  void row(byte[] bytes, int begin) throws SQLException {
    Tuple.forEach(bytes, begin, this);
    endRow();
  }

  /** Adds a column that needs no escaping. */
  CopyRows number(long value) throws SQLException {
    separate();
    byte[] digits = Long.toString(value).getBytes(StandardCharsets.US_ASCII);
    write(digits, 0, digits.length);
    return this;
  }

  /** Adds a column of a tuple, NULL or text. */
  CopyRows column(Tuple source, int column) throws SQLException {
    accept(source.bytes(), source.start(column), source.length(column));
    return this;
  }

  /** Adds a column; a negative length is NULL. */
  @Override
  public void accept(byte[] bytes, int start, int length) throws SQLException {
    separate();
    if (length < 0) {
      write(NULL, 0, NULL.length);
      return;
    }
    int end = start + length;
    int from = start;
    for (int i = start; i < end; i++) {
      byte value = bytes[i];
      // Bytes of multi-byte characters are negative here, and stay as they are.
      if (value == '\\' || (value <= '\r' && value >= '\t')) {
        char letter = letterFor(value);
        if (letter != 0) {
          write(bytes, from, i);
          escape(letter);
          from = i + 1;
        }
      }
    }
    write(bytes, from, end);
  }

  /** What stands behind the backslash for a byte that cannot stand for itself; 0 for others. */
  private static char letterFor(byte value) {
    return switch (value) {
      case '\\' -> '\\';
      case '\t' -> 't';
      case '\n' -> 'n';
      case '\r' -> 'r';
      default -> 0;
    };
  }

  CopyRows endRow() throws SQLException {
    write((byte) '\n');
    inRow = false;
    return this;
  }

  /** Ends the COPY and returns how many rows the server took. */
  long finish() throws SQLException {
    flush();
    return copy.endCopy();
  }

  @Override
  public void close() throws SQLException {
    if (copy.isActive()) {
      copy.cancelCopy();
    }
  }

  private void separate() throws SQLException {
    if (inRow) {
      write((byte) '\t');
    }
    inRow = true;
  }

  private void escape(char letter) throws SQLException {
    write((byte) '\\');
    write((byte) letter);
  }

  private void write(byte[] bytes, int from, int to) throws SQLException {
    int next = from;
    while (next < to) {
      if (filled == CHUNK) {
        flush();
      }
      int count = Math.min(to - next, CHUNK - filled);
      System.arraycopy(bytes, next, buffer, filled, count);
      filled += count;
      next += count;
    }
  }

  private void write(byte value) throws SQLException {
    if (filled == CHUNK) {
      flush();
    }
    buffer[filled++] = value;
  }

  private void flush() throws SQLException {
    if (filled > 0) {
      copy.writeToCopy(buffer, 0, filled);
      filled = 0;
    }
  }
}
