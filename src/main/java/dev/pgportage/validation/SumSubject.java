package dev.pgportage.validation;

import dev.pgportage.pg.Side;
import dev.pgportage.schema.Table;

/**
 * One side of a table as it is told to whoever sums its chunks up on another machine.
 *
 * @param table as the source has it
 * @param side which side
 * @param chunks how many there are
 * @param pages of the heap in each but the last, which has everything from there on
 */
record SumSubject(Table table, Side side, int chunks, long pages) {
  /** The query that sums a chunk up. */
  Query total(int chunk, HashFunction hash) {
    var sql = new TableSql(Subject.whole(table), hash);
    if (chunks == 1) {
      return sql.total();
    }
    return sql.total(chunk * pages, chunk == chunks - 1 ? -1 : (chunk + 1) * pages, 1);
  }
}
