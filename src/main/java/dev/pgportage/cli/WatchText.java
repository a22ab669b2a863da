package dev.pgportage.cli;

import static java.util.stream.Collectors.joining;

import dev.pgportage.state.StepLog;
import dev.pgportage.state.ValidationResults.Result;
import dev.pgportage.workflow.ProofSummary;
import dev.pgportage.workflow.StatusReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A migration's status as lines of a screen: steps, load, lag, proofs, the checklist of the
 * cutover, and as many events as there is room for. Not thread-safe.
 */
final class WatchText {
  private static final int MOST_TABLES = 6;
  private static final int BAR = 20;

  private final Style style;
  private final Duration maxLag;
  private final RateWindow rows = new RateWindow();
  private final RateWindow applied = new RateWindow();

  /**
   * Texts in a style.
   *
   * @param maxLag the lag over which a cutover is refused
   */
  WatchText(Style style, Duration maxLag) {
    this.style = style;
    this.maxLag = maxLag;
  }

  /** The lines for a screen of that size, as of now. */
  List<String> render(StatusReport report, Screen.Size size) {
    var lines = new ArrayList<String>();
    lines.add(style.bold(Columns.cut(head(report), size.columns())));
    lines.add(style.dim(Columns.cut(who(report), size.columns())));
    lines.add("");
    body(lines, report, size);
    new RecentEvents(style).add(lines, report.recentEvents(), size);
    return lines.size() <= size.rows() ? lines : lines.subList(0, size.rows());
  }

  /**
   * The same facts for the process that runs the migration, which tells events as they come.
   *
   * @param live what it knows sooner than the state
   */
  List<String> panel(StatusReport report, Optional<String> live, Screen.Size size) {
    var lines = new ArrayList<String>();
    lines.add(style.dim("─".repeat(size.columns())));
    lines.add(style.bold(Columns.cut(head(report), size.columns())));
    live.ifPresent(text -> lines.add(Columns.cut(text, size.columns())));
    body(lines, report, size);
    return lines.size() <= size.rows() ? lines : lines.subList(0, size.rows());
  }

  private void body(List<String> lines, StatusReport report, Screen.Size size) {
    long now = System.nanoTime();
    rows.add(now, (double) loadedRows(report));
    report.applied().ifPresent(all -> applied.add(now, (double) changes(all)));
    int width = size.columns();
    steps(lines, report, width);
    load(lines, report, size);
    replication(lines, report, width);
    gauges(lines, report, width);
    proofs(lines, report, width);
    waiting(lines, report, width);
    checklist(lines, report, width);
  }

  /** What matters most, as one line. */
  String line(StatusReport report) {
    rows.add(System.nanoTime(), (double) loadedRows(report));
    if (isOver(report)) {
      return report.phase() + (report.validation().isEmpty() ? "" : "  " + proofSummary(report));
    }
    return report.phase()
        + (report.running() ? "" : " (not running)")
        + (isLoaded(report) ? "" : "  " + loadSummary(report))
        + report.replication().map(r -> "  lag " + lag(report, r.lagBytes())).orElse("")
        + comparing(report).map(text -> "  " + text).orElse("")
        + (report.validation().isEmpty() ? "" : "  " + proofSummary(report));
  }

  private static boolean isOver(StatusReport report) {
    return report.phase().equals("cut-over") || report.phase().equals("loaded");
  }

  private static String head(StatusReport report) {
    return "%s  %s  since %s"
        .formatted(
            report.migration(),
            report.phase().toUpperCase(Locale.ROOT),
            Figures.time(Duration.between(report.phaseSince(), Instant.now())));
  }

  private static String who(StatusReport report) {
    return (report.running() ? "run by " : "not running; last run by ")
        + report.holder().orElse("nobody")
        + "   "
        + Figures.clock(Instant.now());
  }

  private void steps(List<String> lines, StatusReport report, int width) {
    SideBySide.add(
        lines,
        report.steps().stream()
            .map(
                step ->
                    new SideBySide.Item(
                        sign(step.status()) + " " + step.name() + took(step),
                        text -> colored(step.status(), text)))
            .toList(),
        width);
    report.steps().stream()
        .filter(step -> step.error().isPresent())
        .forEach(
            step ->
                lines.add(
                    style.red(
                        Columns.cut(
                            step.name() + ": " + Columns.flat(step.error().orElseThrow()),
                            width))));
  }

