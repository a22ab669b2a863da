package dev.pgportage.cutover;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The record of the writes' way from one side to the other, whichever way that was. */
public sealed interface MoveReport permits CutoverReport, RollbackReport {
  /** The position behind the fence, of the side that was closed. */
  String finalLsn();

  /** When the fence went up. */
  Instant frozenAt();

  /** When the other side was open. */
  Instant openedAt();

  /** How long the application could not write. */
  long freezeMillis();

  /** What took how long within the freeze. */
  List<CutoverReport.Phase> phases();

  /** How many tables were compared again behind the fence. */
  int tablesProven();

  /** How many rows that was. */
  long rowsProven();

  /** The tables that were copied again during the freeze. */
  List<String> recopied();

  /** How many large objects were made, replaced or removed again. */
  long largeObjectsRecopied();

  /** How many sequences were set. */
  int sequences();

  /** What clients could not be led to the open side, if any. */
  Optional<String> problem();
}
