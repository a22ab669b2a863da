package dev.pgportage.web;

import dev.pgportage.state.ValidationResults;
import dev.pgportage.workflow.ReportJson;
import dev.pgportage.workflow.StatusReport;
import dev.pgportage.workflow.TableProof;
import java.util.Optional;

/**
 * One table as the page lists it: its load, its newest comparison, and how far it is proven.
 *
 * @param table its name
 * @param state {@code planned}, {@code copying} or {@code copied}; {@code none} if it is not loaded
 * @param rows rows on the target by the ledger
 * @param plannedRows rows expected, an estimate
 * @param plannedBytes bytes expected, an estimate
 * @param verdict the state of its proof, as {@link TableProof.State} has it
 * @param meaning the same as a sentence
 * @param validation the newest comparison
 */
record TableRow(
    String table,
    String state,
    long rows,
    long plannedRows,
    long plannedBytes,
    String verdict,
    String meaning,
    Optional<ValidationResults.Result> validation) {
  /** The verdict on a table that rows have been neither proven of nor compared. */
  static final String NOT_COMPARED = ReportJson.word(TableProof.State.NOT_COMPARED);

  static final String PROVEN = ReportJson.word(TableProof.State.PROVEN);

  static TableRow of(
      StatusReport.TableLoad load,
      Optional<TableProof> proof,
      Optional<ValidationResults.Result> validation) {
    return new TableRow(
        load.table(),
        load.state(),
        load.rows(),
        load.plannedRows(),
        load.plannedBytes(),
        verdict(proof),
        proof.map(TableProof::meaning).orElse("not compared yet"),
        validation);
  }

  /** What is compared without having been loaded: large objects, a target that held the rows. */
  static TableRow unloaded(TableProof proof, Optional<ValidationResults.Result> validation) {
    return new TableRow(
        proof.table(),
        "none",
        validation.map(ValidationResults.Result::targetRows).orElse(0L),
        validation.map(ValidationResults.Result::sourceRows).orElse(0L),
        0,
        verdict(Optional.of(proof)),
        proof.meaning(),
        validation);
  }

  private static String verdict(Optional<TableProof> proof) {
    return proof.map(known -> ReportJson.word(known.state())).orElse(NOT_COMPARED);
  }
}
