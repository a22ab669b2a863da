package dev.pgportage.cli;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.cutover.CutoverReport;
import dev.pgportage.workflow.Migration;
import picocli.CommandLine.Command;

/** {@code pgportage fleet cutover}. */
@Command(
    name = "cutover",
    description = {
      "Moves the writes of the migrations named, of a group, or of all: one after the other, or at"
          + " the same time. One that fails has its source writable again; the others are cut over"
          + " all the same."
    },
    footer = {"", "Example:", "  pgportage fleet cutover --group first --yes"})
final class FleetCutoverCommand extends FleetMoveCommand<CutoverReport> {
  FleetCutoverCommand(Shell shell) {
    super(
        shell, "fleet cutover", new Way<>(MigrationConfig::source, Migration::cutover, "cut over"));
  }
}
