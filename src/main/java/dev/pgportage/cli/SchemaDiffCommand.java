package dev.pgportage.cli;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.schema.SchemaDiff;
import dev.pgportage.workflow.Migration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage schema diff}. */
@Command(
    name = "diff",
    description = {
      "Compares everything that the catalogs of two databases hold, and changes nothing: those of"
          + " the migration's file, or of --source and --target, migration or not. It needs no"
          + " privilege but to connect.",
      "What pgportage leaves out on purpose is explained and counts as equal.",
      "Exit status 3 if anything differs that nothing explains."
    },
    footer = {
      "",
      "Example:",
      "  pgportage schema diff --source postgresql://me@old/shop --target postgresql://me@new/shop"
    })
final class SchemaDiffCommand extends MigrationCommand {
  @Option(names = "--all", description = "Name every explained difference, not only some of them.")
  private boolean all;

  SchemaDiffCommand(Shell shell) {
    super(shell, "schema diff");
  }

  @Override
  Answer answer(MigrationConfig config, Migration migration) {
    SchemaDiff.Report report = migration.schemaDiff();
    return new Answer(
        report.equal() ? DONE : FINDINGS, report, new SchemaDiffText(report, style()).render(all));
  }
}
