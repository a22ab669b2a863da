package dev.pgportage.cutover;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The record of a rollback.
 *
 * @param migration its name
 * @param finalLsn the target's position behind the fence; nothing of the application comes after it
 * @param frozenAt when the fence went up
 * @param openedAt when the source was open
 * @param freezeMillis how long the application could not write
 * @param phases what took how long within the freeze
 * @param tablesProven how many tables were compared again behind the fence
 * @param rowsProven how many rows of the target that was
 * @param recopied the tables that were copied back during the freeze
 * @param largeObjectsRecopied how many large objects were made, replaced or removed again
 * @param sequences how many sequences were set
 * @param goesOn whether changes flow to the target again, so that another cutover is possible
 * @param problem what clients could not be led to the source, if any
 */
public record RollbackReport(
    String migration,
    String finalLsn,
    Instant frozenAt,
    Instant openedAt,
    long freezeMillis,
    List<CutoverReport.Phase> phases,
    int tablesProven,
    long rowsProven,
    List<String> recopied,
    long largeObjectsRecopied,
    int sequences,
    boolean goesOn,
    Optional<String> problem)
    implements MoveReport {

  /** Copies the lists. */
  public RollbackReport {
    phases = List.copyOf(phases);
    recopied = List.copyOf(recopied);
  }
}
