package dev.pgportage.validation;

import dev.pgportage.pg.Side;
import dev.pgportage.state.PartRead;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** How far the comparison of one subject is, on both sides. Thread-safe. */
final class Course {
  private final Subject subject;
  private final Watcher watcher;
  private final Map<Side, Double> shares = new EnumMap<>(Side.class);
  private long sourceRows;
  private boolean resumed;
  private boolean anew;

  /** Who follows it. Called by one thread at a time. */
  interface Watcher {
    /** What of a side was read before, and holds still. */
    Optional<PartRead> before(Subject subject, Side side);

    /**
     * A subject got on.
     *
     * @param share how much of both sides is read, up to 1
     * @param rows how many rows of the source that were
     */
    void moved(Subject subject, double share, long rows);

    /** So much is read that another comparison can go on from. */
    void keep(Subject subject, PartRead part);
  }

  Course(Subject subject, Watcher watcher) {
    this.subject = subject;
    this.watcher = watcher;
  }

  /** What of a side was read before, and holds still. */
  synchronized Optional<PartRead> before(Side side) {
    Optional<PartRead> before = anew ? Optional.empty() : watcher.before(subject, side);
    resumed |= before.isPresent();
    return before;
  }

  /** One side is read up to some share of it. */
  synchronized void at(Side side, double share, long rows) {
    shares.put(side, share);
    sourceRows = side == Side.SOURCE ? rows : sourceRows;
    double both = shares.getOrDefault(Side.SOURCE, 0.0) + shares.getOrDefault(Side.TARGET, 0.0);
    watcher.moved(subject, both / 2, sourceRows);
  }

  /** So much is read that another comparison can go on from. */
  synchronized void keep(PartRead part) {
    watcher.keep(subject, part);
  }

  /** Whether anything was gone on from. */
  synchronized boolean isResumed() {
    return resumed;
  }

  /** What was read before does not count any more. */
  synchronized void beginAnew() {
    anew = true;
    resumed = false;
    shares.clear();
  }
}
