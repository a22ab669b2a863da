package dev.pgportage.cli;

import dev.pgportage.schema.SchemaDiff.Line;
import dev.pgportage.schema.SchemaDiff.Report;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A comparison of two schemas for people: what nothing explains first, then the rest by reason. */
final class SchemaDiffText {
  private static final int NAMED = 5;

  private final Report report;
  private final Style style;

  SchemaDiffText(Report report, Style style) {
    this.report = report;
    this.style = style;
  }

  /**
   * The text.
   *
   * @param all whether every explained difference is named
   */
  String render(boolean all) {
    var text = new StringBuilder();
    text.append(
        "Source  PostgreSQL %s, %s objects%n"
            .formatted(report.source(), Figures.count(report.sourceObjects())));
    text.append(
        "Target  PostgreSQL %s, %s objects%n"
            .formatted(report.target(), Figures.count(report.targetObjects())));
    report.unexplained().forEach(line -> text.append('\n').append(unexplained(line)));
    if (!report.explained().isEmpty()) {
      text.append("\nMeant to differ\n");
      byReason().forEach((reason, lines) -> text.append(explained(reason, lines, all)));
    }
    return text.append('\n').append(verdict()).toString();
  }

  private String unexplained(Line line) {
    String object = style.red(line.object());
    return switch (line.kind()) {
      case MISSING -> object + " is missing on the target\n" + definition("source", line.source());
      case EXTRA -> object + " is on the target only\n" + definition("target", line.target());
      case DIFFERENT ->
          object
              + " differs\n"
              + definition("source", line.source())
              + definition("target", line.target());
    };
  }

  private static String definition(String side, String text) {
    return text.isBlank()
        ? ""
        : "  " + side + "  " + text.strip().replace("\n", "\n          ") + "\n";
  }

  private Map<String, List<Line>> byReason() {
    return report.explained().stream()
        .collect(Collectors.groupingBy(Line::reason, TreeMap::new, Collectors.toList()));
  }

  private static String explained(String reason, List<Line> lines, boolean all) {
    int named = all ? lines.size() : Math.min(NAMED, lines.size());
    String names =
        lines.stream().limit(named).map(Line::object).collect(Collectors.joining("\n    "));
    int more = lines.size() - named;
    return "  %s\n    %s%s\n"
        .formatted(
            reason, names, more > 0 ? "\n    and " + Figures.count(more) + " more (--all)" : "");
  }

  private String verdict() {
    int explained = report.explained().size();
    String meant =
        explained == 0 ? "" : " (%s meant to differ)".formatted(Figures.count(explained));
    return report.equal()
        ? style.green("Equal" + meant + ".")
        : style.red(
            "%s unexplained%s.".formatted(Figures.count(report.unexplained().size()), meant));
  }
}
