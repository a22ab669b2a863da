package dev.pgportage.workflow;

import dev.pgportage.MigrationException;
import dev.pgportage.telemetry.Monitor;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One run of a migration, over all its attempts, as those see it that watch over it: which step it
 * is in and since when, when it last got on, and why it has to end. Thread-safe.
 */
final class Supervision {
  /**
   * A step under way.
   *
   * @param name which one
   * @param since by the clock of {@link System#nanoTime}
   */
  private record Current(StepName name, long since) {}

  private static final Duration MOMENT = Duration.ofMillis(100);

  private final EventRecorder recorder;
  private final StopSignal stop;
  private final AtomicReference<@Nullable Current> current = new AtomicReference<>();
  private final AtomicReference<@Nullable MigrationException> verdict = new AtomicReference<>();

  private final AtomicReference<@Nullable Exception> toldOf = new AtomicReference<>();
  private final AtomicBoolean throttled = new AtomicBoolean();
  private final AtomicBoolean release = new AtomicBoolean();

  Supervision(Monitor monitor, StopSignal stop) {
    this.recorder = new EventRecorder(monitor);
    this.stop = stop;
  }

  EventRecorder recorder() {
    return recorder;
  }

  StopSignal stop() {
    return stop;
  }

  /** Notes that a step begins. */
  void begin(StepName step) {
    recorder.progress();
    current.set(new Current(step, System.nanoTime()));
  }

  /** Notes that another attempt begins: no step yet, and nothing against it. */
  void beginAttempt() {
    recorder.progress();
    current.set(null);
    verdict.set(null);
  }

  /** The step under way, or the last one. */
  Optional<StepName> step() {
    return Optional.ofNullable(current.get()).map(Current::name);
  }

  /** For how long the step has been under way. */
  Duration inStep() {
    Current step = current.get();
    return step == null ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - step.since());
  }

  /** Notes that a failure was told of as its step's; false if it was before. */
  boolean tell(Exception failure) {
    return !failure.equals(toldOf.getAndSet(failure));
  }

  /** Condemns the attempt: whatever it fails with, this is why. The first word counts. */
  void condemn(MigrationException reason) {
    verdict.compareAndSet(null, reason);
  }

  /** Holds comparisons up, or lets them go on; returns whether that is a change. */
  boolean throttle(boolean wanted) {
    return throttled.getAndSet(wanted) != wanted;
  }

  /** Whether comparisons are held up; never behind a fence. */
  boolean isHeldUp() {
    return throttled.get() && verdict().isEmpty() && step().filter(StepName::isOfCutover).isEmpty();
  }

  /** Waits while comparisons are held up. */
  void awaitGo() {
    while (isHeldUp()) {
      stop.pause(MOMENT);
    }
  }

  /** Notes that the source must be set free once the attempt has ended. */
  void demandRelease() {
    release.set(true);
  }

  /** Whether the source must be set free. */
  boolean mustRelease() {
    return release.get();
  }

  /** Why the attempt has to end, if it has. */
  Optional<MigrationException> verdict() {
    return Optional.ofNullable(verdict.get());
  }
}
