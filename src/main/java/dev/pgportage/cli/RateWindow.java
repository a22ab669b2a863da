package dev.pgportage.cli;

import java.util.ArrayDeque;
import java.util.Deque;

/** How fast a growing figure has grown lately. Not thread-safe. */
final class RateWindow {
  private static final long WINDOW_NANOS = 10_000_000_000L;
  private static final double NANOS = 1e9;

  private record Sample(long nanos, double value) {}

  private final Deque<Sample> samples = new ArrayDeque<>();

  /** Notes the figure at a moment of {@link System#nanoTime}. */
  void add(long nanos, double value) {
    samples.addLast(new Sample(nanos, value));
    while (samples.size() > 2 && nanos - samples.getFirst().nanos > WINDOW_NANOS) {
      samples.removeFirst();
    }
  }

  /** Growth per second over the last ten seconds; 0 as long as it cannot be told. */
  double perSecond() {
    if (samples.size() < 2) {
      return 0;
    }
    double seconds = (samples.getLast().nanos - samples.getFirst().nanos) / NANOS;
    return seconds <= 0 ? 0 : (samples.getLast().value - samples.getFirst().value) / seconds;
  }
}
