package dev.pgportage.cli;

import dev.pgportage.assess.AssessmentReport;
import dev.pgportage.assess.Remedy;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.workflow.Migration;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage assess}. */
@Command(
    name = "assess",
    description = {
      "Looks on both sides for whatever could go wrong; changes nothing but by --apply-fixes.",
      "Exit status 3 if something blocks the migration."
    },
    footer = {"", "Example:", "  pgportage assess --output json > assessment.json"})
final class AssessCommand extends MigrationCommand {
  @Option(
      names = "--objects",
      description =
          "Also list every table and sequence, and what of the schema is not made as it is.")
  private boolean objects;

  @Option(names = "--checks", description = "Also list every check and how it ended.")
  private boolean checks;

  @Option(
      names = "--fix-sql",
      description =
          "Print the statements that mend the findings instead: a script for each database, in"
              + " order, with comments and with what undoes them.")
  private boolean fixSql;

  @Option(
      names = "--apply-fixes",
      description =
          "Run those statements that are safe: they lose nothing, lock for a moment only, and"
              + " 'cleanup' takes them back (replica identities, the migration role's timeouts)."
              + " Asks first.")
  private boolean applyFixes;

  @Option(names = "--yes", description = "Do not ask before fixes are applied.")
  private boolean yes;

  AssessCommand(Shell shell) {
    super(shell, "assess");
  }

  @Override
  Answer answer(MigrationConfig config, Migration migration) {
    AssessmentReport report = migration.assess();
    var applied = new StringBuilder();
    if (applyFixes) {
      List<Remedy> safe = report.remedies().stream().filter(Remedy::safe).toList();
      if (!safe.isEmpty()) {
        ask(
            "these statements will be run, and be undone by cleanup:\n"
                + safe.stream()
                    .map(remedy -> "  " + remedy.side() + ": " + remedy.sql() + "\n")
                    .collect(Collectors.joining())
                + "They change nothing but that",
            yes);
        migration.applyFixes(safe);
        report = migration.assess();
      }
      safe.forEach(
          remedy ->
              applied
                  .append("  applied  ")
                  .append(remedy.side())
                  .append(": ")
                  .append(remedy.sql())
                  .append('\n'));
      applied.append(safe.isEmpty() ? "No fix is safe to apply by itself.\n\n" : "\n");
    }
    return new Answer(
        report.blocks() ? FINDINGS : DONE,
        report,
        applied
            + (fixSql
                ? new FixScript(report).render().stripTrailing()
                : new AssessmentText(report, style()).render(objects, checks)));
  }
}
