package dev.pgportage.web;

import dev.pgportage.state.ValidationResults;
import dev.pgportage.workflow.StatusReport;
import java.util.Optional;

/**
 * One table as the page lists it: its load and its newest comparison.
 *
 * @param table its name
 * @param state {@code planned}, {@code copying} or {@code copied}; {@code none} if it is not loaded
 * @param rows rows on the target by the ledger
 * @param plannedRows rows expected, an estimate
 * @param plannedBytes bytes expected, an estimate
 * @param verdict {@code none}, {@code equal} or {@code different}
 * @param validation the newest comparison
 */
record TableRow(
    String table,
    String state,
    long rows,
    long plannedRows,
    long plannedBytes,
    String verdict,
    Optional<ValidationResults.Result> validation) {

  static TableRow of(StatusReport.TableLoad load, Optional<ValidationResults.Result> validation) {
    return new TableRow(
        load.table(),
        load.state(),
        load.rows(),
        load.plannedRows(),
        load.plannedBytes(),
        verdict(validation),
        validation);
  }

  static TableRow unloaded(ValidationResults.Result result) {
    return new TableRow(
        result.table().toString(),
        "none",
        result.targetRows(),
        result.sourceRows(),
        0,
        verdict(Optional.of(result)),
        Optional.of(result));
  }

  private static String verdict(Optional<ValidationResults.Result> validation) {
    return validation.map(result -> result.equal() ? "equal" : "different").orElse("none");
  }
}
