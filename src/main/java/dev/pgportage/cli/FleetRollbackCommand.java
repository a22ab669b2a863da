package dev.pgportage.cli;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.cutover.RollbackReport;
import dev.pgportage.workflow.Migration;
import picocli.CommandLine.Command;

/** {@code pgportage fleet rollback}. */
@Command(
    name = "rollback",
    description = {
      "Moves the writes of the migrations named, of a group, or of all back to their sources, without"
          + " losing any: one after the other, or at the same time. One that fails has its target"
          + " writable again; the others are rolled back all the same.",
      "Possible from the cutover to 'pgportage fleet cleanup', with cutover.reverse: on."
    },
    footer = {"", "Example:", "  pgportage fleet rollback --group first --yes"})
final class FleetRollbackCommand extends FleetMoveCommand<RollbackReport> {
  FleetRollbackCommand(Shell shell) {
    super(
        shell,
        "fleet rollback",
        new Way<>(MigrationConfig::target, Migration::rollback, "rolled back"));
  }
}
