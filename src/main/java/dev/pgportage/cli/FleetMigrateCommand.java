package dev.pgportage.cli;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.FleetFile;
import dev.pgportage.config.FleetFile.Member;
import dev.pgportage.config.MigrationConfig.Schema.Mode;
import dev.pgportage.fleet.MemberResult;
import dev.pgportage.fleet.ServerDatabases;
import dev.pgportage.workflow.Migration;
import dev.pgportage.workflow.Outcome;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage fleet migrate}. */
@Command(
    name = "migrate",
    description = {
      "Begins all migrations or goes on with them. As many load at once as limits.running says; each"
          + " that is READY replicates on until its cutover.",
      "Ends when every migration is cut over or has failed. The same command continues those that"
          + " are not, after Ctrl-C (exit status 4) and after failures (1)."
    },
    footer = {"", "Example:", "  pgportage fleet migrate --until-ready"})
final class FleetMigrateCommand extends FleetSubcommand {
  @Option(
      names = "--until-ready",
      description = "End when all are READY; the slots keep what comes after.")
  private boolean untilReady;

  @Option(names = "--no-ui", description = "Serve no dashboard.")
  private boolean noUi;

  @Option(names = "--yes", description = "Do not ask before tables of targets are emptied.")
  private boolean yes;

  FleetMigrateCommand(Shell shell) {
    super(shell, "fleet migrate");
  }

  @Override
  boolean isServed() {
    return true;
  }

  @Override
  Answer answer(FleetFile settings, List<Member> members) {
    List<String> emptied =
        members.stream()
            .filter(member -> member.config().schema().mode() == Mode.TRUNCATE)
            .filter(FleetMigrateCommand::isNew)
            .map(member -> member.config().target().toString())
            .toList();
    if (!emptied.isEmpty()) {
      ask("the tables of " + String.join(", ", emptied) + " will be emptied", yes);
    }
    settings
        .discovery()
        .map(discovery -> new ServerDatabases(discovery).create(members))
        .filter(made -> !made.isEmpty())
        .ifPresent(made -> shell().err().println("Made on the target: " + String.join(", ", made)));
    Migration.Until until = untilReady ? Migration.Until.READY : Migration.Until.CUTOVER;
    List<MemberResult<Outcome>> results = migrate(settings, members, until);
    var table = new TextTable(Set.of(), "migration", "group", "came to");
    results.forEach(
        result ->
            table.row(
                result.name(),
                result.group(),
                result.result().map(JsonOutput::word).orElse("failed")));
    return new Answer(
        results,
        table.render(style()) + failures(results) + "\n" + counted(results, "done") + ".",
        false);
  }

  private List<MemberResult<Outcome>> migrate(
      FleetFile settings, List<Member> members, Migration.Until until) {
    int loading = settings.limits().running();
    if (noUi) {
      return watched(members, fleet -> fleet.migrate(until, loading));
    }
    try (var board = new FleetBoard(members, 0)) {
      shell().err().println("Dashboard: " + board.address());
      return watched(members, fleet -> fleet.migrate(until, loading));
    }
  }

  private static boolean isNew(Member member) {
    try {
      MigrationCommand.quietly(member.config()).status();
      return false;
    } catch (MigrationException e) {
      // What else is wrong is told when it is its turn, and nothing is emptied before.
      return e.code() == ErrorCode.MIGRATION_UNKNOWN;
    }
  }
}
