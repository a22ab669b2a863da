package dev.pgportage.cli;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.workflow.CleanupReport;
import dev.pgportage.workflow.Migration;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage cleanup}. */
@Command(
    name = "cleanup",
    description = {
      "Removes everything the migration made on both sides (slot, publication, fence, its state),"
          + " by its ledger, and proves that nothing is left. Your schema and rows stay; what was"
          + " taken off a schema you made is brought back.",
      "Before a cutover this ends the migration: it cannot be resumed."
    },
    footer = {"", "Example:", "  pgportage cleanup --yes"})
final class CleanupCommand extends MigrationCommand {
  @Option(names = "--yes", description = "Do not ask.")
  private boolean yes;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description =
          "Where the record of the migration is kept; by default beside the settings' file.")
  private @Nullable Path record;

  @Option(names = "--no-report", description = "Keep no record: nothing of the migration is known.")
  private boolean noRecord;

  CleanupCommand(Shell shell) {
    super(shell, "cleanup");
  }

  @Override
  void confirm(MigrationConfig config) {
    ask(
        "everything migration "
            + config.name()
            + " made and knows will be removed, and a source that is still fenced accepts writes"
            + " again",
        yes);
  }

  @Override
  Answer answer(MigrationConfig config, Migration migration) {
    String kept = noRecord ? "" : keepRecord(migration, Optional.ofNullable(record));
    CleanupReport report = migration.cleanup();
    if (!report.left().isEmpty()) {
      throw new MigrationException(
          ErrorCode.CLEANUP_INCOMPLETE, "Still there:\n  " + String.join("\n  ", report.left()));
    }
    return new Answer(DONE, report, text(report, style()) + kept);
  }

  /** What was removed and brought back, for people. */
  static String text(CleanupReport report, Style style) {
    var text = new StringBuilder();
    report.removed().forEach(object -> text.append("  removed  ").append(object).append('\n'));
    report.restored().forEach(object -> text.append("  parked   ").append(object).append('\n'));
    report.elsewhere().forEach(object -> text.append("  to do    ").append(object).append('\n'));
    text.append(style.green("Clean.")).append(" Nothing of ").append(report.migration());
    text.append(" is left on either side.");
    if (report.removed().stream().anyMatch(object -> object.startsWith("source fence"))) {
      text.append("\nThe source accepts writes again: nobody should write there any more.");
    }
    return text.toString();
  }
}
