package dev.pgportage.web;

import java.util.ArrayList;
import java.util.List;

/**
 * The figures behind the charts, from the first reading on: when there are too many, every second
 * one is given up, so that they always span the whole time. Not thread-safe; its owner locks.
 */
final class Samples {
  private static final int MOST = 1200;

  /**
   * The figures at one moment; totals, from which a reader makes rates. Negative: not known.
   *
   * @param at when, milliseconds since 1970
   * @param loadedRows rows loaded
   * @param loadedBytes bytes loaded
   * @param appliedRows rows inserted, updated and deleted by the stream
   * @param lagBytes WAL not applied
   * @param lagMillis age of the oldest change not applied
   * @param walBytes WAL the slot holds back
   */
  record Sample(
      long at,
      long loadedRows,
      long loadedBytes,
      long appliedRows,
      long lagBytes,
      long lagMillis,
      long walBytes) {}

  private final ArrayList<Sample> samples = new ArrayList<>();
  private int thinned;

  void add(Sample sample) {
    if (samples.size() >= MOST) {
      for (int i = samples.size() - 2; i > 0; i -= 2) {
        samples.remove(i);
      }
      thinned++;
    }
    samples.add(sample);
  }

  /** How often some were given up: whoever keeps a copy begins anew when it changes. */
  int thinned() {
    return thinned;
  }

  /** All of them, the oldest first. */
  List<Sample> all() {
    return List.copyOf(samples);
  }

  /** Those later than a moment. */
  List<Sample> after(long at) {
    int from = samples.size();
    while (from > 0 && samples.get(from - 1).at() > at) {
      from--;
    }
    return List.copyOf(samples.subList(from, samples.size()));
  }
}
