package dev.pgportage.validation;

import dev.pgportage.validation.Comparison.Difference;
import dev.pgportage.validation.Comparison.Kind;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Counts, and lists up to a limit, what is not the same in two ordered streams of rows. */
final class Differences {
  private final int limit;
  private final List<Difference> listed = new ArrayList<>();
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

  List<Difference> listed() {
    return listed;
  }

  /** Reads both streams to their ends. */
  void merge(RowStream source, RowStream target) throws SQLException {
    while (!source.ended() || !target.ended()) {
      int order = order(source, target);
      if (order < 0) {
        missing += note(Kind.MISSING, source.current(), source.current().count());
        source.advance();
      } else if (order > 0) {
        extra += note(Kind.EXTRA, target.current(), target.current().count());
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
      differing += note(Kind.DIFFERING, source, 1);
    } else if (source.count() > target.count()) {
      missing += note(Kind.MISSING, source, source.count() - target.count());
    } else if (target.count() > source.count()) {
      extra += note(Kind.EXTRA, target, target.count() - source.count());
    }
  }

  private long note(Kind kind, RowStream.Row row, long count) {
    if (listed.size() < limit) {
      listed.add(new Difference(kind, row.name()));
    }
    return count;
  }
}
