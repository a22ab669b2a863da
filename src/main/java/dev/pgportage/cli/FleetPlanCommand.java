package dev.pgportage.cli;

import dev.pgportage.config.FleetFile;
import dev.pgportage.config.FleetFile.Member;
import dev.pgportage.fleet.MemberResult;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;

/** {@code pgportage fleet plan}. */
@Command(
    name = "plan",
    description =
        "Lists the fleet's migrations: written out and discovered, with what each may take of the"
            + " limits. Changes nothing.",
    footer = {"", "Example:", "  pgportage fleet plan --config fleet.yaml"})
final class FleetPlanCommand extends FleetSubcommand {
  FleetPlanCommand(Shell shell) {
    super(shell, "fleet plan");
  }

  /** One migration of the plan, for programs. */
  record Planned(
      String source, String target, int workers, int indexWorkers, int validationWorkers) {}

  @Override
  Answer answer(FleetFile settings, List<Member> members) {
    var table = new TextTable(Set.of(4), "migration", "group", "source", "target", "workers");
    members.forEach(
        member ->
            table.row(
                member.config().name(),
                member.group(),
                member.config().source().toString(),
                member.config().target().toString(),
                String.valueOf(member.config().load().workers())));
    FleetFile.Limits limits = settings.limits();
    String text =
        table.render(style())
            + "\n%s; at most %d load at once, by %d workers together"
                .formatted(
                    Figures.number(members.size(), "migration"), limits.running(), limits.workers())
            + (limits.bytesPerSecond() > 0
                ? ", reading at most " + Figures.bytes(limits.bytesPerSecond()) + "/s."
                : ".");
    return new Answer(members.stream().map(FleetPlanCommand::part).toList(), text, false);
  }

  private static MemberResult<Planned> part(Member member) {
    var config = member.config();
    return new MemberResult<>(
        config.name(),
        member.group(),
        Optional.of(
            new Planned(
                config.source().toString(),
                config.target().toString(),
                config.load().workers(),
                config.load().indexWorkers(),
                config.validation().workers())),
        Optional.empty());
  }
}
