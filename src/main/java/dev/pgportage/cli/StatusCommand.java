package dev.pgportage.cli;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.workflow.HistoryReport;
import dev.pgportage.workflow.Migration;
import dev.pgportage.workflow.StatusReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage status}. */
@Command(
    name = "status",
    description =
        "Tells where the migration stands: steps, tables, lag, proofs, events. From any machine,"
            + " whoever runs it; changes nothing.",
    footer = {"", "Example:", "  pgportage status --output json"})
final class StatusCommand extends MigrationCommand {
  StatusCommand(Shell shell) {
    super(shell, "status");
  }

  @Option(
      names = "--history",
      description = "The audit trail: every attempt at every step, and every event.")
  private boolean history;

  @Override
  Answer answer(MigrationConfig config, Migration migration) {
    if (history) {
      HistoryReport trail = migration.history();
      return new Answer(DONE, trail, new HistoryText(trail, style()).render());
    }
    StatusReport report = migration.status();
    return new Answer(DONE, report, new StatusText(report, style()).render());
  }
}
