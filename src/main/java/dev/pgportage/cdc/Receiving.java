package dev.pgportage.cdc;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Lsn;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.Monitor;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Receives a slot's changes into the spool while nothing is applied, and lets the source forget
 * them. A cut connection is opened again. Owns a thread; thread-safe.
 */
public final class Receiving implements AutoCloseable {
  private static final long BUDGET_BYTES = 8L << 20;
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);
  private static final Duration BETWEEN_TRIES = Duration.ofSeconds(2);
  private static final long CLOSE_MILLIS = 30_000;

  private final SlotReader.Setup setup;
  private final Lsn applied;
  private final Monitor monitor;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread = new Thread(this::receive, "spooler");
  private volatile @Nullable MigrationException failure;

  private Receiving(SlotReader.Setup setup, Lsn applied, Monitor monitor) {
    this.setup = setup;
    this.applied = applied;
    this.monitor = monitor;
  }

  /**
   * Begins.
   *
   * @param settings of one stream, with its spool, which is not to be used by others until this is
   *     closed
   * @param applied everything committed before it is on the target, and nothing after it
   */
  public static Receiving start(ReplicationSettings settings, Lsn applied, Monitor monitor) {
    var watcher = new SpoolWatcher(settings.share().prefix(), monitor, () -> Lsn.ZERO);
    var setup =
        new SlotReader.Setup(
            settings.source(),
            settings.slot(),
            settings.publication(),
            BUDGET_BYTES,
            settings.spool(),
            watcher);
    var receiving = new Receiving(setup, applied, monitor);
    receiving.thread.setDaemon(true);
    receiving.thread.start();
    return receiving;
  }

  /**
   * Makes sure that changes are being received.
   *
   * @throws MigrationException why they cannot be any more
   */
  public void check() {
    MigrationException ended = failure;
    if (ended != null) {
      throw ended;
    }
  }

  private void receive() {
    try {
      do {
        stream();
      } while (!closing.await(BETWEEN_TRIES.toMillis(), TimeUnit.MILLISECONDS));
    } catch (MigrationException e) {
      failure = e;
    } catch (RuntimeException e) {
      failure = new MigrationException(ErrorCode.INTERNAL, "Receiving changes: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Reads one stream until it is closed, or ends with something that may pass. */
  private void stream() throws InterruptedException {
    try (var reader = SlotReader.receive(setup, applied)) {
      while (!closing.await(BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS)) {
        reader.check();
      }
    } catch (MigrationException e) {
      if (e.code().retry() == ErrorCode.Retry.NO) {
        throw e;
      }
      monitor.event(
          Event.warning("spool.interrupted", e.code() + ": " + e.what() + "; trying again"));
    }
  }

  /** Ends; what was received is safe on disk then, and the source knows. */
  @Override
  public void close() {
    closing.countDown();
    try {
      thread.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
