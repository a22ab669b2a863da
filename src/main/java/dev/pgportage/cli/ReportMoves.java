package dev.pgportage.cli;

import dev.pgportage.cutover.CutoverReport;
import dev.pgportage.cutover.MoveReport;
import dev.pgportage.cutover.RollbackReport;
import dev.pgportage.workflow.MigrationReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;

/** What a migration's record says of the writes' way from one side to the other, and back. */
final class ReportMoves {
  private final MigrationReport report;

  ReportMoves(MigrationReport report) {
    this.report = report;
  }

  /** The last cutover. */
  Html cutover() {
    return report
        .cutover()
        .map(
            done ->
                html(done, "source", "target")
                    .and(
                        Html.paragraph(
                            done.reversible()
                                ? "Changes flow back to the source from then on, so that it can be"
                                    + " rolled back."
                                : "There is no way back: no changes flow back to the source.")))
        .orElseGet(() -> Html.paragraph("There has been no cutover: the source is the database."));
  }

  /** The last rollback, if there was one. */
  Optional<Html> rollback() {
    return report
        .rollback()
        .map(
            done ->
                html(done, "target", "source")
                    .and(
                        Html.paragraph(
                            done.goesOn()
                                ? "Changes flow to the target again, so that another cutover is"
                                    + " possible."
                                : "Nothing replicates any more."))
                    .and(standing(done)));
  }

  /** Which of the two was the last word. */
  private Html standing(RollbackReport done) {
    boolean later =
        report.cutover().filter(cutover -> cutover.openedAt().isAfter(done.openedAt())).isPresent();
    return Html.paragraph(
        later
            ? "The cutover above came after it: the target is the database."
            : "It came after the cutover above: the source is the database.");
  }

  private static Html html(MoveReport move, String closed, String opened) {
    var phases = new Html.Table("The freeze, part by part", "Part", "#Took");
    for (CutoverReport.Phase phase : move.phases()) {
      phases.row(
          Html.text(phase.name()), Html.text(Figures.time(Duration.ofMillis(phase.millis()))));
    }
    phases.row(
        Html.text("all, from the fence to the open " + opened),
        Html.text(Figures.time(Duration.ofMillis(move.freezeMillis()))));
    Html text =
        Html.paragraph(
                "Writes on the %s stopped at %s; the %s was open at %s. The final LSN is %s."
                    .formatted(
                        closed,
                        Figures.moment(move.frozenAt()),
                        opened,
                        Figures.moment(move.openedAt()),
                        move.finalLsn()))
            .and(
                Html.paragraph(
                    "Proven behind the fence: %s, %s. Sequences set: %s. Copied again: %s."
                        .formatted(
                            Figures.number(move.tablesProven(), "table"),
                            Figures.number(move.rowsProven(), "row"),
                            Figures.count(move.sequences()),
                            copied(move))));
    return move.problem()
        .map(problem -> text.and(Html.element("p", Html.mark("warn", problem))))
        .orElse(text)
        .and(phases.html());
  }

  private static String copied(MoveReport move) {
    var copied = new ArrayList<>(move.recopied());
    if (move.largeObjectsRecopied() > 0) {
      copied.add(Figures.number(move.largeObjectsRecopied(), "large object"));
    }
    return copied.isEmpty() ? "nothing" : String.join(", ", copied);
  }

  /** Everything that was asked for, and what became of it. */
  Html requests() {
    var table = new Html.Table("By commands and on the dashboard", "What", "When", "Came to");
    for (MigrationReport.Asked asked : report.requests()) {
      table.row(
          Html.text(JsonOutput.word(asked.kind())),
          Html.text(Figures.moment(asked.at())),
          asked
              .error()
              .map(why -> Html.mark("warn", "refused or given up").and(Html.paragraph(why)))
              .orElseGet(
                  () ->
                      Html.text(
                          asked
                              .finishedAt()
                              .map(at -> "done at " + Figures.moment(at))
                              .orElse("it waits"))));
    }
    return table.isEmpty() ? Html.paragraph("Nothing.") : table.html();
  }
}
