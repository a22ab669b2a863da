package dev.pgportage.cli;

import dev.pgportage.assess.AssessmentReport;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.workflow.Migration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage assess}. */
@Command(
    name = "assess",
    description = {
      "Looks on both sides for whatever could go wrong, and changes nothing.",
      "Exit status 3 if something blocks the migration."
    },
    footer = {"", "Example:", "  pgportage assess --output json > assessment.json"})
final class AssessCommand extends MigrationCommand {
  @Option(
      names = "--objects",
      description =
          "Also list every table and sequence, and what of the schema is not made as it is.")
  private boolean objects;

  AssessCommand(Shell shell) {
    super(shell, "assess");
  }

  @Override
  Answer answer(MigrationConfig config, Migration migration) {
    AssessmentReport report = migration.assess();
    return new Answer(
        report.blocks() ? FINDINGS : DONE,
        report,
        new AssessmentText(report, style()).render(objects));
  }
}
