package dev.pgportage.cli;

import dev.pgportage.config.FleetFile;
import dev.pgportage.config.FleetFile.Member;
import dev.pgportage.fleet.MemberResult;
import dev.pgportage.workflow.Migration;
import dev.pgportage.workflow.ValidationReport;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;

/** {@code pgportage fleet validate}. */
@Command(
    name = "validate",
    description = {
      "Compares every row of each migration at one LSN of its source, while both sides go on.",
      "Exit status 3 if anything differs, 1 if one could not be compared."
    },
    footer = {"", "Example:", "  pgportage fleet validate --group first"})
final class FleetValidateCommand extends FleetSubcommand {
  FleetValidateCommand(Shell shell) {
    super(shell, "fleet validate");
  }

  @Override
  Answer answer(FleetFile settings, List<Member> members) {
    List<MemberResult<ValidationReport>> results =
        watched(members, fleet -> fleet.each(settings.limits().running(), Migration::validate));
    var table = new TextTable(Set.of(2, 3), "migration", "group", "tables", "rows", "proof");
    results.forEach(
        result ->
            table.row(
                result.name(),
                result.group(),
                result.result().map(r -> Figures.count(r.tables().size())).orElse(""),
                result.result().map(r -> Figures.count(r.rows())).orElse(""),
                result
                    .result()
                    .map(r -> r.equal() ? style().green("equal") : style().red("differs"))
                    .orElse(style().red("failed"))));
    boolean findings =
        results.stream().flatMap(r -> r.result().stream()).anyMatch(report -> !report.equal());
    return new Answer(
        results, (table.render(style()) + failures(results)).stripTrailing(), findings);
  }
}
