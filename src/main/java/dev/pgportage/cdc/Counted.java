package dev.pgportage.cdc;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;

/** The check that a statement met exactly the rows it was meant for. */
final class Counted {
  private Counted() {}

  /**
   * Compares.
   *
   * @throws MigrationException TARGET_DIVERGED if the numbers differ
   */
  static void require(TargetTable table, String what, long expected, long actual) {
    if (expected != actual) {
      throw new MigrationException(
          ErrorCode.TARGET_DIVERGED,
          "On the target, "
              + table.table().describe()
              + ": "
              + expected
              + " rows to "
              + what
              + ", "
              + actual
              + " found");
    }
  }
}
