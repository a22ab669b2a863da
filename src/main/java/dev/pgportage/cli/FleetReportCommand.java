package dev.pgportage.cli;

import dev.pgportage.config.FleetFile;
import dev.pgportage.config.FleetFile.Member;
import dev.pgportage.fleet.MemberResult;
import dev.pgportage.state.ValidationResults;
import dev.pgportage.workflow.Migration;
import dev.pgportage.workflow.MigrationReport;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage fleet report}. */
@Command(
    name = "report",
    description = {
      "Writes one record over all migrations of the fleet, to be kept: where each stands, what was"
          + " proven, how long its writes were stopped; and beside it the record of each, as"
          + " 'pgportage report' writes it, which it leads to.",
      "Works at any time before 'fleet cleanup'. Exit status 1 if one could not be read."
    },
    footer = {"", "Example:", "  pgportage fleet report --report fleet.html"})
final class FleetReportCommand extends FleetSubcommand {
  private static final int AT_ONCE = 8;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "Where to; by default ./fleet.html. The others are written beside it.")
  private Path file = Path.of("fleet.html");

  FleetReportCommand(Shell shell) {
    super(shell, "fleet report");
  }

  @Override
  Answer answer(FleetFile settings, List<Member> members) {
    HtmlPage.requireWritable(file);
    List<MemberResult<MigrationReport>> results =
        watched(members, fleet -> fleet.each(AT_ONCE, Migration::report));
    var rows = results.stream().map(this::row).toList();
    String written = HtmlPage.write(file, new FleetRecord(rows, Instant.now()).render());
    var table = new TextTable(Set.of(3, 4), "migration", "group", "phase", "rows", "differences");
    rows.forEach(
        row ->
            table.row(
                row.name(),
                row.group(),
                row.phase(),
                row.report().map(r -> Figures.count(rows(r))).orElse(""),
                row.report().map(r -> Figures.count(differences(r))).orElse("")));
    return new Answer(results, table.render(style()) + failures(results) + "\n" + written, false);
  }

  private FleetRecord.Row row(MemberResult<MigrationReport> result) {
    return result
        .result()
        .map(
            report -> {
              Path directory = file.toAbsolutePath().getParent();
              ReportFiles files =
                  ReportFiles.in(
                      directory == null ? Path.of("").toAbsolutePath() : directory, report);
              files.write(report);
              return new FleetRecord.Row(
                  result.name(),
                  result.group(),
                  report.status().phase(),
                  result.result(),
                  String.valueOf(files.page().getFileName()));
            })
        .orElseGet(
            () ->
                new FleetRecord.Row(
                    result.name(),
                    result.group(),
                    result.failure().orElseThrow().code().toString(),
                    result.result(),
                    ""));
  }

  /** How many rows of the source the newest comparisons read. */
  static long rows(MigrationReport report) {
    return report.status().validation().stream()
        .mapToLong(ValidationResults.Result::sourceRows)
        .sum();
  }

  /** How many rows they found different. */
  static long differences(MigrationReport report) {
    return report.status().validation().stream()
        .mapToLong(ValidationResults.Result::differences)
        .sum();
  }
}
