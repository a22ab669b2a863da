package dev.pgportage.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code pgportage notify}: the parent of {@code notify test}. */
@Command(
    name = "notify",
    description = "Looks after the channels on which people are told (see 'notifications').",
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Example:", "  pgportage notify test --channel mail"})
final class NotifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @SuppressWarnings("UnusedVariable") // picocli acts on it.
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this help.")
  private boolean help;

  @SuppressWarnings("NullAway.Init") // picocli sets the field before anything is called.
  NotifyCommand() {}

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "No command given");
  }
}
