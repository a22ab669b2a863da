package dev.pgportage.cdc;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.telemetry.ApplyCounters;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A batch that a thread of its own writes to the target and commits, while the applier gathers the
 * next one: until it is awaited, the target's session and the batch are that thread's alone.
 */
final class UnderWay {
  private final Batch batch;
  private final Set<QualifiedName> noted;
  private final FutureTask<Void> work;

  private UnderWay(Batch batch, Set<QualifiedName> noted, FutureTask<Void> work) {
    this.batch = batch;
    this.noted = noted;
    this.work = work;
  }

  /**
   * Begins to write.
   *
   * @param batch whole transactions, none of them written
   * @param more what to count with the batch's position
   * @param noted tables to be noted as changed
   */
  static UnderWay begin(
      TargetSession target, Batch batch, ApplyCounters more, Set<QualifiedName> noted) {
    var work =
        new FutureTask<Void>(
            () -> {
              target.write(batch.net());
              batch.written();
              target.commit(batch.end(), more, noted);
              return null;
            });
    Thread.ofPlatform().daemon().name("apply-write").start(work);
    return new UnderWay(batch, noted, work);
  }

  Batch batch() {
    return batch;
  }

  /** The tables that are noted as changed once it is committed. */
  Set<QualifiedName> noted() {
    return noted;
  }

  /** Whether awaiting it would not take any time. */
  boolean isDone() {
    return work.isDone();
  }

  /**
   * Waits until it is committed, however often it is interrupted: nobody else may speak to the
   * target before.
   *
   * @throws MigrationException why it could not be
   */
  void await() {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          work.get();
          return;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof MigrationException failure
          ? failure
          : new MigrationException(ErrorCode.INTERNAL, "Applying changes: " + e.getCause(), e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
