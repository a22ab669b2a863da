package dev.pgportage.load;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.load.LoadQueue.Begin;
import dev.pgportage.load.LoadQueue.Finish;
import dev.pgportage.load.LoadQueue.Part;
import dev.pgportage.load.LoadQueue.Task;
import dev.pgportage.load.LoadQueue.Whole;
import dev.pgportage.schema.Table;
import dev.pgportage.telemetry.Event;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** One thread of a load: takes tasks until none is left, tries again what may pass. */
final class CopyWorker implements Runnable {
  private final LoadJob job;
  private final LoadQueue queue;
  private final Sessions sessions;
  private final ChunkCopier copier;
  private Optional<Table> current = Optional.empty();

  CopyWorker(LoadJob job, Sessions sessions) {
    this.job = job;
    this.queue = job.queue();
    this.sessions = sessions;
    this.copier = new ChunkCopier(sessions, job.setup());
  }

  @Override
  public void run() {
    try (sessions) {
      for (var task = queue.take(); task.isPresent(); task = queue.take()) {
        current = task.map(next -> next.load().table());
        perform(task.get());
      }
    } catch (MigrationException e) {
      job.fail(e);
    } catch (InterruptedException e) {
      job.fail(new MigrationException(ErrorCode.INTERRUPTED, "The load was interrupted", e));
    } catch (OutOfMemoryError e) {
      job.fail(LoadFailures.of(e, current.orElseThrow()));
    } catch (RuntimeException | Error e) {
      job.fail(
          new MigrationException(
              ErrorCode.INTERNAL, "The load failed: " + e.getClass().getName(), e));
    }
  }

  private void perform(Task task) throws InterruptedException {
    TableLoad load = task.load();
    try {
      switch (task) {
        case Whole _ -> {
          attempt(
              load,
              _ -> {
                copier.whole(load);
                return load;
              });
          complete(load);
        }
        case Begin _ -> queue.doneWith(load, attempt(load, _ -> copier.begin(load)));
        case Part part -> {
          attempt(
              load,
              again -> {
                copier.part(load, part.chunk(), again);
                return load;
              });
          queue.doneWith(part);
        }
        case Finish _ -> {
          List<Chunk> lost = attempt(load, _ -> copier.finish(load));
          if (lost.isEmpty()) {
            complete(load);
          } else {
            queue.doneWith(load, lost);
          }
        }
      }
    } catch (TableRewritten e) {
      sessions.drop();
      queue.leave(load);
      job.leave(load.table());
    }
  }

  private void complete(TableLoad load) {
    job.setup().listener().complete(load.table());
    queue.done();
  }

  /** Something that can be tried again after the sessions were dropped. */
  @FunctionalInterface
  private interface Work<T> {
    T run(boolean again) throws SQLException, TableRewritten;
  }

  private <T> T attempt(TableLoad load, Work<T> work) throws InterruptedException, TableRewritten {
    var attempts = job.setup().retries().begin();
    while (true) {
      MigrationException failure;
      boolean passing;
      try {
        return work.run(attempts.isRetry());
      } catch (SQLException e) {
        failure = LoadFailures.of(e, load.table(), copier.at());
        passing = LoadFailures.isPassing(e);
      } catch (MigrationException e) {
        failure = e;
        passing = LoadFailures.isPassing(e);
      }
      sessions.drop();
      if (!passing || !attempts.again(job.stopped())) {
        throw failure;
      }
      String what = failure.code() + ": " + failure.what() + "; trying again";
      job.setup().monitor().event(Event.warning("load.retry", what));
    }
  }
}
