package dev.pgportage.cli;

import dev.pgportage.cutover.CutoverReport;
import dev.pgportage.state.StepAttempts.Attempt;
import dev.pgportage.state.ValidationResults.Result;
import dev.pgportage.telemetry.Event;
import dev.pgportage.workflow.MigrationReport;
import dev.pgportage.workflow.StatusReport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The record of a migration as one page to keep and to print. */
final class ReportPage {
  private final MigrationReport report;

  ReportPage(MigrationReport report) {
    this.report = report;
  }

  String render() {
    StatusReport status = report.status();
    String summary =
        "From %s to %s. Read from its state at %s."
            .formatted(
                report.environment().getOrDefault("source", "?"),
                report.environment().getOrDefault("target", "?"),
                Figures.moment(report.writtenAt()));
    Html content =
        Html.section("freeze", "Cutover", cutover())
            .and(Html.section("proofs", "Proof of each table", proofs()))
            .and(Html.section("timeline", "Timeline", timeline()))
            .and(Html.section("changes", "Rows and changes", changes()))
            .and(Html.section("made", "Made outside the target's schema", resources()))
            .and(
                Html.section("settings", "Settings", facts("Settings in force", report.settings())))
            .and(
                Html.section("environment", "Environment", facts("Versions", report.environment())))
            .and(Html.section("events", "Everything that was told", events()))
            .and(Html.section("signature", "Signed off", signature()));
    return new HtmlPage(
            "Migration " + status.migration(),
            summary,
            "It holds names of your objects and digests, and neither rows nor secrets.")
        .render(cards(), content);
  }

  private Html cards() {
    StatusReport status = report.status();
    List<Result> proofs = status.validation();
    boolean equal = !proofs.isEmpty() && proofs.stream().allMatch(Result::equal);
    long rows = proofs.stream().mapToLong(Result::sourceRows).sum();
    Instant end = report.cutover().map(CutoverReport::openedAt).orElseGet(status::phaseSince);
    Html cards =
        card(status.phase(), "since " + Figures.moment(status.phaseSince()))
            .and(
                card(
                    proofs.isEmpty() ? "not proven" : equal ? "all equal" : "DIFFERENT",
                    Figures.number(proofs.size(), "table") + ", " + Figures.number(rows, "row")))
            .and(
                card(
                    report
                        .cutover()
                        .map(c -> Figures.time(Duration.ofMillis(c.freezeMillis())))
                        .orElse("no cutover yet"),
                    "writes stopped"))
            .and(
                card(
                    Figures.time(Duration.between(report.history().createdAt(), end)),
                    "from " + Figures.moment(report.history().createdAt())));
    return new Html("<ul class=\"cards\">" + cards.markup() + "</ul>\n");
  }

  private static Html card(String figure, String words) {
    return Html.element(
        "li", Html.element("b", Html.text(figure)).and(Html.element("span", Html.text(words))));
  }

  private Html cutover() {
    Optional<CutoverReport> cutover = report.cutover();
    if (cutover.isEmpty()) {
      return Html.paragraph("There has been no cutover: the source is the database.");
    }
    CutoverReport done = cutover.get();
    var phases = new Html.Table("The freeze, part by part", "Part", "#Took");
    for (CutoverReport.Phase phase : done.phases()) {
      phases.row(
          Html.text(phase.name()), Html.text(Figures.time(Duration.ofMillis(phase.millis()))));
    }
    phases.row(
        Html.text("all, from the fence to the open target"),
        Html.text(Figures.time(Duration.ofMillis(done.freezeMillis()))));
    return Html.paragraph(
            "Writes on the source stopped at %s; the target was open at %s. The final LSN is %s."
                .formatted(
                    Figures.moment(done.frozenAt()),
                    Figures.moment(done.openedAt()),
                    done.finalLsn()))
        .and(
            Html.paragraph(
                "Proven behind the fence: %s, %s. Sequences set: %s. Copied again: %s."
                    .formatted(
                        Figures.number(done.tablesProven(), "table"),
                        Figures.number(done.rowsProven(), "row"),
                        Figures.count(done.sequences()),
                        done.recopied().isEmpty()
                            ? "nothing"
                            : String.join(", ", done.recopied()))))
        .and(phases.html());
  }

