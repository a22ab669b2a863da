package dev.pgportage.cli;

import dev.pgportage.cutover.CutoverReport;
import dev.pgportage.state.NoticeLog;
import dev.pgportage.state.StepAttempts.Attempt;
import dev.pgportage.state.ValidationResults.Result;
import dev.pgportage.telemetry.Event;
import dev.pgportage.workflow.Gauge;
import dev.pgportage.workflow.MigrationReport;
import dev.pgportage.workflow.ProofSummary;
import dev.pgportage.workflow.StatusReport;
import dev.pgportage.workflow.TableProof;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** The record of a migration as one page to keep and to print. */
final class ReportPage {
  private static final Html NOTHING = new Html("");

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
    var moves = new ReportMoves(report);
    Html content =
        Html.section("freeze", "Cutover", moves.cutover())
            .and(
                moves
                    .rollback()
                    .map(html -> Html.section("rollback", "Rollback", html))
                    .orElse(NOTHING))
            .and(Html.section("proofs", "Proof of each table", proofs()))
            .and(Html.section("timeline", "Timeline", timeline()))
            .and(Html.section("changes", "Rows and changes", changes()))
            .and(Html.section("gauges", "Held back and spent", gauges()))
            .and(Html.section("made", "Made outside the target's schema", resources()))
            .and(
                Html.section("settings", "Settings", facts("Settings in force", report.settings())))
            .and(
                Html.section("environment", "Environment", facts("Versions", report.environment())))
            .and(Html.section("asked", "What was asked for", moves.requests()))
            .and(Html.section("told", "Who was told", channels()))
            .and(Html.section("events", "Everything that happened", events()))
            .and(Html.section("signature", "Signed off", signature()));
    return new HtmlPage(
            "Migration " + status.migration(),
            summary,
            "It holds names of your objects and digests, and neither rows nor secrets.")
        .render(cards(), content);
  }

  private Html cards() {
    StatusReport status = report.status();
    ProofSummary proofs = ProofSummary.of(status.proofs());
    long rows = status.validation().stream().mapToLong(Result::sourceRows).sum();
    Instant end = report.cutover().map(CutoverReport::openedAt).orElseGet(status::phaseSince);
    Html cards =
        card(status.phase(), "since " + Figures.moment(status.phaseSince()))
            .and(
                card(
                    verdict(proofs),
                    Figures.number(proofs.tables(), "table") + ", " + Figures.number(rows, "row")))
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

  private static String verdict(ProofSummary proofs) {
    if (proofs.differing() > 0) {
      return "DIFFERENT";
    }
    if (proofs.complete()) {
      return "all proven equal";
    }
    return proofs.proven() == 0
        ? "not proven"
        : Figures.count(proofs.proven()) + " of " + Figures.count(proofs.tables()) + " proven";
  }

  private static Html card(String figure, String words) {
    return Html.element(
        "li", Html.element("b", Html.text(figure)).and(Html.element("span", Html.text(words))));
  }

  private Html proofs() {
    Map<String, Result> results =
        report.status().validation().stream()
            .collect(Collectors.toMap(result -> result.table().toString(), result -> result));
    var table =
        new Html.Table(
            "The newest comparison of each table, every row, both sides at one moment",
            "Table",
            "Proof",
            "#Source rows",
            "#Target rows",
            "#Differences",
            "Position",
            "Digest of all rows",
            "Compared");
    for (TableProof proof : report.status().proofs()) {
      Optional<Result> result = Optional.ofNullable(results.get(proof.table()));
      table.row(
          Html.name(proof.table()),
          switch (proof.standing()) {
            case PROVEN, CHANGED, RECOPIED -> Html.text(proof.meaning());
            case DIFFERS, NOT_COMPARED, COMPARING -> Html.mark("warn", proof.meaning());
          },
          figure(result, Result::sourceRows),
          figure(result, Result::targetRows),
          figure(result, Result::differences),
          Html.text(
              result.map(r -> r.at().map(Object::toString).orElse("source at rest")).orElse("")),
          result.map(r -> Html.code(r.digest())).orElse(NOTHING),
          Html.text(result.map(r -> Figures.moment(r.finishedAt())).orElse("")));
    }
    return table.isEmpty() ? Html.paragraph("No table is known yet.") : table.html();
  }

  private static Html figure(Optional<Result> result, ToLongFunction<Result> part) {
    return Html.text(result.map(r -> Figures.count(part.applyAsLong(r))).orElse(""));
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

  private Html gauges() {
    var table =
        new Html.Table(
            "As they were when this was written", "What", "#Now", "#Warning", "#Limit", "Means");
    for (Gauge gauge : report.status().gauges()) {
      table.row(
          Html.text(gauge.title()),
          Html.text(GaugeText.amount(gauge, gauge.value())),
          Html.text(gauge.warning() > 0 ? GaugeText.amount(gauge, gauge.warning()) : "none"),
          Html.text(gauge.limit() > 0 ? GaugeText.amount(gauge, gauge.limit()) : "none"),
          gauge.level() == Gauge.Level.OK
              ? Html.text("as it should be")
              : Html.mark("warn", JsonOutput.word(gauge.level())));
    }
    return table.isEmpty() ? Html.paragraph("Neither server was asked.") : table.html();
  }

  private Html channels() {
    var table = new Html.Table("Messages by channel", "Channel", "#Taken", "Last", "Fails since");
    for (NoticeLog.Channel channel : report.status().channels()) {
      Html fails = Html.text(channel.failingSince().map(Figures::moment).orElse(""));
      table.row(
          Html.text(channel.name()),
          Html.text(Figures.count(channel.sent())),
          Html.text(channel.sentAt().map(Figures::moment).orElse("")),
          channel.failure().map(why -> fails.and(Html.paragraph(why))).orElse(fails));
    }
    return table.isEmpty()
        ? Html.paragraph("Nobody: no message went to any channel.")
        : table.html();
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
