package dev.pgportage.cli;

import dev.pgportage.assess.AssessmentReport;
import dev.pgportage.config.FleetFile;
import dev.pgportage.config.FleetFile.Member;
import dev.pgportage.fleet.MemberResult;
import dev.pgportage.workflow.Migration;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;

/** {@code pgportage fleet assess}. */
@Command(
    name = "assess",
    description = {
      "Looks at each migration for whatever could go wrong; changes nothing.",
      "Exit status 3 if something blocks one of them, 1 if one could not be looked at."
    },
    footer = {"", "Example:", "  pgportage fleet assess --output json"})
final class FleetAssessCommand extends FleetSubcommand {
  FleetAssessCommand(Shell shell) {
    super(shell, "fleet assess");
  }

  @Override
  Answer answer(FleetFile settings, List<Member> members) {
    List<MemberResult<AssessmentReport>> results =
        watched(members, fleet -> fleet.each(settings.limits().running(), Migration::assess));
    var table = new TextTable(Set.of(), "migration", "group", "assessment");
    var blocked = new StringBuilder();
    for (MemberResult<AssessmentReport> result : results) {
      table.row(
          result.name(),
          result.group(),
          result
              .result()
              .map(report -> report.blocks() ? style().red("blocks") : style().green("passes"))
              .orElse(style().red("failed")));
      result
          .result()
          .filter(AssessmentReport::blocks)
          .ifPresent(
              report ->
                  blocked
                      .append('\n')
                      .append(style().bold(result.name()))
                      .append('\n')
                      .append(new AssessmentText(report, style()).render(false, false))
                      .append('\n'));
    }
    boolean findings =
        results.stream().flatMap(r -> r.result().stream()).anyMatch(AssessmentReport::blocks);
    return new Answer(
        results, (table.render(style()) + blocked + failures(results)).stripTrailing(), findings);
  }
}
