package dev.pgportage.load;

import dev.pgportage.schema.Table;
import dev.pgportage.state.LoadLedger.Cut;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The rows of a table on a range of its pages, as the snapshot sees them.
 *
 * @param number its place among the table's chunks, from 0
 * @param fromPage first page; 0 for the first chunk
 * @param toPage first page no longer in it; {@link #OPEN} for the last chunk, since a table may
 *     have grown since its pages were counted
 */
record Chunk(int number, long fromPage, long toPage) {
  static final long OPEN = Long.MAX_VALUE;

  // What a table is cut into at least, for each worker, so that none waits long for the last one.
  private static final int CHUNKS_PER_WORKER = 8;
  private static final long LEAST_BYTES = 32L << 20;

  // Two streams into one table cost the target half as much again as one: with so few workers one
  // stream, frozen as it comes, is the faster way, until a cut connection would cost too much.
  private static final int FEW_WORKERS = 2;
  private static final long USUAL_BYTES = 256L << 20;
  private static final int WHOLE_CHUNKS = 16;

  // More chunks than that would make the ledger, not the rows, the work.
  private static final long MOST_CHUNKS = 100_000;
  // TID range scans came with 14: before it each chunk would read the whole table.
  private static final int FIRST_WITH_TID_RANGES = 14;

  /**
   * How a table is cut into chunks of about equal size, TOAST counted as if spread evenly.
   *
   * <p>An unlogged table stays whole: a crash of the target empties it, and must not leave it half.
   *
   * @param largest bytes of a chunk at most; a table that is not larger stays whole, and with one
   *     or two workers, unless it is less than usual, one of sixteen times as much
   * @param workers how many copy at once: a large table's chunks are small enough for all of them
   * @param sourceMajor the source's major version
   */
  static Cut cut(Table table, long largest, int workers, int sourceMajor) {
    long pages = table.pages();
    if (sourceMajor < FIRST_WITH_TID_RANGES
        || table.unlogged()
        || pages <= 1
        || table.bytes() <= wholeUpTo(largest, workers)) {
      return new Cut(1, Math.max(1, pages));
    }
    long even = table.bytes() / ((long) workers * CHUNKS_PER_WORKER);
    long chunkBytes = Math.min(largest, Math.max(LEAST_BYTES, even));
    long wanted = (long) (pages / ((double) table.bytes() / chunkBytes));
    long perChunk = Math.max(Math.max(1, wanted), Math.ceilDiv(pages, MOST_CHUNKS));
    return new Cut((int) Math.ceilDiv(pages, perChunk), perChunk);
  }

  private static long wholeUpTo(long largest, int workers) {
    return workers <= FEW_WORKERS && largest >= USUAL_BYTES ? WHOLE_CHUNKS * largest : largest;
  }

  /** The chunks of a cut, in their order. */
  static List<Chunk> of(Cut cut) {
    var chunks = new ArrayList<Chunk>();
    for (int i = 0; i < cut.chunks(); i++) {
      chunks.add(of(cut, i));
    }
    return chunks;
  }

  /** One chunk of a cut. */
  static Chunk of(Cut cut, int number) {
    long to = number == cut.chunks() - 1 ? OPEN : (number + 1) * cut.pages();
    return new Chunk(number, number * cut.pages(), to);
  }

  /** Whether it is the whole table. */
  boolean isWhole() {
    return fromPage == 0 && toPage == OPEN;
  }

  /** About how large it is on disk; over all chunks it adds up to the table's size. */
  long bytes(Table table) {
    return bytesBefore(table, toPage) - bytesBefore(table, fromPage);
  }

  private static long bytesBefore(Table table, long page) {
    if (page == 0) {
      return 0;
    }
    double share = (double) page / table.pages();
    return page >= table.pages() ? table.bytes() : (long) (share * table.bytes());
  }

  /** The condition on the rows' place; empty for a whole table. */
  Optional<String> condition() {
    return condition("ctid");
  }

  /** The same with the place's name in a query. */
  Optional<String> condition(String ctid) {
    String bounds =
        Stream.of(
                fromPage == 0 ? "" : ctid + " >= '(" + fromPage + ",0)'::tid",
                toPage == OPEN ? "" : ctid + " < '(" + toPage + ",0)'::tid")
            .filter(bound -> !bound.isEmpty())
            .collect(Collectors.joining(" AND "));
    return Optional.of(bounds).filter(text -> !text.isEmpty());
  }
}
