package dev.pgportage.cli;

import static java.util.stream.Collectors.joining;

import dev.pgportage.state.StepLog;
import dev.pgportage.state.ValidationResults.Result;
import dev.pgportage.telemetry.Event;
import dev.pgportage.workflow.StatusReport;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
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
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());
  private static final int MOST_TABLES = 6;
  private static final int BAR = 20;
  private static final Duration MAX_LAG = Duration.ofSeconds(5);

  private final Style style;
  private final RateWindow rows = new RateWindow();
  private final RateWindow applied = new RateWindow();

  WatchText(Style style) {
    this.style = style;
  }

  /** The lines for a screen of that size, as of now. */
  List<String> render(StatusReport report, Screen.Size size) {
    long now = System.nanoTime();
    rows.add(now, (double) loadedRows(report));
    report.applied().ifPresent(all -> applied.add(now, (double) changes(all)));
    var lines = new ArrayList<String>();
    int width = size.columns();
    lines.add(style.bold(cut(head(report), width)));
    lines.add(style.dim(cut(who(report), width)));
    lines.add("");
    steps(lines, report, width);
    load(lines, report, width);
    replication(lines, report, width);
    proofs(lines, report, width);
    waiting(lines, report, width);
    checklist(lines, report, width);
    events(lines, report, size);
    return lines.size() <= size.rows() ? lines : lines.subList(0, size.rows());
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
        + report.replication().map(r -> "  lag " + Figures.bytes(r.lagBytes())).orElse("")
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
        + CLOCK.format(Instant.now());
  }

  private void steps(List<String> lines, StatusReport report, int width) {
    var line = new StringBuilder();
    int used = 0;
    for (StepLog.Step step : report.steps()) {
      String item = sign(step.status()) + " " + step.name() + took(step);
      if (used > 0 && used + 2 + item.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
        used = 0;
      }
      line.append(used == 0 ? "" : "  ").append(colored(step.status(), cut(item, width)));
      used += (used == 0 ? 0 : 2) + item.length();
    }
    if (used > 0) {
      lines.add(line.toString());
    }
    report.steps().stream()
        .filter(step -> step.error().isPresent())
        .forEach(
            step ->
                lines.add(
                    style.red(cut(step.name() + ": " + flat(step.error().orElseThrow()), width))));
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
    long planned = report.tables().stream().mapToLong(StatusReport.TableLoad::plannedRows).sum();
    long done = loadedRows(report);
    long copied = report.tables().stream().filter(table -> table.state().equals("copied")).count();
    double rate = rows.perSecond();
    String left =
        rate <= 0 || planned <= done
            ? ""
            : ", " + Figures.time(Duration.ofSeconds((long) ((planned - done) / rate))) + " left";
    double share =
        isLoaded(report) ? 1 : planned == 0 ? 0 : Math.min(0.99, (double) done / planned);
    return "load %s  %s of ~%s rows, %s/s%s  %d of %d tables"
        .formatted(
            Figures.percent(share),
            Figures.count(done),
            Figures.count(planned),
            Figures.count(Math.round(Math.max(0, rate))),
            left,
            copied,
            report.tables().size());
  }

  private void load(List<String> lines, StatusReport report, int width) {
    if (report.tables().isEmpty()) {
      return;
    }
    lines.add("");
    lines.add(cut(loadSummary(report), width));
    report.tables().stream()
        .filter(table -> !table.state().equals("copied"))
        .sorted(
            Comparator.comparing((StatusReport.TableLoad table) -> table.state())
                .thenComparing(
                    Comparator.comparingLong(StatusReport.TableLoad::plannedBytes).reversed()))
        .limit(MOST_TABLES)
        .forEach(table -> lines.add(cut("  " + tableLine(table), width)));
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
                  cut(
                      "lag %s  applied %s  source keeps %s of WAL (%s)"
                          .formatted(
                              Figures.bytes(r.lagBytes()),
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
                    cut(
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
        .ifPresent(problem -> lines.add(style.yellow(cut("source: " + flat(problem), width))));
  }

  private static String proofSummary(StatusReport report) {
    long equal = report.validation().stream().filter(Result::equal).count();
    long rows = report.validation().stream().mapToLong(Result::sourceRows).sum();
    return "proven %d of %d tables, %s rows"
        .formatted(equal, report.validation().size(), Figures.count(rows));
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
    comparing(report).ifPresent(text -> lines.add(cut(text, width)));
    if (report.validation().isEmpty()) {
      return;
    }
    lines.add(cut(proofSummary(report), width));
    String different =
        report.validation().stream()
            .filter(result -> !result.equal())
            .map(result -> result.table().toString())
            .collect(joining(", "));
    if (!different.isEmpty()) {
      lines.add(style.red(cut("DIFFERENT: " + different, width)));
    }
  }

  private void waiting(List<String> lines, StatusReport report, int width) {
    report
        .schemaChange()
        .ifPresent(
            change ->
                lines.add(
                    style.yellow(
                        cut(
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
                        cut(
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
    boolean proven =
        !report.validation().isEmpty() && report.validation().stream().allMatch(Result::equal);
    boolean near =
        report
            .replication()
            .filter(r -> r.lagBytes() < 16 << 20)
            .filter(r -> r.appliedAt().isAfter(Instant.now().minus(MAX_LAG.multipliedBy(6))))
            .isPresent();
    boolean ready = report.phase().equals("ready");
    lines.add("");
    lines.add(
        cut(
            "cutover:  %s loaded 100 %%   %s lag small   %s proven   %s ready"
                .formatted(
                    box(isLoaded(report) && !report.tables().isEmpty()),
                    box(near),
                    box(proven),
                    box(ready)),
            width));
  }

  private static String box(boolean ticked) {
    return ticked ? "[x]" : "[ ]";
  }

  private void events(List<String> lines, StatusReport report, Screen.Size size) {
    int room = size.rows() - lines.size() - 2;
    List<Event> events = report.recentEvents();
    if (room < 1 || events.isEmpty()) {
      return;
    }
    lines.add("");
    for (Event event : events.subList(Math.max(0, events.size() - room), events.size())) {
      String text = cut(CLOCK.format(event.at()) + "  " + flat(event.message()), size.columns());
      lines.add(
          switch (event.level()) {
            case INFO -> text;
            case WARNING -> style.yellow(text);
            case ERROR -> style.red(text);
          });
    }
  }

  private static String flat(String text) {
    return text.replaceAll("\\p{Cntrl}+\\s*", " ");
  }

  private static String cut(String text, int width) {
    return text.codePointCount(0, text.length()) <= width
        ? text
        : text.substring(0, text.offsetByCodePoints(0, Math.max(0, width - 1))) + "…";
  }
}
