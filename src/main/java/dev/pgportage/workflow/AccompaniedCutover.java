package dev.pgportage.workflow;

import java.time.Instant;
import java.util.Optional;

/**
 * How a cutover went where others carried the rows.
 *
 * @param migration its name
 * @param frozenAt when writes were stopped
 * @param openAt when the target was opened
 * @param freezeMillis how long the application could not write
 * @param tablesProven how many tables were compared behind the fence
 * @param rowsProven how many rows
 * @param sequences how many sequences were set
 * @param problem which clients could not be led to the target; the writes have moved all the same
 */
public record AccompaniedCutover(
    String migration,
    Instant frozenAt,
    Instant openAt,
    long freezeMillis,
    int tablesProven,
    long rowsProven,
    int sequences,
    Optional<String> problem) {
  AccompaniedCutover with(Optional<String> newProblem) {
    return new AccompaniedCutover(
        migration, frozenAt, openAt, freezeMillis, tablesProven, rowsProven, sequences, newProblem);
  }
}
