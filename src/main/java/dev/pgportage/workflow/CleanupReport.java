package dev.pgportage.workflow;

import java.util.List;

/**
 * What a cleanup took away, and the proof that nothing is left.
 *
 * @param migration its name
 * @param removed every object taken away, each as {@code side kind name}
 * @param restored what is back on a schema the user made, and what cannot be, with the reason
 * @param left what is still there; empty, or the cleanup failed
 * @param elsewhere what may lie on another machine, and has to be removed there
 */
public record CleanupReport(
    String migration,
    List<String> removed,
    List<String> restored,
    List<String> left,
    List<String> elsewhere) {
  /** Copies the lists. */
  public CleanupReport {
    removed = List.copyOf(removed);
    restored = List.copyOf(restored);
    left = List.copyOf(left);
    elsewhere = List.copyOf(elsewhere);
  }
}
