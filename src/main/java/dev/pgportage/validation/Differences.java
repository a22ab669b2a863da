package dev.pgportage.validation;

import dev.pgportage.validation.Comparison.Kind;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Counts, and lists up to a limit, what is not the same in two ordered streams of rows. */
final class Differences {
  private final int limit;
  private final List<Found> listed = new ArrayList<>();
  private long missing;
  private long extra;
  private long differing;

  /** Lists so many at most; counts all. */
  Differences(int limit) {
    this.limit = limit;
  }

  long missing() {
    return missing;
  }

  long extra() {
    return extra;
  }

  long differing() {
    return differing;
  }

  List<Found> listed() {
    return listed;
  }

  /** How many there are. */
  long count() {
    return missing + extra + differing;
  }

  /**
   * A difference that is listed.
   *
   * @param source where the row lies on the source; empty if it does not
   * @param target where it lies on the target; empty if it does not
   * @param digest of the row on the side that has it, on the source if both have
   * @param count how many such rows one side lacks
   */
  record Found(Kind kind, String name, String source, String target, String digest, long count) {}

  /** Reads both streams to their ends. */
  void merge(RowStream source, RowStream target) throws SQLException {
    while (!source.ended() || !target.ended()) {
      int order = order(source, target);
      if (order < 0) {
        missing += missing(source.current(), source.current().count());
        source.advance();
      } else if (order > 0) {
        extra += extra(target.current(), target.current().count());
        target.advance();
      } else {
        compare(source.current(), target.current());
        source.advance();
        target.advance();
      }
    }
  }

  private static int order(RowStream source, RowStream target) {
    if (source.ended()) {
      return 1;
    }
    return target.ended() ? -1 : source.current().identity().compareTo(target.current().identity());
  }

  private void compare(RowStream.Row source, RowStream.Row target) {
    if (!source.digest().equals(target.digest())) {
      note(found(Kind.DIFFERING, source, source.place(), target.place(), 1));
      differing++;
    } else if (source.count() > target.count()) {
      missing += missing(source, source.count() - target.count());
    } else if (target.count() > source.count()) {
      extra += extra(target, target.count() - source.count());
    }
  }

  private long missing(RowStream.Row row, long count) {
    note(found(Kind.MISSING, row, row.place(), "", count));
    return count;
  }

  private long extra(RowStream.Row row, long count) {
    note(found(Kind.EXTRA, row, "", row.place(), count));
    return count;
  }

  private static Found found(
      Kind kind, RowStream.Row row, String source, String target, long count) {
    return new Found(kind, row.name(), source, target, row.digest(), count);
  }

  private void note(Found found) {
    if (listed.size() < limit) {
      listed.add(found);
    }
  }
}
