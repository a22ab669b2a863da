package dev.pgportage.load;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Side;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.LongConsumer;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;

/**
 * One COPY from the source into one COPY of the target; the bytes in between are never looked at.
 *
 * <p>The driver hands out one row at a time; rows are gathered, since each write is a message to
 * the target. Used by one thread. After an exception both connections are of no more use.
 */
final class Transfer {
  private static final int BUFFER = 256 * 1024;

  private final byte[] buffer = new byte[BUFFER];
  private int filled;
  private Side at = Side.SOURCE;

  /** What was carried. */
  record Moved(long rows, long bytes) {}

  /** The side that was spoken to last: where a failure comes from. */
  Side at() {
    return at;
  }

  /**
   * Carries everything the source's statement gives into the target's statement.
   *
   * @param progress told of bytes as they pass
   * @throws MigrationException LOAD_FAILED if the target took another number of rows than the
   *     source sent
   */
  Moved run(Connection source, Connection target, CopyStatements copy, LongConsumer progress)
      throws SQLException {
    filled = 0;
    at = Side.SOURCE;
    CopyOut out = source.unwrap(PGConnection.class).getCopyAPI().copyOut(copy.out());
    at = Side.TARGET;
    CopyIn in = target.unwrap(PGConnection.class).getCopyAPI().copyIn(copy.in());
    long bytes = 0;
    at = Side.SOURCE;
    for (byte[] row = out.readFromCopy(); row != null; row = out.readFromCopy()) {
      if (filled + row.length > BUFFER) {
        write(in, progress);
      }
      if (row.length > BUFFER) {
        at = Side.TARGET;
        in.writeToCopy(row, 0, row.length);
        progress.accept(row.length);
      } else {
        System.arraycopy(row, 0, buffer, filled, row.length);
        filled += row.length;
      }
      bytes += row.length;
      at = Side.SOURCE;
    }
    write(in, progress);
    at = Side.TARGET;
    long taken = in.endCopy();
    long sent = out.getHandledRowCount();
    if (taken != sent) {
      throw new MigrationException(
          ErrorCode.LOAD_FAILED,
          "The source sent " + sent + " rows, the target took " + taken + " of them");
    }
    return new Moved(sent, bytes);
  }

  private void write(CopyIn in, LongConsumer progress) throws SQLException {
    at = Side.TARGET;
    if (filled > 0) {
      in.writeToCopy(buffer, 0, filled);
      progress.accept(filled);
      filled = 0;
    }
  }
}
