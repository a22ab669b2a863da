package dev.pgportage.cli;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.FleetFile;
import dev.pgportage.config.FleetFile.Member;
import dev.pgportage.fleet.MemberResult;
import dev.pgportage.workflow.CleanupReport;
import dev.pgportage.workflow.Migration;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage fleet cleanup}. */
@Command(
    name = "cleanup",
    description =
        "Takes back everything the named migrations made outside the targets' schemas and rows, a"
            + " group's, or all of them, and proves that nothing is left.",
    footer = {"", "Example:", "  pgportage fleet cleanup --all --yes"})
final class FleetCleanupCommand extends FleetSubcommand {
  @Option(names = "--all", description = "All migrations of the fleet.")
  private boolean all;

  @Option(names = "--yes", description = "Do not ask.")
  private boolean yes;

  FleetCleanupCommand(Shell shell) {
    super(shell, "fleet cleanup");
  }

  @Override
  Answer answer(FleetFile settings, List<Member> members) {
    if (chosen() == all) {
      throw new MigrationException(
          ErrorCode.USAGE, "Which migrations?", "Name them, or a --group, or --all.", null);
    }
    ask(Figures.number(members.size(), "migration") + " will be cleaned up", yes);
    List<MemberResult<CleanupReport>> results =
        watched(members, fleet -> fleet.each(settings.limits().running(), Migration::cleanup));
    var table = new TextTable(Set.of(2), "migration", "group", "removed", "left");
    results.forEach(
        result ->
            table.row(
                result.name(),
                result.group(),
                result.result().map(r -> Figures.count(r.removed().size())).orElse(""),
                result
                    .result()
                    .map(r -> r.left().isEmpty() ? "nothing" : String.join(", ", r.left()))
                    .orElse(style().red("failed"))));
    return new Answer(
        results,
        table.render(style()) + failures(results) + "\n" + counted(results, "clean") + ".",
        false);
  }
}
