package dev.pgportage.cli;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.cutover.CutoverReport;
import dev.pgportage.workflow.Migration;
import java.time.Duration;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage cutover}. */
@Command(
    name = "cutover",
    description = {
      "Moves the writes: stops them on the source, applies the last change, sets sequences, proves"
          + " every row once more, and opens the target. The freeze is measured.",
      "If anything fails before the target is open, the source is writable again."
    },
    footer = {"", "Example:", "  pgportage cutover --yes"})
final class CutoverCommand extends MigrationCommand {
  @Option(names = "--yes", description = "Do not ask before the writes are stopped.")
  private boolean yes;

  CutoverCommand(Shell shell) {
    super(shell, "cutover");
  }

  @Override
  void confirm(MigrationConfig config) {
    ask("writes on the source " + config.source() + " will be stopped", yes);
  }

  @Override
  Answer answer(MigrationConfig config, Migration migration) {
    CutoverReport report = migration.cutover();
    var phases = new TextTable(Set.of(1), "part of the freeze", "took");
    for (CutoverReport.Phase phase : report.phases()) {
      phases.row(phase.name(), Figures.time(Duration.ofMillis(phase.millis())));
    }
    String text =
        style().green("Cut over.")
            + " Writes were stopped for "
            + style().bold(Figures.time(Duration.ofMillis(report.freezeMillis())))
            + ".\n\n"
            + phases.render(style())
            + "\n  final LSN            "
            + report.finalLsn()
            + "\n  proven in the freeze "
            + Figures.count(report.tablesProven())
            + " tables, "
            + Figures.count(report.rowsProven())
            + " rows\n  sequences set        "
            + Figures.count(report.sequences())
            + "\n  copied again         "
            + (report.recopied().isEmpty() ? "nothing" : String.join(", ", report.recopied()))
            + "\n\nThe target is the database now: point the application at "
            + config.target()
            + ".\nThe source stays read-only. Later: 'pgportage cleanup'.";
    return new Answer(DONE, report, text);
  }
}
