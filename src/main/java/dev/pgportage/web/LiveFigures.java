package dev.pgportage.web;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.ForwardingMonitor;
import dev.pgportage.telemetry.Lag;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.telemetry.Progress;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What the process that runs the migration knows before it is in the state: the bytes under way and
 * the lag in time. Passes everything on. Thread-safe.
 */
final class LiveFigures extends ForwardingMonitor {
  private final Runnable nudge;
  private final AtomicReference<Optional<Loading>> loading =
      new AtomicReference<>(Optional.empty());
  private final AtomicReference<Optional<Progress.Reading>> validating =
      new AtomicReference<>(Optional.empty());
  private final AtomicReference<Optional<Measured>> lag = new AtomicReference<>(Optional.empty());

  /** A load under way. */
  record Loading(QualifiedName table, Progress.Reading total, long nanos) {}

  /** A lag and when it was measured. */
  record Measured(Lag lag, long nanos) {}

  /**
   * Figures of a migration.
   *
   * @param next told of everything, too
   * @param nudge called after each event
   */
  LiveFigures(Monitor next, Runnable nudge) {
    super(next);
    this.nudge = nudge;
  }

  @Override
  public void event(Event event) {
    super.event(event);
    nudge.run();
  }

  @Override
  public void loading(QualifiedName table, Progress.Reading total) {
    super.loading(table, total);
    loading.set(Optional.of(new Loading(table, total, System.nanoTime())));
  }

  @Override
  public void validating(QualifiedName table, Progress.Reading ofTable, Progress.Reading total) {
    super.validating(table, ofTable, total);
    validating.set(Optional.of(total));
  }

  @Override
  public void lag(Lag measured) {
    super.lag(measured);
    lag.set(Optional.of(new Measured(measured, System.nanoTime())));
  }

  Optional<Loading> loading() {
    return loading.get();
  }

  Optional<Progress.Reading> validating() {
    return validating.get();
  }

  Optional<Measured> lag() {
    return lag.get();
  }
}
