package dev.pgportage.demo;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.ForwardingMonitor;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.workflow.Migration;
import dev.pgportage.workflow.Outcome;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A migration that runs on a thread of its own, as {@code pgportage migrate} does in a terminal of
 * its own, until it is cut over. Thread-safe.
 */
final class LiveMigration implements AutoCloseable {
  private final Migration migration;
  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

  LiveMigration(MigrationConfig config, Monitor monitor) {
    migration = new Migration(config, new ReadyWatch(monitor, ready));
    Thread.ofPlatform().name("demo-migrate").daemon().start(this::run);
  }

  private void run() {
    try {
      outcome.complete(migration.migrate(Migration.Until.CUTOVER));
    } catch (RuntimeException | Error e) {
      outcome.completeExceptionally(e);
    }
  }

  /** Waits until it is READY, or fails as it fails. */
  void awaitReady() {
    rethrowing(CompletableFuture.anyOf(ready, outcome));
  }

  /** Waits for its end, or fails as it fails. */
  void await() {
    rethrowing(outcome);
  }

  /** Asks it to end soon. */
  void stop() {
    migration.stop();
  }

  @Override
  public void close() {
    stop();
    outcome.handle((_, _) -> true).join();
  }

  private static void rethrowing(CompletableFuture<?> future) {
    try {
      future.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException failure ? failure : e;
    }
  }

  /** Sees the migration become READY on the way to who watches it. */
  private static final class ReadyWatch extends ForwardingMonitor {
    private final CompletableFuture<Void> ready;

    ReadyWatch(Monitor monitor, CompletableFuture<Void> ready) {
      super(monitor);
      this.ready = ready;
    }

    @Override
    public void event(Event event) {
      super.event(event);
      if (event.kind().equals("ready")) {
        ready.complete(null);
      }
    }
  }
}
