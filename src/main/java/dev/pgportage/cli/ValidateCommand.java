package dev.pgportage.cli;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.validation.Comparison;
import dev.pgportage.workflow.Migration;
import dev.pgportage.workflow.ValidationReport;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code pgportage validate}. */
@Command(
    name = "validate",
    description = {
      "Compares every row on both sides at one point of the source's history; replication goes on.",
      "Exit status 3 if anything differs; the keys are named."
    },
    footer = {"", "Example:", "  pgportage validate"})
final class ValidateCommand extends MigrationCommand {
  @Mixin private final ProofOptions proof = new ProofOptions();

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
    List<Comparison> tables = proof.told(report.tables());
    var result =
        new Result(report.migration(), report.equal(), report.at().map(Object::toString), tables);
    var page =
        new ProofPage(
            "Validation of " + report.migration(),
            report
                .at()
                .map(lsn -> "Both sides were read at " + lsn + " of the source.")
                .orElse("Nobody wrote to the source meanwhile."),
            report.equal(),
            List.of(),
            tables);
    return new Answer(
        report.equal() ? DONE : FINDINGS,
        result,
        proof.text(ValidationText.of(tables, style()), page));
  }

  @Override
  void complete(ConfigOptions given) {
    proof.check();
  }
}
