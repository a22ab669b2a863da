package dev.pgportage.cli;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.workflow.Migration;
import dev.pgportage.workflow.StopReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage emergency-stop}. */
@Command(
    name = "emergency-stop",
    description = {
      "Sets the source free at once, from any machine: ends the run wherever it is, makes a fenced"
          + " source writable again (unless the target is open already), drops slot and publication.",
      "A migration that has begun to replicate cannot go on after that. It works while the target is"
          + " down, too."
    },
    footer = {"", "Example:", "  pgportage emergency-stop --yes"})
final class EmergencyStopCommand extends MigrationCommand {
  @Option(names = "--yes", description = "Do not ask.")
  private boolean yes;

  EmergencyStopCommand(Shell shell) {
    super(shell, "emergency-stop");
  }

  @Override
  void confirm(MigrationConfig config) {
    ask(
        "migration "
            + config.name()
            + " will be ended wherever it runs, and its slot dropped: it cannot go on after that",
        yes);
  }

  @Override
  Answer answer(MigrationConfig config, Migration migration) {
    StopReport report = migration.emergencyStop();
    var text = new StringBuilder();
    report.done().forEach(deed -> text.append("  ").append(deed).append('\n'));
    report
        .problems()
        .forEach(problem -> text.append(style().red("  ! ")).append(problem).append('\n'));
    text.append(
        report.problems().isEmpty() ? style().green("Stopped.") : style().red("Stopped in part."));
    text.append(" ").append(report.next());
    return new Answer(report.problems().isEmpty() ? DONE : FINDINGS, report, text.toString());
  }
}
