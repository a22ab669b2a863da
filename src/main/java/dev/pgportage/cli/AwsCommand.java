package dev.pgportage.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code pgportage aws}: nothing by itself, the parent of the commands for an AWS account. */
@Command(
    name = "aws",
    description = "Migrates inside an AWS account, by AWS DMS or by pgportage itself.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Example:",
      "  pgportage aws deploy --subnets subnet-0a1,subnet-0b2 --email me@example.com",
      "  pgportage aws start --follow && pgportage aws cutover",
      "  pgportage aws delete"
    })
final class AwsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @SuppressWarnings("UnusedVariable") // For the options it gives to the command.
  @Mixin
  private final OutputOptions output = new OutputOptions();

  /** The commands below it, in the order of the journey. */
  static List<Object> subcommands(Shell shell) {
    return List.of(
        new AwsTemplateCommand(shell),
        new AwsDeployCommand(shell),
        new AwsStartCommand(shell),
        new AwsStatusCommand(shell),
        new AwsCutoverCommand(shell),
        new AwsRollbackCommand(shell),
        new AwsDeleteCommand(shell));
  }

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "No command given");
  }
}