  private Html proofs() {
    var table =
        new Html.Table(
            "The newest comparison of each table, every row, both sides at one moment",
            "Table",
            "#Source rows",
            "#Target rows",
            "#Differences",
            "Position",
            "Digest of all rows",
            "Finished");
    for (Result result : report.status().validation()) {
      table.row(
          Html.name(result.table().toString()),
          Html.text(Figures.count(result.sourceRows())),
          Html.text(Figures.count(result.targetRows())),
          Html.text(Figures.count(result.missing() + result.extra() + result.differing())),
          Html.text(result.at().map(Object::toString).orElse("source at rest")),
          result.equal() ? Html.code(result.digest()) : Html.mark("warn", "different"),
          Html.text(Figures.moment(result.finishedAt())));
    }
    return table.isEmpty() ? Html.paragraph("No table was compared yet.") : table.html();
  }

  private Html timeline() {
    var table =
        new Html.Table(
            "Every attempt at every step", "Step", "Begun", "#Took", "How it ended", "By");
    for (Attempt attempt : report.history().attempts()) {
      Html end = Html.text(JsonOutput.word(attempt.outcome()));
      if (attempt.error().isPresent()) {
        end = Html.mark("warn", JsonOutput.word(attempt.outcome()));
        end = end.and(Html.paragraph(attempt.error().get()));
      }
      table.row(
          Html.text(attempt.step()),
          Html.text(Figures.moment(attempt.startedAt())),
          Html.text(
              attempt
                  .finishedAt()
                  .map(at -> Figures.time(Duration.between(attempt.startedAt(), at)))
                  .orElse("")),
          end,
          Html.text(attempt.holder().orElse("")));
    }
    return table.isEmpty() ? Html.paragraph("No step was begun yet.") : table.html();
  }

  private Html changes() {
    StatusReport status = report.status();
    var loads = new Html.Table("Full load", "Table", "State", "#Rows", "#Size, an estimate");
    for (StatusReport.TableLoad load : status.tables()) {
      loads.row(
          Html.name(load.table()),
          Html.text(load.state()),
          Html.text(Figures.count(load.rows())),
          Html.text(Figures.bytes(load.plannedBytes())));
    }
    Html applied =
        status
            .applied()
            .map(
                all ->
                    Html.paragraph(
                        "Applied since: %s with %s inserted, %s updated, %s deleted; %s truncated; %s of changes; %s of the schema followed."
                            .formatted(
                                Figures.number(all.transactions(), "transaction"),
                                Figures.number(all.inserts(), "row"),
                                Figures.count(all.updates()),
                                Figures.count(all.deletes()),
                                Figures.number(all.truncates(), "table"),
                                Figures.bytes(all.bytes()),
                                Figures.number(all.schemaChanges(), "change"))))
            .orElseGet(() -> Html.paragraph("No changes were replicated."));
    return loads.isEmpty() ? applied : applied.and(loads.html());
  }

  private Html resources() {
    var table = new Html.Table("By the resource ledger", "What", "Side", "Name", "Made", "Removed");
    for (MigrationReport.Resource resource : report.resources()) {
      table.row(
          Html.text(resource.kind()),
          Html.text(resource.side()),
          Html.name(resource.name()),
          Html.text(resource.madeAt().map(Figures::moment).orElse("planned")),
          Html.text(resource.undoneAt().map(Figures::moment).orElse("")));
    }
    return table.isEmpty() ? Html.paragraph("Nothing.") : table.html();
  }

  private static Html facts(String caption, Map<String, String> facts) {
    var table = new Html.Table(caption, "Name", "Value");
    facts.forEach((name, value) -> table.row(Html.text(name), Html.text(value)));
    return table.html();
  }

  private Html events() {
    var table = new Html.Table("Events, the oldest first", "When", "Kind", "Message");
    for (Event event : report.history().events()) {
      Html kind =
          event.level() == Event.Level.INFO
              ? Html.code(event.kind())
              : Html.mark("warn", event.kind());
      table.row(Html.text(Figures.moment(event.at())), kind, Html.text(event.message()));
    }
    return table.isEmpty() ? Html.paragraph("Nothing was told.") : table.html();
  }

  private static Html signature() {
    var table = new Html.Table("By whom and when", "Role", "Name", "Date", "Signature");
    for (String role : List.of("Database", "Application", "Approval")) {
      table.row(Html.text(role), Html.text(" "), Html.text(" "), Html.text(" "));
    }
    return table.html();
  }
}
