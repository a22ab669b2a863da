package dev.pgportage.validation;

import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.Table;
import dev.pgportage.state.PartRead;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;

/**
 * One side's rows of a subject, summed up: those of a large table piece by piece, so that it is
 * known how far that is, and another comparison can go on from there. Used by one thread.
 */
final class SideReading {
  /** A page of a table, as nearly every server has it. */
  static final int PAGE_BYTES = 8192;

  /**
   * Up to here a table is read whole: ranges of pages cost the servers some per cent more than all
   * of them, and so much is read in a moment.
   */
  private static final long WHOLE_BYTES = 2L << 30;

  private static final long PIECE_BYTES = 512L << 20;
  private static final long SMALLEST_PIECE = 1L << 20;

  /** So many ranges of a piece's pages, for the server's parallel processes to share out. */
  private static final int RANGES = 12;

  /** Before it, a range of a table's pages could not be read without reading all of them. */
  static final int READS_RANGES = 14;

  private final Side side;
  private final Pace pace;
  private final Course course;

  SideReading(Side side, Pace pace, Course course) {
    this.side = side;
    this.pace = pace;
    this.course = course;
  }

  /** Reads all of it. */
  Summary total(Connection connection, Subject subject, TableSql sql) throws SQLException {
    boolean inPieces =
        subject.portion() instanceof Portion.Whole
            && subject.estimatedBytes() > (pace.isLimited() ? pieceBytes() : WHOLE_BYTES)
            && connection.getMetaData().getDatabaseMajorVersion() >= READS_RANGES;
    if (inPieces) {
      return pieces(connection, subject.table(), sql);
    }
    Summary total = Summary.read(connection, sql.total());
    course.at(side, 1, total.rows());
    pace.pause(subject.estimatedBytes());
    return total;
  }

  private long pieceBytes() {
    return pace.isLimited()
        ? Math.clamp(pace.bytesPerSecond() / 4, SMALLEST_PIECE, PIECE_BYTES)
        : PIECE_BYTES;
  }

  private Summary pieces(Connection connection, Table table, TableSql sql) throws SQLException {
    Heap heap = Heap.of(connection, table);
    // Long values lie elsewhere, and are read with the pages that refer to them.
    double bytesPerPage = Math.max(PAGE_BYTES, (double) table.bytes() / Math.max(1, table.pages()));
    long piece = (long) Math.max(1, pieceBytes() / bytesPerPage);
    Optional<PartRead> before =
        course.before(side).filter(part -> part.file() == heap.file && isOf(sql, part));
    Summary total = before.map(Summary::of).orElseGet(() -> new Summary(Map.of()));
    long from = before.map(PartRead::pages).orElse(0L);
    course.at(side, heap.share(from), total.rows());
    while (true) {
      // Whatever lies behind the last page that there was belongs to the last piece.
      boolean last = from + piece >= heap.pages;
      total = total.plus(Summary.read(connection, piece(sql, from, last ? -1 : from + piece)));
      pace.pause((long) (bytesPerPage * Math.max(0, Math.min(piece, heap.pages - from))));
      from += piece;
      course.at(side, last ? 1 : heap.share(from), total.rows());
      if (last) {
        return total;
      }
      course.keep(total.part(side, sql.form(), heap.file, from));
    }
  }

  private static boolean isOf(TableSql sql, PartRead part) {
    return part.form().equals(sql.form());
  }

  /** A limited side is read by one process; else the server's parallel ones divide the ranges. */
  private Query piece(TableSql sql, long from, long until) {
    return sql.total(from, until, pace.isLimited() ? 1 : RANGES);
  }

  /** A table's heap as it lies on the disk. */
  private record Heap(long file, long pages) {
    static Heap of(Connection connection, Table table) throws SQLException {
      return Sql.queryFirst(
              connection,
              """
              SELECT pg_relation_filenode(%1$s::regclass), pg_relation_size(%1$s::regclass) / %2$d
              """
                  .formatted(Quoting.literal(table.name().sql()), PAGE_BYTES),
              row -> new Heap(row.getLong(1), row.getLong(2)))
          .orElseThrow();
    }

    double share(long read) {
      return Math.min(1, (double) read / Math.max(1, pages));
    }
  }
}
