package dev.pgportage.cli;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code pgportage fleet}: what its subcommands have in common is in {@link FleetSubcommand}. */
@Command(
    name = "fleet",
    description = {
      "Many migrations side by side, from one file: written out, or one for each database of a"
          + " server. Each is a migration of its own, bounded together with the others; the failure"
          + " of one disturbs none.",
      "See docs/fleet.md for the file."
    },
    footer = {"", "Example:", "  pgportage fleet plan --config fleet.yaml"})
final class FleetCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this help.")
  private boolean help;

  static List<Object> subcommands(Shell shell) {
    return List.of(
        new FleetPlanCommand(shell),
        new FleetAssessCommand(shell),
        new FleetMigrateCommand(shell),
        new FleetStatusCommand(shell),
        new FleetUiCommand(shell),
        new FleetValidateCommand(shell),
        new FleetCutoverCommand(shell),
        new FleetRollbackCommand(shell),
        new FleetReportCommand(shell),
        new FleetCleanupCommand(shell));
  }

  @Override
  public Integer call() {
    CommandLine line = Objects.requireNonNull(spec).commandLine();
    throw new ParameterException(line, help ? "" : "No fleet command given");
  }
}
