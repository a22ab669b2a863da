package dev.pgportage.workflow;

import dev.pgportage.pg.Side;
import java.util.List;

/**
 * What dead migrations left on both servers.
 *
 * @param leftovers everything found, removed or not
 */
public record DoctorReport(List<Leftover> leftovers) {
  /** Copies the list. */
  public DoctorReport {
    leftovers = List.copyOf(leftovers);
  }

  /** How sure it is that something can go. */
  public enum Certainty {
    /** It is ours, and nobody can need it any more. */
    CERTAIN,
    /** It may be another target's migration's, or somebody may yet go on with it. */
    POSSIBLE
  }

  /**
   * Something left.
   *
   * @param side where it is
   * @param kind such as {@code slot}
   * @param name its name
   * @param what why it looks left, and what harm it does
   * @param remedy what removes it: SQL for that side, or a command
   * @param certainty how sure it is
   * @param removed whether it was removed
   */
  public record Leftover(
      Side side,
      String kind,
      String name,
      String what,
      String remedy,
      Certainty certainty,
      boolean removed) {}

  /** Whether anything is there still. */
  public boolean clean() {
    return leftovers.stream().allMatch(Leftover::removed);
  }
}
