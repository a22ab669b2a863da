package dev.pgportage.web;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.state.EventLog;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.workflow.ReadingPace;
import dev.pgportage.workflow.StatusReport;
import dev.pgportage.workflow.StatusWatch;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Reads the migration's state again and again and puts it on the board: every second while somebody
 * looks, seldom otherwise, and never so often that it takes more than one hundredth of a core. Owns
 * a thread.
 */
final class Sampler implements AutoCloseable {
  private static final Duration WATCHED = Duration.ofSeconds(1);
  private static final Duration UNWATCHED = Duration.ofSeconds(10);
  private static final Duration NUDGED = Duration.ofMillis(250);
  private static final int EVENTS = 500;

  private final Board board;
  private final Overview overview;
  private final StatusWatch watch;
  private final ReadingPace pace = new ReadingPace();
  private final Gauges gauges;
  private final LiveFigures live;
  private final AtomicInteger watchers = new AtomicInteger();
  private final Thread thread = new Thread(this::run, "dashboard");
  private final Object lock = new Object();
  private boolean nudged;
  private boolean closing;
  private boolean gone;

  Sampler(MigrationConfig config, Board board, Monitor next) {
    this.board = board;
    this.overview = new Overview(config);
    this.watch = new StatusWatch(config);
    this.live = new LiveFigures(next, this::nudge);
    this.gauges = new Gauges(live);
    board.show(overview.unread("waiting", Optional.empty()));
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** To be told of what the migration does, if this process runs it. */
  Monitor monitor() {
    return live;
  }

  /** Somebody looks from now on. */
  void watched() {
    watchers.incrementAndGet();
    nudge();
  }

  /** Somebody looks no longer. */
  void unwatched() {
    watchers.decrementAndGet();
  }

  int watchers() {
    return watchers.get();
  }

  /** Something happened: reads soon. */
  void nudge() {
    synchronized (lock) {
      nudged = true;
      lock.notifyAll();
    }
  }

  private void run() {
    try (watch) {
      boolean last = false;
      while (!last) {
        last = isClosing();
        pace.begin();
        read();
        Duration least = pace.end();
        if (!last) {
          pause(least);
        }
      }
    } finally {
      board.close();
    }
  }

  private void read() {
    if (gone) {
      return;
    }
    try {
      StatusReport report = watch.read();
      List<EventLog.Entry> events = watch.eventsAfter(board.lastEvent(), EVENTS);
      board.take(report, events);
      Overview.Figures figures = gauges.read(report, board.rows());
      board.sample(gauges.sample(report, figures));
      board.show(overview.of(report, figures, Optional.empty()));
    } catch (MigrationException e) {
      unread(e);
    } catch (RuntimeException e) {
      // A defect here must not end what is shown, let alone the migration.
      unread(new MigrationException(ErrorCode.INTERNAL, "Reading the status: " + e, e));
    }
  }

  private void unread(MigrationException e) {
    String problem = e.code() + ": " + e.what();
    Optional<StatusReport> former = board.report();
    if (former.isEmpty()) {
      boolean begins = e.code() == ErrorCode.MIGRATION_UNKNOWN;
      board.show(overview.unread("waiting", begins ? Optional.empty() : Optional.of(problem)));
      return;
    }
    gone = e.code() == ErrorCode.MIGRATION_UNKNOWN;
    board.show(
        overview.of(
            former.get(),
            gauges.read(former.get(), board.rows()),
            Optional.of(
                gone ? "The state was removed by cleanup; this is how it stood last." : problem)));
  }

  /** Waits for its next turn: shortly if something happened, never less than the budget asks. */
  private void pause(Duration least) {
    synchronized (lock) {
      long begin = System.nanoTime();
      nudged = false;
      while (!closing) {
        Duration usual = nudged ? NUDGED : watchers.get() > 0 ? WATCHED : UNWATCHED;
        Duration wanted = usual.compareTo(least) > 0 ? usual : least;
        long left = wanted.toNanos() - (System.nanoTime() - begin);
        if (left <= 0) {
          return;
        }
        try {
          lock.wait(left / 1_000_000 + 1);
        } catch (InterruptedException e) {
          closing = true;
        }
      }
    }
  }

  private boolean isClosing() {
    synchronized (lock) {
      return closing;
    }
  }

  /** Reads a last time, shows it, and ends. */
  @Override
  public void close() {
    synchronized (lock) {
      closing = true;
      lock.notifyAll();
    }
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
