package dev.pgportage.workflow;

import java.time.Instant;
import java.util.List;

/**
 * What a validation went on from.
 *
 * @param begunAt when the one before it began, which did not come to its end
 * @param tables how many tables that one had proven which have not changed since, and so were not
 *     read again
 * @param rows how many rows these have
 * @param continued tables of which a part was read already, and not again
 */
public record Resumed(Instant begunAt, int tables, long rows, List<String> continued) {
  /** Copies the list. */
  public Resumed {
    continued = List.copyOf(continued);
  }
}
