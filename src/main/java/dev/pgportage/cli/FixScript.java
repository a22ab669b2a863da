package dev.pgportage.cli;

import dev.pgportage.assess.AssessmentReport;
import dev.pgportage.assess.Finding;
import dev.pgportage.assess.Remedy;
import dev.pgportage.pg.Side;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** What mends an assessment's findings, as one script of SQL for each database. */
final class FixScript {
  private record Part(Finding finding, Remedy remedy) {}

  private final AssessmentReport report;

  FixScript(AssessmentReport report) {
    this.report = report;
  }

  /** Both scripts, the source's first; whoever runs them splits at the titles. */
  String render() {
    return script(Side.SOURCE, report.inventory().source().endpoint())
        + "\n"
        + script(Side.TARGET, report.inventory().target().endpoint());
  }

  private String script(Side side, String endpoint) {
    var parts = new ArrayList<Part>();
    for (Finding finding : report.findings()) {
      finding.remedies().stream()
          .filter(remedy -> remedy.side() == side)
          .forEach(remedy -> parts.add(new Part(finding, remedy)));
    }
    parts.sort(Comparator.comparing(part -> part.remedy().order()));
    var text = new StringBuilder("-- For the " + side + ", " + endpoint + "\n");
    String title = "";
    for (Part part : parts) {
      String next = title(part.finding());
      if (!next.equals(title)) {
        text.append('\n').append(comment(next));
        title = next;
      }
      statement(text, part.remedy());
    }
    byHand(text, side);
    return text.toString();
  }

  private static void statement(StringBuilder text, Remedy remedy) {
    if (!remedy.note().isEmpty()) {
      text.append(comment(remedy.note()));
    }
    text.append(remedy.sql()).append('\n');
    remedy.reverse().ifPresent(sql -> text.append(comment("undo: " + sql)));
  }

  private void byHand(StringBuilder text, Side side) {
    List<Finding> others =
        report.findings().stream()
            .filter(finding -> finding.side() == side && finding.remedies().isEmpty())
            .filter(finding -> !finding.fix().startsWith("Nothing to do"))
            .toList();
    if (!others.isEmpty()) {
      text.append("\n-- What no statement does:\n");
      others.forEach(finding -> text.append(comment(title(finding) + ": " + finding.fix())));
    }
  }

  private static String title(Finding finding) {
    return JsonOutput.word(finding.severity()) + ", " + finding.check() + ": " + finding.what();
  }

  /** A comment, whatever line breaks names hold. */
  private static String comment(String text) {
    return text.lines().collect(Collectors.joining("\n-- ", "-- ", "\n"));
  }
}
