package dev.pgportage.workflow;

import dev.pgportage.validation.Repaired;
import java.util.List;

/**
 * What a repair did before the validation that follows it.
 *
 * @param tables one per table that differed
 * @param undo the file with the statements that take it back, on the host of the process that runs
 *     the migration
 * @param host which host that is
 */
public record RepairReport(List<Repaired> tables, String undo, String host) {
  /** Copies the list. */
  public RepairReport {
    tables = List.copyOf(tables);
  }
}
