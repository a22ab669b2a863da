package dev.pgportage.discovery;

import java.time.Duration;
import java.util.List;

/**
 * What is reckoned from what was measured, each with how.
 *
 * @param times how long the parts of the migration would take
 * @param room what they would need
 * @param jobs how many things to do at once
 */
public record Estimates(List<Time> times, List<Room> room, List<Jobs> jobs) {
  /** Copies the lists. */
  public Estimates {
    times = List.copyOf(times);
    room = List.copyOf(room);
    jobs = List.copyOf(jobs);
  }

  /**
   * Between which two durations something would lie.
   *
   * @param from if everything goes as well as measured
   * @param to if it goes as slowly as is usual
   */
  public record Span(Duration from, Duration to) {
    Span plus(Span other) {
      return new Span(from.plus(other.from), to.plus(other.to));
    }

    static Span ofSeconds(double from, double to) {
      return new Span(
          Duration.ofMillis((long) (from * 1000)), Duration.ofMillis((long) (to * 1000)));
    }
  }

  /**
   * A duration.
   *
   * @param part of what
   * @param span between which two
   * @param how from which figures it was reckoned
   */
  public record Time(String part, Reading<Span> span, String how) {}

  /**
   * Room on a disk.
   *
   * @param what where and for what
   * @param bytes how much
   * @param how from which figures it was reckoned
   */
  public record Room(String what, Reading<Long> bytes, String how) {}

  /**
   * A number of workers.
   *
   * @param setting the key of the migration's file
   * @param value what is suggested
   * @param now what the file says
   * @param how why
   */
  public record Jobs(String setting, int value, int now, String how) {}
}
