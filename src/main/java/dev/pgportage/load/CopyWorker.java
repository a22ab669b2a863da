package dev.pgportage.load;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.load.LoadQueue.Begin;
import dev.pgportage.load.LoadQueue.Finish;
import dev.pgportage.load.LoadQueue.Part;
import dev.pgportage.load.LoadQueue.Task;
import dev.pgportage.load.LoadQueue.Whole;
import dev.pgportage.schema.Table;
import java.util.List;
import java.util.Optional;

/** One thread of a load: takes tasks until none is left, tries again what may pass. */
final class CopyWorker implements Runnable {
  private final LoadJob job;
  private final LoadQueue queue;
  private final Sessions sessions;
  private final ChunkCopier copier;
  private final Trying trying;
  private Optional<Table> current = Optional.empty();

  CopyWorker(LoadJob job, Sessions sessions) {
    this.job = job;
    this.queue = job.queue();
    this.sessions = sessions;
    this.copier = new ChunkCopier(sessions, job.setup());
    this.trying = new Trying(sessions, job.setup(), job.stopped(), copier::at);
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
          trying.attempt(
              load.table(),
              _ -> {
                copier.whole(load);
                return load;
              });
          complete(load);
        }
        case Begin _ -> queue.doneWith(load, trying.attempt(load.table(), _ -> copier.begin(load)));
        case Part part -> {
          trying.attempt(
              load.table(),
              again -> {
                copier.part(load, part.chunk(), again);
                return load;
              });
          queue.doneWith(part);
        }
        case Finish _ -> {
          List<Chunk> lost = trying.attempt(load.table(), _ -> copier.finish(load));
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
}
