package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Lsn;
import dev.pgportage.state.ValidationResults;
import dev.pgportage.validation.Comparison;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a comparison of both sides at one moment found.
 *
 * @param migration its name
 * @param at the LSN both sides were read at; empty where nobody wrote
 * @param tables one comparison per table
 */
public record ValidationReport(String migration, Optional<Lsn> at, List<Comparison> tables) {
  /** Copies the list. */
  public ValidationReport {
    tables = List.copyOf(tables);
  }

  /** Whether both sides are equal. */
  public boolean equal() {
    return tables.stream().allMatch(Comparison::equal);
  }

  /** How many rows of the source were compared. */
  public long rows() {
    return tables.stream().mapToLong(table -> table.result().sourceRows()).sum();
  }

  /**
   * Requires that both sides are equal.
   *
   * @throws MigrationException DATA_DIFFERS naming the tables
   */
  ValidationReport orThrow() {
    if (!equal()) {
      throw new MigrationException(
          ErrorCode.DATA_DIFFERS,
          "Both sides differ: "
              + tables.stream()
                  .filter(table -> !table.equal())
                  .map(table -> describe(table.result()))
                  .collect(Collectors.joining("; ")),
          "See the keys with 'pgportage validate'; nothing was switched.",
          null);
    }
    return this;
  }

  /** Counts only: keys are the user's values, and this goes into messages. */
  static String describe(ValidationResults.Result result) {
    return String.format(
        "%s (%d missing, %d extra, %d differing)",
        result.table(), result.missing(), result.extra(), result.differing());
  }
}
