package dev.pgportage.cli;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.FleetFile;
import dev.pgportage.config.FleetFile.Member;
import dev.pgportage.fleet.MemberResult;
import dev.pgportage.state.ValidationResults;
import dev.pgportage.workflow.StatusReport;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage fleet status}. */
@Command(
    name = "status",
    description =
        "Tells where each migration stands, from any machine, whoever runs it; changes nothing."
            + " Exit status 1 if one could not be asked.",
    footer = {"", "Example:", "  pgportage fleet status --html fleet.html"})
final class FleetStatusCommand extends FleetSubcommand {
  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Also write it as one page that needs nothing else.")
  private @Nullable Path page;

  FleetStatusCommand(Shell shell) {
    super(shell, "fleet status");
  }

  /** One migration in a line. */
  record Row(
      String name,
      String group,
      String phase,
      String loaded,
      String lag,
      String wal,
      String proof,
      String runs) {
    static Row of(MemberResult<StatusReport> result) {
      return result
          .result()
          .map(report -> of(result, report))
          .orElseGet(
              () ->
                  new Row(
                      result.name(),
                      result.group(),
                      phase(result.failure().orElseThrow()),
                      "",
                      "",
                      "",
                      "",
                      ""));
    }

    private static String phase(MigrationException failure) {
      return failure.code() == ErrorCode.MIGRATION_UNKNOWN
          ? "not begun"
          : failure.code().toString();
    }

    private static Row of(MemberResult<StatusReport> result, StatusReport report) {
      long planned = report.tables().stream().mapToLong(StatusReport.TableLoad::plannedBytes).sum();
      long done =
          report.tables().stream()
              .filter(table -> table.state().equals("copied"))
              .mapToLong(StatusReport.TableLoad::plannedBytes)
              .sum();
      boolean failed = report.steps().stream().anyMatch(step -> step.error().isPresent());
      return new Row(
          result.name(),
          result.group(),
          report.phase() + (failed ? " (failed)" : ""),
          report.tables().isEmpty()
              ? ""
              : Figures.percent(planned == 0 ? 1 : (double) done / planned),
          report.replication().map(r -> Figures.bytes(r.lagBytes())).orElse(""),
          report.replication().map(r -> Figures.bytes(r.retainedBytes())).orElse(""),
          proof(report.validation()),
          report.running() ? "yes" : "no");
    }

    private static String proof(List<ValidationResults.Result> proofs) {
      if (proofs.isEmpty()) {
        return "";
      }
      long differing = proofs.stream().filter(proof -> !proof.equal()).count();
      return differing == 0
          ? Figures.number(proofs.size(), "table") + " equal"
          : Figures.number(differing, "table") + " differ";
    }
  }

  @Override
  Answer answer(FleetFile settings, List<Member> members) {
    HtmlPage.requireWritable(page);
    List<MemberResult<StatusReport>> all = watched(members, fleet -> fleet.status());
    List<Row> rows = all.stream().map(Row::of).toList();
    // A migration not yet begun is no failure.
    List<MemberResult<StatusReport>> asked =
        all.stream()
            .filter(
                result ->
                    result
                        .failure()
                        .filter(failure -> failure.code() == ErrorCode.MIGRATION_UNKNOWN)
                        .isEmpty())
            .toList();
    String written =
        page == null
            ? ""
            : "\n" + HtmlPage.write(page, new FleetPage(rows, Instant.now()).render());
    return new Answer(asked, (table(rows) + failures(asked)).stripTrailing() + written, false);
  }

  private String table(List<Row> rows) {
    var table =
        new TextTable(
            Set.of(3, 4, 5),
            "migration",
            "group",
            "phase",
            "loaded",
            "lag",
            "WAL held",
            "last proof",
            "runs");
    rows.forEach(
        row ->
            table.row(
                row.name(),
                row.group(),
                row.phase(),
                row.loaded(),
                row.lag(),
                row.wal(),
                row.proof(),
                row.runs()));
    return table.render(style());
  }
}
