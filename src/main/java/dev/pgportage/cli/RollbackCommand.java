package dev.pgportage.cli;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.cutover.RollbackReport;
import dev.pgportage.workflow.Migration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage rollback}. */
@Command(
    name = "rollback",
    description = {
      "Moves the writes back to the source, without losing any on either side: stops them on the"
          + " target, applies the last change to the source, sets its sequences, proves every row"
          + " that changed, and opens the source again.",
      "Possible from the cutover to 'pgportage cleanup', with cutover.reverse: on. If anything"
          + " fails before the source is open, the target is writable again."
    },
    footer = {"", "Example:", "  pgportage rollback --yes"})
final class RollbackCommand extends MigrationCommand {
  @Option(names = "--yes", description = "Do not ask before the writes are stopped.")
  private boolean yes;

  RollbackCommand(Shell shell) {
    super(shell, "rollback");
  }

  @Override
  void confirm(MigrationConfig config) {
    ask("writes on the target " + config.target() + " will be stopped", yes);
  }

  @Override
  Answer answer(MigrationConfig config, Migration migration) {
    RollbackReport report = migration.rollback();
    String text =
        FreezeText.of("Rolled back.", report, style())
            + "\n\nThe source is the database again: point the application at "
            + config.source()
            + (report.goesOn()
                ? ".\nChanges flow to the target again: 'pgportage migrate', then cut over; or"
                    + " 'pgportage abandon'."
                : ".\nThe role on the target may not let triggers rest, so that nothing flows there"
                    + " any more: 'pgportage abandon'.");
    return new Answer(report.problem().isPresent() ? FAILED : DONE, report, text);
  }
}