  private static String sign(StepLog.Status status) {
    return switch (status) {
      case PENDING -> "·";
      case RUNNING -> ">";
      case DONE -> "+";
      case FAILED -> "!";
    };
  }

  private String colored(StepLog.Status status, String text) {
    return switch (status) {
      case PENDING -> style.dim(text);
      case RUNNING -> style.bold(text);
      case DONE -> style.green(text);
      case FAILED -> style.red(text);
    };
  }

  private static String took(StepLog.Step step) {
    return step.startedAt()
        .map(
            start ->
                " "
                    + Figures.time(
                        Duration.between(start, step.finishedAt().orElseGet(Instant::now))))
        .orElse("");
  }

  private static long loadedRows(StatusReport report) {
    return report.tables().stream().mapToLong(StatusReport.TableLoad::rows).sum();
  }

  private static long changes(StatusReport.Applied all) {
    return all.inserts() + all.updates() + all.deletes();
  }

  private static boolean isLoaded(StatusReport report) {
    return report.tables().stream().allMatch(table -> table.state().equals("copied"));
  }

  private String loadSummary(StatusReport report) {
    int tables = report.tables().size();
    long done = loadedRows(report);
    if (isLoaded(report)) {
      return "load 100 %%  %s rows  %s"
          .formatted(Figures.count(done), Figures.number(tables, "table"));
    }
    long planned = report.tables().stream().mapToLong(StatusReport.TableLoad::plannedRows).sum();
    long copied = report.tables().stream().filter(table -> table.state().equals("copied")).count();
    double rate = Math.max(0, rows.perSecond());
    String left =
        rate <= 0 || planned <= done
            ? ""
            : ", " + Figures.time(Duration.ofSeconds((long) ((planned - done) / rate))) + " left";
    return "load %s  %s of ~%s rows, %s/s%s  %d of %d tables"
        .formatted(
            Figures.percent(planned == 0 ? 0 : Math.min(0.99, (double) done / planned)),
            Figures.count(done),
            Figures.count(Math.max(planned, done)),
            Figures.count(Math.round(rate)),
            left,
            copied,
            tables);
  }

  private void load(List<String> lines, StatusReport report, Screen.Size size) {
    if (report.tables().isEmpty()) {
      return;
    }
    int width = size.columns();
    lines.add("");
    lines.add(Columns.cut(loadSummary(report), width));
    report.tables().stream()
        .filter(table -> !table.state().equals("copied"))
        .sorted(
            Comparator.comparing((StatusReport.TableLoad table) -> table.state())
                .thenComparing(
                    Comparator.comparingLong(StatusReport.TableLoad::plannedBytes).reversed()))
        .limit(Math.clamp(size.rows() / 5, 1, MOST_TABLES))
        .forEach(table -> lines.add(Columns.cut("  " + tableLine(table), width)));
  }

  private static String tableLine(StatusReport.TableLoad table) {
    double share =
        table.plannedRows() <= 0 ? 0 : Math.min(0.99, (double) table.rows() / table.plannedRows());
    int full = (int) Math.round(share * BAR);
    return "[%s%s] %5s  %s  %s"
        .formatted(
            "#".repeat(full),
            "·".repeat(BAR - full),
            Figures.percent(share),
            table.table(),
            table.state());
  }

  private void replication(List<String> lines, StatusReport report, int width) {
    if (isOver(report) || (report.replication().isEmpty() && report.sourceProblem().isEmpty())) {
      return;
    }
    lines.add("");
    report
        .replication()
        .ifPresent(
            r -> {
              lines.add(
                  Columns.cut(
                      "lag %s  applied %s  source keeps %s of WAL (%s)"
                          .formatted(
                              lag(report, r.lagBytes()),
                              r.appliedLsn(),
                              Figures.bytes(r.retainedBytes()),
                              r.walStatus()),
                      width));
            });
    report
        .applied()
        .ifPresent(
            all ->
                lines.add(
                    Columns.cut(
                        "applied %s inserts, %s updates, %s deletes, %s truncates; %s changes/s"
                            .formatted(
                                Figures.count(all.inserts()),
                                Figures.count(all.updates()),
                                Figures.count(all.deletes()),
                                Figures.count(all.truncates()),
                                Figures.count(Math.round(Math.max(0, applied.perSecond())))),
                        width)));
    report
        .sourceProblem()
        .ifPresent(
            problem ->
                lines.add(style.yellow(Columns.cut("source: " + Columns.flat(problem), width))));
  }

