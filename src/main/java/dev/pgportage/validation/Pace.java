package dev.pgportage.validation;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.Table;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

/**
 * How many bytes of tables one side may read in a second, by all workers together. A table is then
 * read piece by piece, with a pause after each. Thread-safe.
 */
final class Pace {
  private static final int PAGE_BYTES = 8192;
  private static final int SMALLEST_PIECE = 1 << 20;
  private static final double NANOS = 1e9;

  /** Before it, a range of a table's pages could not be read without reading all of them. */
  private static final int READS_RANGES = 14;

  private final long bytesPerSecond;
  private long free = System.nanoTime();

  /** 0 for no limit. */
  Pace(long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /** Sums a subject's rows up. */
  Summary total(Connection connection, Subject subject, TableSql sql) throws SQLException {
    boolean inPieces =
        bytesPerSecond > 0
            && subject.portion() instanceof Portion.Whole
            && connection.getMetaData().getDatabaseMajorVersion() >= READS_RANGES;
    Summary total =
        inPieces ? pieces(connection, subject.table(), sql) : Summary.read(connection, sql.total());
    if (!inPieces) {
      pause(subject.estimatedBytes());
    }
    return total;
  }

  private Summary pieces(Connection connection, Table table, TableSql sql) throws SQLException {
    long pages =
        Sql.queryLong(
            connection,
            "SELECT pg_relation_size(%s::regclass) / %d"
                .formatted(dev.pgportage.pg.Quoting.literal(table.name().sql()), PAGE_BYTES));
    // Long values lie elsewhere, and are read with the pages that refer to them.
    double bytesPerPage = Math.max(PAGE_BYTES, (double) table.bytes() / Math.max(1, table.pages()));
    long piece = (long) Math.max(1, Math.max(SMALLEST_PIECE, bytesPerSecond / 4.0) / bytesPerPage);
    var total = new Summary(Map.of());
    for (long from = 0; from == 0 || from < pages; from += piece) {
      long until = from + piece < pages ? from + piece : -1;
      total = total.plus(Summary.read(connection, sql.total(from, until)));
      pause((long) (bytesPerPage * (until < 0 ? pages - from : piece)));
    }
    return total;
  }

  private void pause(long bytes) {
    if (bytesPerSecond == 0) {
      return;
    }
    long nanos;
    synchronized (this) {
      free = Math.max(free, System.nanoTime()) + (long) (bytes * NANOS / bytesPerSecond);
      nanos = free - System.nanoTime();
    }
    try {
      Thread.sleep(Math.max(0, nanos / 1_000_000));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationException(ErrorCode.INTERRUPTED, "Validation interrupted", e);
    }
  }
}
