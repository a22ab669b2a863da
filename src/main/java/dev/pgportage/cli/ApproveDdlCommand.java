package dev.pgportage.cli;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.workflow.Migration;
import dev.pgportage.workflow.PendingChange;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage approve-ddl}. */
@Command(
    name = "approve-ddl",
    description = {
      "Shows the change of the source's schema that waits (ddl: pause), and every statement that"
          + " will be run on the target; with your yes it is made by the running migration, or by"
          + " the next one.",
      "The approval holds for what was shown: if the source changes once more, that waits anew."
    },
    footer = {"", "Example:", "  pgportage approve-ddl --yes"})
final class ApproveDdlCommand extends MigrationCommand {
  private final Shell shell;

  @Option(names = "--yes", description = "Do not ask.")
  private boolean yes;

  @Option(
      names = "--digest",
      paramLabel = "DIGEST",
      description = "Approve only the change with this digest, as shown before.")
  private Optional<String> digest = Optional.empty();

  private Optional<PendingChange> shown = Optional.empty();

  ApproveDdlCommand(Shell shell) {
    super(shell, "approve-ddl");
    this.shell = shell;
  }

  /**
   * What came of it.
   *
   * @param approved whether a change is approved now
   * @param change the change
   */
  record Result(boolean approved, Optional<PendingChange> change) {}

  @Override
  void confirm(MigrationConfig config) {
    shown = quietly(config).pendingChange();
    if (shown.isPresent() && !yes) {
      if (shell.interactive()) {
        shell.err().println(text(shown.get()));
      }
      ask("these statements will be run on the target " + config.target(), false);
    }
  }

  @Override
  Answer answer(MigrationConfig config, Migration migration) {
    if (shown.isEmpty()) {
      return new Answer(DONE, new Result(false, shown), "No change of the schema waits.");
    }
    migration.approveChange(digest.orElse(shown.get().digest()));
    String text = yes ? text(shown.get()) + "\n\n" : "";
    return new Answer(
        DONE,
        new Result(true, shown),
        text + style().green("Approved.") + " The running migration goes on, or the next one.");
  }

  private String text(PendingChange change) {
    var text = new StringBuilder(style().bold("Changed on the source")).append('\n');
    change.changes().forEach(line -> text.append("  ").append(line).append('\n'));
    if (!change.loads().isEmpty()) {
      text.append(style().bold("Loaded, or loaded again")).append("\n  ");
      text.append(String.join(", ", change.loads())).append('\n');
    }
    text.append(style().bold("Run on the target"));
    change.statements().forEach(sql -> text.append('\n').append(sql.indent(2).stripTrailing()));
    return text.append("\nDigest ").append(change.digest()).toString();
  }
}
