package dev.pgportage.cli;

import dev.pgportage.state.StepAttempts.Attempt;
import dev.pgportage.telemetry.Event;
import dev.pgportage.workflow.HistoryReport;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Set;

/** A migration's audit trail for people. */
final class HistoryText {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneId.systemDefault());

  private final HistoryReport report;
  private final Style style;

  HistoryText(HistoryReport report, Style style) {
    this.report = report;
    this.style = style;
  }

  String render() {
    return "Migration %s, begun %s, now %s since %s\n\n"
            .formatted(
                style.bold(report.migration()),
                TIME.format(report.createdAt()),
                report.phase(),
                TIME.format(report.phaseSince()))
        + attempts()
        + errors()
        + events();
  }

  private String attempts() {
    var table = new TextTable(Set.of(2), "step", "begun", "took", "outcome", "run by");
    for (Attempt attempt : report.attempts()) {
      table.row(
          attempt.step(),
          TIME.format(attempt.startedAt()),
          Figures.time(
              Duration.between(attempt.startedAt(), attempt.finishedAt().orElseGet(Instant::now))),
          JsonOutput.word(attempt.outcome()) + attempt.errorCode().map(c -> " " + c).orElse(""),
          attempt.holder().orElse("") + " (run " + attempt.run() + ")");
    }
    return table.isEmpty() ? "No step was begun yet.\n" : table.render(style);
  }

  private String errors() {
    var text = new StringBuilder();
    for (Attempt attempt : report.attempts()) {
      attempt
          .error()
          .ifPresent(
              error ->
                  text.append('\n')
                      .append(style.red(attempt.step() + ", " + TIME.format(attempt.startedAt())))
                      .append(": ")
                      .append(error)
                      .append('\n'));
    }
    return text.toString();
  }

  private String events() {
    var text = new StringBuilder(report.events().isEmpty() ? "" : "\nEvents:\n");
    for (Event event : report.events()) {
      text.append("  ")
          .append(style.dim(TIME.format(event.at())))
          .append(event.level() == Event.Level.INFO ? "  " : " ! ")
          .append(style.dim(event.kind()))
          .append("  ")
          .append(event.message())
          .append('\n');
    }
    return text.toString().stripTrailing();
  }
}
