package dev.pgportage.cli;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.workflow.Migration;
import dev.pgportage.workflow.MigrationReport;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage report}. */
@Command(
    name = "report",
    description = {
      "Writes the record of the migration to keep: timeline, cutover, proof and digest of every"
          + " table, settings without secrets, every attempt and event. One page for a browser or"
          + " printer, and the same as JSON beside it.",
      "Works at any time; 'cutover' and 'cleanup' write it by themselves."
    },
    footer = {"", "Example:", "  pgportage report --report shop.html"})
final class ReportCommand extends MigrationCommand {
  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "Where to; by default beside the settings' file.")
  private @Nullable Path file;

  ReportCommand(Shell shell) {
    super(shell, "report");
  }

  @Override
  Answer answer(MigrationConfig config, Migration migration) {
    MigrationReport report = migration.report();
    ReportFiles files = write(report, Optional.ofNullable(file));
    return new Answer(DONE, report, "Wrote " + files.page() + " and " + files.json() + ".");
  }
}
