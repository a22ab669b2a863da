package dev.pgportage.cli;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.validation.Comparison;
import dev.pgportage.workflow.Migration;
import dev.pgportage.workflow.ValidationReport;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;

/** {@code pgportage validate}. */
@Command(
    name = "validate",
    description = {
      "Compares every row on both sides at one point of the source's history; replication goes on.",
      "Exit status 3 if anything differs; the keys are named."
    },
    footer = {"", "Example:", "  pgportage validate"})
final class ValidateCommand extends MigrationCommand {
  ValidateCommand(Shell shell) {
    super(shell, "validate");
  }

  /**
   * What came of it.
   *
   * @param migration its name
   * @param equal whether every table is equal
   * @param at the LSN of the comparison
   * @param tables one comparison per table
   */
  record Result(String migration, boolean equal, Optional<String> at, List<Comparison> tables) {}

  @Override
  Answer answer(MigrationConfig config, Migration migration) {
    ValidationReport report = migration.validate();
    var result =
        new Result(
            report.migration(), report.equal(), report.at().map(Object::toString), report.tables());
    return new Answer(
        report.equal() ? DONE : FINDINGS, result, ValidationText.of(report.tables(), style()));
  }
}
