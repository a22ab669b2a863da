package dev.pgportage.load;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.load.LoadQueue.Part;
import dev.pgportage.load.LoadQueue.Task;
import dev.pgportage.load.LoadQueue.Whole;
import dev.pgportage.schema.Table;
import dev.pgportage.spread.ChunkExecutor;
import dev.pgportage.spread.Wire;
import dev.pgportage.state.ChunkRounds;
import dev.pgportage.state.ChunkRounds.Sides;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A load whose chunks are copied on other machines. This process begins and completes tables, holds
 * the snapshot, and looks after the source; whoever copies a chunk commits it with its ledger row.
 * Used by one thread.
 */
final class SpreadLoad {
  private final LoadJob.Setup setup;
  private final ChunkExecutor executor;
  private final int workers;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final List<Part> parts = new ArrayList<>();
  private final Map<TableLoad, Integer> left = new HashMap<>();
  private final Set<Table> rewritten = new LinkedHashSet<>();
  private volatile @Nullable MigrationException failure;

  SpreadLoad(LoadJob.Setup setup, ChunkExecutor executor, int workers) {
    this.setup = setup;
    this.executor = executor;
    this.workers = workers;
  }

  /** Returns once everything is on the target. */
  void run(List<Task> tasks) {
    var watch = new Thread(() -> setup.governor().watch(stop, e -> failure = e), "load-watch");
    watch.start();
    try (var sessions = new Sessions(setup.route(), "copy-0")) {
      var copier = new ChunkCopier(sessions, setup);
      var trying = new Trying(sessions, setup, stop, copier::at);
      for (Task task : tasks) {
        begin(task, copier, trying);
      }
      while (!parts.isEmpty()) {
        copyElsewhere(new Completion(copier, trying));
      }
    } finally {
      stop.countDown();
      join(watch);
    }
    throwFailure();
    if (!rewritten.isEmpty()) {
      throw ChunkCopier.rewritten(List.copyOf(rewritten));
    }
  }

  private void begin(Task task, ChunkCopier copier, Trying trying) {
    throwFailure();
    TableLoad load = task.load();
    if (task instanceof Whole) {
      add(load, load.chunks());
      return;
    }
    try {
      List<Chunk> missing = trying.attempt(load.table(), _ -> copier.begin(load));
      add(load, missing);
      if (missing.isEmpty()) {
        complete(load, copier, trying);
      }
    } catch (TableRewritten e) {
      rewritten.add(load.table());
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private void add(TableLoad load, List<Chunk> chunks) {
    chunks.forEach(chunk -> parts.add(new Part(load, chunk)));
    left.put(load, chunks.size());
  }

  /** Has what is left copied; what a crash of the target takes back is left again. */
  private void copyElsewhere(Completion completion) {
    var round = List.copyOf(parts);
    parts.clear();
    var subjects = new ArrayList<TableLoad>();
    var chunks = new ArrayList<ChunkRounds.Chunk>();
    for (Part part : round) {
      if (subjects.isEmpty() || subjects.getLast() != part.load()) {
        subjects.add(part.load());
      }
      int number = chunks.size();
      chunks.add(
          new ChunkRounds.Chunk(number, subjects.size() - 1, part.chunk().number(), Sides.BOTH));
    }
    long rate = setup.governor().bytesPerSecond();
    var terms =
        LoadTerms.of(setup.snapshot(), setup.route(), rate == 0 ? 0 : Math.max(1, rate / workers));
    executor.run(
        new ChunkExecutor.Work(
            new ChunkRounds.Round(SpreadCopies.KIND, Wire.write(terms), workers, workers),
            subjects.stream().map(load -> Wire.write(load.subject())).toList(),
            chunks),
        new ChunkExecutor.Observer() {
          @Override
          public void done(int number, String outcome) {
            completion.done(round.get(number), Wire.read(outcome, CopiedChunk.class));
          }

          @Override
          public boolean held() {
            return setup.governor().isPaused();
          }

          @Override
          public void meanwhile() {
            throwFailure();
            setup.listener().meanwhile();
          }
        });
  }

  /** Completes tables as their last chunks come. */
  private final class Completion {
    private final ChunkCopier copier;
    private final Trying trying;

    Completion(ChunkCopier copier, Trying trying) {
      this.copier = copier;
      this.trying = trying;
    }

    void done(Part part, CopiedChunk outcome) {
      TableLoad load = part.load();
      if (outcome.rewritten()) {
        rewritten.add(load.table());
      } else {
        load.copied(part.chunk(), outcome.rows());
      }
      boolean last = left.merge(load, -1, Integer::sum) == 0;
      if (!last || rewritten.contains(load.table())) {
        return;
      }
      if (load.cut().chunks() == 1) {
        setup.listener().complete(load.table());
        return;
      }
      try {
        complete(load, copier, trying);
      } catch (TableRewritten e) {
        rewritten.add(load.table());
      } catch (InterruptedException e) {
        throw interrupted(e);
      }
    }
  }

  private void complete(TableLoad load, ChunkCopier copier, Trying trying)
      throws InterruptedException, TableRewritten {
    List<Chunk> lost = trying.attempt(load.table(), _ -> copier.finish(load));
    if (lost.isEmpty()) {
      setup.listener().complete(load.table());
    } else {
      add(load, lost);
    }
  }

  private void throwFailure() {
    MigrationException known = failure;
    if (known != null) {
      throw known;
    }
  }

  private static MigrationException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new MigrationException(ErrorCode.INTERRUPTED, "The load was interrupted", e);
  }

  private static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
