package dev.pgportage.journey;

import dev.pgportage.workflow.Migration;
import dev.pgportage.workflow.Outcome;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A migration that runs on a thread of its own until it is cut over, or stopped by closing. */
final class Running implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final Journey journey;
  private final Migration migration;
  private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

  private final Migration.Until until;

  Running(Journey journey) {
    this(journey, Migration.Until.CUTOVER);
  }

  Running(Journey journey, Migration.Until until) {
    this.journey = journey;
    this.until = until;
    migration = journey.migration();
    Thread.ofPlatform().name("migrate").daemon().start(this::run);
  }

  private void run() {
    try {
      outcome.complete(migration.migrate(until));
    } catch (RuntimeException | Error e) {
      outcome.completeExceptionally(e);
    }
  }

  /** Waits until the migration has finished a step, or fails as it fails. */
  Running awaitStep(String step) throws SQLException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!isFinished(step)) {
      if (outcome.isDone()) {
        throw new AssertionError("The migration ended before " + step + ": " + await());
      }
      if (System.nanoTime() > end) {
        throw new AssertionError("The migration did not finish " + step + " in time");
      }
      pause();
    }
    return this;
  }

  /** Waits until the migration is READY, or fails as it fails. */
  Running awaitReady() throws SQLException {
    return awaitStep("ready");
  }

  /** Fails as the migration failed, if it has ended. */
  void requireRunning() {
    if (outcome.isDone()) {
      throw new AssertionError("The migration ended: " + await());
    }
  }

  /** How the migration ended. */
  Outcome await() {
    try {
      return outcome.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new AssertionError(e.getCause());
    } catch (TimeoutException | InterruptedException e) {
      throw new AssertionError("The migration does not end", e);
    }
  }

  private boolean isFinished(String step) throws SQLException {
    if (journey.target().number("SELECT count(*) FROM pg_tables WHERE schemaname = 'pgportage'")
        < 5) {
      return false;
    }
    return journey
            .target()
            .number(
                "SELECT count(*) FROM pgportage.step WHERE finished_at IS NOT NULL AND name = '"
                    + step
                    + "'")
        > 0;
  }

  private static void pause() {
    try {
      Thread.sleep(Duration.ofMillis(50));
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  @Override
  public void close() {
    migration.stop();
    try {
      outcome.handle((_, _) -> true).get(1, TimeUnit.MINUTES);
    } catch (ExecutionException | TimeoutException | InterruptedException e) {
      throw new AssertionError("The migration does not stop", e);
    }
  }
}
