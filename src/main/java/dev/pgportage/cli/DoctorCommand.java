package dev.pgportage.cli;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.workflow.DoctorReport;
import dev.pgportage.workflow.DoctorReport.Certainty;
import dev.pgportage.workflow.Migration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage doctor}. */
@Command(
    name = "doctor",
    description = {
      "Looks on both servers for what dead migrations left: slots that hold back WAL, publications,"
          + " sessions, fences, states; tells how to remove it. Exit status 3 if anything is there.",
      "What a migration that can go on needs is left alone."
    },
    footer = {"", "Example:", "  pgportage doctor --fix"})
final class DoctorCommand extends MigrationCommand {
  @Option(
      names = "--fix",
      description = "Remove what is certainly pgportage's and of no use to anybody any more.")
  private boolean fix;

  DoctorCommand(Shell shell) {
    super(shell, "doctor");
  }

  @Override
  Answer answer(MigrationConfig config, Migration migration) {
    DoctorReport report = migration.doctor(fix);
    var text = new StringBuilder();
    for (DoctorReport.Leftover leftover : report.leftovers()) {
      String mark =
          leftover.removed()
              ? style().green("  removed  ")
              : leftover.certainty() == Certainty.CERTAIN
                  ? style().red("  dead     ")
                  : "  perhaps  ";
      text.append(mark)
          .append(leftover.side())
          .append(' ')
          .append(leftover.kind())
          .append(' ')
          .append(leftover.name())
          .append(": ")
          .append(leftover.what())
          .append('\n');
      if (!leftover.removed()) {
        text.append("           ").append(leftover.remedy()).append('\n');
      }
    }
    text.append(
        report.clean() ? style().green("Nothing is left.") : "'--fix' removes what is dead.");
    return new Answer(report.clean() ? DONE : FINDINGS, report, text.toString());
  }
}
