package dev.pgportage.cdc;

import dev.pgportage.MigrationException;
import dev.pgportage.pg.Lsn;
import dev.pgportage.telemetry.ApplyCounters;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * One stream of a replication: its loop on a thread of its own, its gate, and how far it is. Stops
 * with the others when one of them fails. Thread-safe.
 */
final class Applier {
  private final ReplicationSettings settings;
  private final AppliedState state;
  private final Gate gate;
  private final ApplyLoop loop;
  private final Thread thread;

  /**
   * A stream that has not begun.
   *
   * @param state at the position it begins from
   * @param watcher is told of what becomes of its spool
   * @param whenFailed told why it failed, on its thread
   */
  Applier(
      ReplicationSettings settings,
      AppliedState state,
      TouchedRows touched,
      Heartbeat heartbeat,
      ReaderWatcher watcher,
      Consumer<MigrationException> whenFailed) {
    this.settings = settings;
    this.state = state;
    this.gate = new Gate(state);
    this.loop = new ApplyLoop(settings, state, touched, gate, heartbeat, watcher);
    int number = settings.share().stream();
    this.thread =
        new Thread(
            () -> {
              loop.run();
              state.failure().ifPresent(whenFailed);
            },
            number == 1 ? "applier" : "applier-" + number);
  }

  void start() {
    thread.start();
  }

  ReplicationSettings settings() {
    return settings;
  }

  ApplyLoop loop() {
    return loop;
  }

  Gate gate() {
    return gate;
  }

  /** It stands where everything before a position is applied, whatever it applied last. */
  void standsAt(Lsn position) {
    state.advance(position, ApplyCounters.NONE);
  }

  /** Ends soon, for a reason that is another's. */
  void end(MigrationException reason) {
    state.end(reason);
    stop();
  }

  /** Ends soon, without what is not committed. */
  void stop() {
    loop.stop();
    gate.end();
  }

  /** Ends the target's session under the loop. */
  void abort() {
    loop.abort();
  }

  /** Waits until it has ended; false if it still goes on after that time. */
  boolean join(Duration patience) throws InterruptedException {
    return thread.join(patience);
  }
}
