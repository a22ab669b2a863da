package dev.pgportage.cli;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.aws.AwsMigration;
import dev.pgportage.config.MigrationConfig;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage aws rollback}. */
@Command(
    name = "rollback",
    description = {
      "Moves the writes back to the source, without losing any, where pgportage carries the rows in"
          + " the stack (--engine native).",
      "AWS DMS carries nothing back: with it there is no way back after the cutover."
    },
    footer = {"", "Example:", "  pgportage aws rollback --yes"})
final class AwsRollbackCommand extends AwsStackCommand {
  @Option(names = "--yes", description = "Do not ask before the writes are stopped.")
  private boolean yes;

  AwsRollbackCommand(Shell shell) {
    super(shell, "aws rollback", false);
  }

  @Override
  MigrationCommand.Answer answer(AwsMigration aws, String stack, Optional<MigrationConfig> config) {
    if (aws.usesDms()) {
      throw new MigrationException(
          ErrorCode.WRONG_STEP,
          "The stack " + stack + " carries rows by AWS DMS, which carries none back",
          "Before a cutover nothing need go back: the source still is the database.",
          null);
    }
    return byStack(
        aws,
        AwsMigration.Deed.ROLLBACK,
        new Asked("writes on the target of the stack " + stack + " will be stopped", yes),
        "Nothing was moved.",
        style().green("Rolled back.")
            + " The source is the database again: point the application at it. Cut over another"
            + " time, or 'pgportage aws delete'.");
  }
}
