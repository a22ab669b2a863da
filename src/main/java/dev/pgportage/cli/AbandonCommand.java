package dev.pgportage.cli;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.workflow.CleanupReport;
import dev.pgportage.workflow.Migration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage abandon}. */
@Command(
    name = "abandon",
    description = {
      "Gives the migration up and stays on the source, before a cutover or after a rollback: ends a"
          + " 'migrate' that is READY, wherever it runs, and removes everything that was made, by"
          + " the ledger. Schema and rows on the target stay, for you to drop."
    },
    footer = {"", "Example:", "  pgportage abandon --yes"})
final class AbandonCommand extends MigrationCommand {
  @Option(names = "--yes", description = "Do not ask.")
  private boolean yes;

  AbandonCommand(Shell shell) {
    super(shell, "abandon");
  }

  @Override
  void confirm(MigrationConfig config) {
    ask("migration " + config.name() + " will be given up: it cannot be resumed", yes);
  }

  @Override
  Answer answer(MigrationConfig config, Migration migration) {
    String kept = keepRecord(migration, Optional.empty());
    CleanupReport report = migration.abandon();
    return new Answer(
        DONE,
        report,
        CleanupCommand.text(report, style())
            + "\nThe source "
            + config.source()
            + " stays the database. What is on the target "
            + config.target()
            + " is of no use any more."
            + kept);
  }
}