  /** In time, as the running process measures it, and in bytes of WAL. */
  private static String lag(StatusReport report, long bytes) {
    return report
            .lagMillis()
            .map(millis -> Figures.time(Duration.ofMillis(millis)) + ", ")
            .orElse("")
        + Figures.bytes(bytes);
  }

  /** What could harm a server, each figure beside its limit. */
  private void gauges(List<String> lines, StatusReport report, int width) {
    if (isOver(report) || report.gauges().isEmpty()) {
      return;
    }
    lines.add("");
    SideBySide.add(
        lines,
        report.gauges().stream()
            .map(
                gauge ->
                    new SideBySide.Item(
                        gauge.title() + " " + GaugeText.of(gauge) + " ",
                        text ->
                            switch (gauge.level()) {
                              case OK -> text;
                              case WARNING -> style.yellow(text);
                              case DANGER -> style.red(text);
                            }))
            .toList(),
        width);
  }

  private static String proofSummary(StatusReport report) {
    long rows = report.validation().stream().mapToLong(Result::sourceRows).sum();
    return ProofSummary.of(report.proofs()).text() + "; " + Figures.count(rows) + " rows compared";
  }

  private static Optional<String> comparing(StatusReport report) {
    return report
        .comparing()
        .map(
            now ->
                "comparing %s of %s, %d of %d tables done"
                    .formatted(
                        Figures.bytes(now.bytes()),
                        Figures.bytes(now.plannedBytes()),
                        now.done(),
                        now.tables()));
  }

  private void proofs(List<String> lines, StatusReport report, int width) {
    comparing(report).ifPresent(text -> lines.add(Columns.cut(text, width)));
    if (report.validation().isEmpty()) {
      return;
    }
    lines.add(Columns.cut(proofSummary(report), width));
    String different =
        report.validation().stream()
            .filter(result -> !result.equal())
            .map(result -> result.table().toString())
            .collect(joining(", "));
    if (!different.isEmpty()) {
      lines.add(style.red(Columns.cut("DIFFERENT: " + different, width)));
    }
  }

  private void waiting(List<String> lines, StatusReport report, int width) {
    report
        .schemaChange()
        .ifPresent(
            change ->
                lines.add(
                    style.yellow(
                        Columns.cut(
                            "the source's schema changed: "
                                + String.join("; ", change.changes())
                                + (change.approved()
                                    ? " (approved)"
                                    : " ('pgportage approve-ddl')"),
                            width))));
    report.channels().stream()
        .filter(channel -> channel.failingSince().isPresent())
        .forEach(
            channel ->
                lines.add(
                    style.yellow(
                        Columns.cut(
                            "nobody is told on "
                                + channel.name()
                                + ": "
                                + channel.failure().orElse(""),
                            width))));
  }

  private void checklist(List<String> lines, StatusReport report, int width) {
    if (isOver(report) || report.steps().isEmpty()) {
      return;
    }
    ProofSummary proofs = ProofSummary.of(report.proofs());
    boolean near = report.lagMillis().filter(millis -> millis < maxLag.toMillis()).isPresent();
    boolean ready = report.phase().equals("ready");
    lines.add("");
    lines.add(
        Columns.cut(
            "cutover:  %s loaded 100 %%   %s lag < %s   %s proven%s   %s ready"
                .formatted(
                    box(isLoaded(report) && !report.tables().isEmpty()),
                    box(near),
                    Figures.time(maxLag),
                    box(proofs.complete()),
                    proofs.complete() && !proofs.current() ? ", changing" : "",
                    box(ready && report.running() && report.schemaChange().isEmpty())),
            width));
  }

  private static String box(boolean ticked) {
    return ticked ? "[x]" : "[ ]";
  }
}
