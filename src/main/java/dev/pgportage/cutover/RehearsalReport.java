package dev.pgportage.cutover;

import java.time.Instant;
import java.util.List;

/**
 * How a cutover would go if it were asked for now; nobody was stopped for it.
 *
 * @param migration its name
 * @param at when this was found out
 * @param obstacles what would keep it from succeeding, each with what to do
 * @param freezeMillis about how long the application could not write
 * @param parts what that consists of
 */
public record RehearsalReport(
    String migration, Instant at, List<String> obstacles, long freezeMillis, List<Part> parts) {

  /** Copies the lists. */
  public RehearsalReport {
    obstacles = List.copyOf(obstacles);
    parts = List.copyOf(parts);
  }

  /**
   * A part of the freeze.
   *
   * @param name the step's name
   * @param millis about how long it would take
   * @param how how that was found out
   */
  public record Part(String name, long millis, String how) {}
}
