package dev.pgportage.workflow;

import java.util.List;

/**
 * What an emergency stop did.
 *
 * @param migration its name
 * @param done what was done, in order
 * @param problems what could not be done, and what to do about it
 * @param resumable whether the migration can go on
 * @param next what the user can do now
 */
public record StopReport(
    String migration, List<String> done, List<String> problems, boolean resumable, String next) {
  /** Copies the lists. */
  public StopReport {
    done = List.copyOf(done);
    problems = List.copyOf(problems);
  }
}
