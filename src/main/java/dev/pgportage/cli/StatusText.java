package dev.pgportage.cli;

import static java.util.stream.Collectors.joining;

import dev.pgportage.state.NoticeLog;
import dev.pgportage.state.StepLog;
import dev.pgportage.state.StepLog.Step;
import dev.pgportage.telemetry.Event;
import dev.pgportage.workflow.Gauge;
import dev.pgportage.workflow.StatusReport;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** A migration's status for people. */
final class StatusText {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneId.systemDefault());
  private static final int EVENTS = 8;

  private final StatusReport report;
  private final Style style;

  StatusText(StatusReport report, Style style) {
    this.report = report;
    this.style = style;
  }

  String render() {
    return head()
        + schemaChange()
        + steps()
        + tables()
        + applied()
        + replication()
        + streams()
        + spool()
        + reverse()
        + gauges()
        + proofs()
        + channels()
        + errors()
        + events();
  }

  private String head() {
    String who = report.holder().map(holder -> " by " + holder).orElse("");
    return "Migration %s (%s): %s since %s\n%s\n"
        .formatted(
            style.bold(report.migration()),
            report.type(),
            style.bold(report.phase().toUpperCase(Locale.ROOT)),
            TIME.format(report.phaseSince()),
            report.running()
                ? "Running" + who
                : "Not running" + who.replace(" by ", "; last run by "));
  }

  private String schemaChange() {
    return report
        .schemaChange()
        .map(
            change ->
                style.bold("\nThe source's schema changed; ")
                    + (change.approved()
                        ? "the change is approved and will be made.\n"
                        : "'pgportage approve-ddl' shows what waits to be made on the target.\n")
                    + change.changes().stream().map(line -> "  " + line + "\n").collect(joining()))
        .orElse("");
  }

  private String steps() {
    var table = new TextTable(Set.of(2, 3), "step", "status", "attempts", "took");
    for (Step step : report.steps()) {
      if (step.status() == StepLog.Status.PENDING) {
        continue;
      }
      table.row(
          step.name(),
          JsonOutput.word(step.status()),
          String.valueOf(step.attempts()),
          step.startedAt().map(start -> took(start, step)).orElse(""));
    }
    return table.isEmpty() ? "" : "\n" + table.render(style);
  }

  private static String took(Instant start, Step step) {
    return Figures.time(Duration.between(start, step.finishedAt().orElseGet(Instant::now)));
  }

  private String tables() {
    var table = new TextTable(Set.of(2, 3, 4), "table", "load", "rows", "planned rows", "size");
    for (StatusReport.TableLoad load : report.tables()) {
      table.row(
          load.table(),
          load.state(),
          Figures.count(load.rows()),
          "~" + Figures.count(load.plannedRows()),
          Figures.bytes(load.plannedBytes()));
    }
    return table.isEmpty() ? "" : "\n" + table.render(style);
  }

  private String applied() {
    return report
        .applied()
        .filter(a -> a.transactions() > 0 || a.schemaChanges() > 0)
        .map(
            a ->
                "\nApplied %s transactions: %s inserts, %s updates, %s deletes, %s truncates, %s schema changes\n"
                    .formatted(
                        Figures.count(a.transactions()),
                        Figures.count(a.inserts()),
                        Figures.count(a.updates()),
                        Figures.count(a.deletes()),
                        Figures.count(a.truncates()),
                        Figures.count(a.schemaChanges())))
        .orElse("");
  }

  private String replication() {
    return report
        .replication()
        .map(
            r ->
                "\nLag %s: applied %s at %s, source at %s\nSlot %s holds back %s of WAL (%s)\n"
                    .formatted(
                        Figures.bytes(r.lagBytes()),
                        r.appliedLsn(),
                        TIME.format(r.appliedAt()),
                        r.sourceLsn(),
                        r.slot(),
                        Figures.bytes(r.retainedBytes()),
                        r.walStatus()))
        .orElseGet(
            () ->
                report
                    .sourceProblem()
                    .map(problem -> "\nThe lag is not known. " + problem + "\n")
                    .orElse(""));
  }

  /** Each of several streams. */
  private String streams() {
    var table =
        new TextTable(
            Set.of(0, 2, 3, 5, 6),
            "stream",
            "slot",
            "tables",
            "lag",
            "applied",
            "WAL held back",
            "in the spool");
    for (StatusReport.Stream stream : report.streams()) {
      table.row(
          String.valueOf(stream.number()),
          stream.slot(),
          Figures.count(stream.tables()),
          Figures.bytes(stream.lagBytes()),
          stream.appliedLsn(),
          Figures.bytes(stream.retainedBytes()) + " (" + stream.walStatus() + ")",
          Figures.bytes(stream.spoolBytes()));
    }
    return table.isEmpty() ? "" : "\n" + table.render(style);
  }

  private String spool() {
    return report
        .spool()
        .filter(spool -> spool.bytes() > 0)
        .map(
            spool ->
                "%s of changes wait in the spool (%s at most), received up to %s%s\n"
                    .formatted(
                        Figures.bytes(spool.bytes()),
                        Figures.bytes(spool.mostBytes()),
                        spool.toLsn(),
                        spool.full() ? "; it is full, so the source keeps its WAL" : ""))
        .orElse("");
  }

  private String reverse() {
    return report
        .reverse()
        .map(
            r ->
                "\nBack to the source: lag %s, applied %s at %s, target at %s\nSlot %s on the target holds back %s of WAL (%s)\n"
                    .formatted(
                        Figures.bytes(r.lagBytes()),
                        r.appliedLsn(),
                        TIME.format(r.appliedAt()),
                        r.targetLsn(),
                        r.slot(),
                        Figures.bytes(r.retainedBytes()),
                        r.walStatus()))
        .orElse("");
  }

  /** Those that are as they should be are for programs. */
  private String gauges() {
    return report.gauges().stream()
        .filter(gauge -> gauge.level() != Gauge.Level.OK)
        .map(gauge -> style.red("To watch: ") + gauge.name() + " is " + gauge.text() + "\n")
        .collect(joining());
  }

  private String proofs() {
    if (report.validation().isEmpty() && report.comparing().isEmpty()) {
      return "";
    }
    var table = new TextTable(Set.of(), "table", "proof");
    report.proofs().forEach(proof -> table.row(proof.table(), proof.meaning()));
    String now = "\n" + comparing() + table.render(style);
    if (report.validation().isEmpty()) {
      return now;
    }
    return now
        + "\nLast comparison of each table:\n"
        + ValidationText.table(report.validation(), style);
  }

  private String comparing() {
    return report
        .comparing()
        .map(
            now ->
                "Comparing: %s of %s read, %s of ~%s, %s of %s done\n\n"
                    .formatted(
                        Figures.bytes(now.bytes()),
                        Figures.bytes(now.plannedBytes()),
                        Figures.count(now.rows()),
                        Figures.number(now.plannedRows(), "row"),
                        Figures.count(now.done()),
                        Figures.number(now.tables(), "table")))
        .orElse("");
  }

  private String channels() {
    var table = new TextTable(Set.of(1), "channel", "sent", "last", "now");
    for (NoticeLog.Channel channel : report.channels()) {
      table.row(
          channel.name(),
          Figures.count(channel.sent()),
          channel.sentAt().map(TIME::format).orElse(""),
          channel
              .failingSince()
              .map(
                  since ->
                      "fails since " + TIME.format(since) + ": " + channel.failure().orElse(""))
              .orElse("works"));
    }
    return table.isEmpty() ? "" : "\n" + table.render(style);
  }

  private String errors() {
    var text = new StringBuilder();
    for (Step step : report.steps()) {
      step.error()
          .ifPresent(
              error ->
                  text.append('\n')
                      .append(style.red(step.name() + ": "))
                      .append(error)
                      .append('\n'));
    }
    return text.toString();
  }

  private String events() {
    List<Event> events = report.recentEvents();
    var text = new StringBuilder(events.isEmpty() ? "" : "\nLately:\n");
    events.stream()
        .skip(Math.max(0, events.size() - EVENTS))
        .forEach(
            event ->
                text.append("  ")
                    .append(style.dim(TIME.format(event.at())))
                    .append(event.level() == Event.Level.INFO ? "  " : " ! ")
                    .append(event.message())
                    .append('\n'));
    return text.toString().stripTrailing();
  }
}
