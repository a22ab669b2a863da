package dev.pgportage.cli;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.FleetFile;
import dev.pgportage.config.FleetFile.Member;
import dev.pgportage.cutover.RollbackReport;
import dev.pgportage.fleet.MemberResult;
import dev.pgportage.workflow.Migration;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage fleet rollback}. */
@Command(
    name = "rollback",
    description = {
      "Moves the writes of the migrations named, of a group, or of all back to their sources, without"
          + " losing any: one after the other, or at the same time. One that fails has its target"
          + " writable again; the others are rolled back all the same.",
      "Possible from the cutover to 'pgportage fleet cleanup', with cutover.reverse: on."
    },
    footer = {"", "Example:", "  pgportage fleet rollback --group first --yes"})
final class FleetRollbackCommand extends FleetSubcommand {
  @Option(names = "--all", description = "All migrations of the fleet.")
  private boolean all;

  @Option(
      names = "--at-once",
      description = "All of them at the same time, rather than one after the other.")
  private boolean atOnce;

  @Option(names = "--yes", description = "Do not ask before the writes are stopped.")
  private boolean yes;

  FleetRollbackCommand(Shell shell) {
    super(shell, "fleet rollback");
  }

  @Override
  Answer answer(FleetFile settings, List<Member> members) {
    if (chosen() == all) {
      throw new MigrationException(
          ErrorCode.USAGE, "Which migrations?", "Name them, or a --group, or --all.", null);
    }
    ask(
        "writes on "
            + members.stream()
                .map(member -> member.config().target().toString())
                .collect(Collectors.joining(", "))
            + " will be stopped",
        yes);
    List<MemberResult<RollbackReport>> results =
        watched(members, fleet -> fleet.each(atOnce ? members.size() : 1, Migration::rollback));
    var table = new TextTable(Set.of(2), "migration", "group", "freeze", "final LSN", "problem");
    results.forEach(
        result ->
            table.row(
                result.name(),
                result.group(),
                result
                    .result()
                    .map(r -> Figures.time(Duration.ofMillis(r.freezeMillis())))
                    .orElse(style().red("failed")),
                result.result().map(RollbackReport::finalLsn).orElse(""),
                result.result().flatMap(RollbackReport::problem).orElse("")));
    return new Answer(
        results,
        table.render(style()) + failures(results) + "\n" + counted(results, "rolled back") + ".",
        false);
  }
}
