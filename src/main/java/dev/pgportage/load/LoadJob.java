package dev.pgportage.load;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Snapshot;
import dev.pgportage.schema.Table;
import dev.pgportage.state.LoadLedger;
import dev.pgportage.telemetry.Monitor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * What the workers of one load share, and how it ends: the first failure stops them all.
 * Thread-safe.
 */
final class LoadJob {
  /**
   * What is the same for every worker.
   *
   * @param listener told of each complete table, by the worker that completed it
   */
  record Setup(
      CopyRoute route,
      LoadLedger ledger,
      Snapshot snapshot,
      Retries retries,
      Monitor monitor,
      Governor governor,
      FullLoad.Listener listener) {}

  private static final Duration MOMENT = Duration.ofMillis(500);

  private final Setup setup;
  private final LoadQueue queue;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final List<Sessions> sessions = new ArrayList<>();
  private final List<Table> rewritten = new ArrayList<>();
  private @Nullable MigrationException failure;

  LoadJob(Setup setup, LoadQueue queue) {
    this.setup = setup;
    this.queue = queue;
  }

  Setup setup() {
    return setup;
  }

  LoadQueue queue() {
    return queue;
  }

  /** Open once the load has failed, or ended. */
  CountDownLatch stopped() {
    return stop;
  }

  /** Opens nothing yet: sessions that end with the job. */
  Sessions newSessions(String purpose) {
    var opened = new Sessions(setup.route(), purpose);
    synchronized (this) {
      sessions.add(opened);
      if (failure != null) {
        opened.stop();
      }
    }
    return opened;
  }

  /** Stops everything. Of several failures the first is told: the others mostly follow from it. */
  synchronized void fail(MigrationException cause) {
    if (failure == null) {
      failure = cause;
      stop.countDown();
      setup.governor().end();
      queue.stop();
      sessions.forEach(Sessions::stop);
    }
  }

  /** Leaves a table for the next snapshot. */
  synchronized void leave(Table table) {
    if (!rewritten.contains(table)) {
      rewritten.add(table);
    }
  }

  /** Runs workers, and returns once everything is on the target. */
  void run(int workers) {
    List<Thread> threads = new ArrayList<>();
    for (int i = 1; i <= workers; i++) {
      String name = "copy-" + i;
      threads.add(new Thread(new CopyWorker(this, newSessions(name)), name));
    }
    threads.forEach(Thread::start);
    var watch = new Thread(() -> setup.governor().watch(stop, this::fail), "load-watch");
    watch.start();
    boolean interrupted = false;
    for (Thread thread : threads) {
      interrupted |= join(thread);
    }
    stop.countDown();
    interrupted |= join(watch);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    throwFailure();
  }

  private synchronized void throwFailure() {
    if (failure != null) {
      throw failure;
    }
    if (!rewritten.isEmpty()) {
      throw ChunkCopier.rewritten(rewritten);
    }
  }

  /** Waits for a worker to end, and makes it end if this thread is interrupted meanwhile. */
  private boolean join(Thread thread) {
    boolean interrupted = false;
    while (true) {
      try {
        while (!thread.join(MOMENT)) {
          setup.listener().meanwhile();
        }
        return interrupted;
      } catch (MigrationException e) {
        fail(e);
      } catch (InterruptedException e) {
        interrupted = true;
        fail(new MigrationException(ErrorCode.INTERRUPTED, "The load was interrupted", e));
      }
    }
  }
}
