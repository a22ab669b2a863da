package dev.pgportage.cutover;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The record of a cutover.
 *
 * @param migration its name
 * @param finalLsn the source's position behind the fence; nothing of the application comes after it
 * @param frozenAt when the fence went up
 * @param openedAt when the target was open
 * @param freezeMillis how long the application could not write
 * @param phases what took how long within the freeze
 * @param tablesProven how many tables were compared again behind the fence
 * @param rowsProven how many rows of the source that was
 * @param recopied the tables that were copied again during the freeze
 * @param largeObjectsRecopied how many large objects were made, replaced or removed again
 * @param sequences how many sequences were set
 * @param reversible whether changes flow back from now on, so that it can be rolled back
 * @param problem what clients could not be led to the target, if any
 */
public record CutoverReport(
    String migration,
    String finalLsn,
    Instant frozenAt,
    Instant openedAt,
    long freezeMillis,
    List<Phase> phases,
    int tablesProven,
    long rowsProven,
    List<String> recopied,
    long largeObjectsRecopied,
    int sequences,
    boolean reversible,
    Optional<String> problem)
    implements MoveReport {

  /** Copies the lists. */
  public CutoverReport {
    phases = List.copyOf(phases);
    recopied = List.copyOf(recopied);
  }

  /**
   * A part of the freeze.
   *
   * @param name the step's name
   * @param millis how long it took
   */
  public record Phase(String name, long millis) {}
}
