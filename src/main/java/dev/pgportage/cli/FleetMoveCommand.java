package dev.pgportage.cli;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.FleetFile;
import dev.pgportage.config.FleetFile.Member;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.cutover.MoveReport;
import dev.pgportage.fleet.Fleet;
import dev.pgportage.fleet.MemberResult;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/**
 * A command that moves the writes of a fleet's migrations from one side to the other.
 *
 * @param <R> the record of a move
 */
abstract class FleetMoveCommand<R extends MoveReport> extends FleetSubcommand {
  @Option(names = "--all", description = "All migrations of the fleet.")
  private boolean all;

  @Option(
      names = "--at-once",
      description = "All of them at the same time, rather than one after the other.")
  private boolean atOnce;

  @Option(names = "--yes", description = "Do not ask before the writes are stopped.")
  private boolean yes;

  private final Way<R> way;

  /**
   * Which way the writes move.
   *
   * @param closed the side whose writes are stopped
   * @param deed moves them
   * @param done what has happened then, for a count
   */
  record Way<R extends MoveReport>(
      Function<MigrationConfig, Object> closed, Fleet.Deed<R> deed, String done) {}

  FleetMoveCommand(Shell shell, String name, Way<R> way) {
    super(shell, name);
    this.way = way;
  }

  @Override
  final Answer answer(FleetFile settings, List<Member> members) {
    if (chosen() == all) {
      throw new MigrationException(
          ErrorCode.USAGE, "Which migrations?", "Name them, or a --group, or --all.", null);
    }
    ask(
        "writes on "
            + members.stream()
                .map(member -> way.closed().apply(member.config()).toString())
                .collect(Collectors.joining(", "))
            + " will be stopped",
        yes);
    List<MemberResult<R>> results =
        watched(members, fleet -> fleet.each(atOnce ? members.size() : 1, way.deed()));
    return new Answer(
        results,
        table(results).render(style())
            + failures(results)
            + "\n"
            + counted(results, way.done())
            + ".",
        false);
  }

  private TextTable table(List<MemberResult<R>> results) {
    var table = new TextTable(Set.of(2), "migration", "group", "freeze", "final LSN", "problem");
    results.forEach(
        result ->
            table.row(
                result.name(),
                result.group(),
                result
                    .result()
                    .map(move -> Figures.time(Duration.ofMillis(move.freezeMillis())))
                    .orElse(style().red("failed")),
                result.result().map(MoveReport::finalLsn).orElse(""),
                result.result().flatMap(MoveReport::problem).orElse("")));
    return table;
  }
}
