package dev.pgportage.cli;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.validation.Comparison;
import dev.pgportage.validation.Repaired;
import dev.pgportage.workflow.Resumed;
import dev.pgportage.workflow.ValidationReport;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a validation found, for people.
 *
 * @param report all of it
 * @param tables its tables, as they are to be told
 * @param recopied what is copied again in the freeze, as it is to be told
 */
record ValidationAnswer(
    ValidationReport report, List<Comparison> tables, List<Comparison> recopied) {

  String text(Style style) {
    var text = new StringBuilder();
    report.repair().ifPresent(repair -> text.append(repaired()).append('\n'));
    text.append(ValidationText.of(tables, style)).append('\n').append(moment());
    for (String finding : findings()) {
      text.append('\n').append(style.red(finding));
    }
    for (String note : notes()) {
      text.append('\n').append(note);
    }
    return text.toString();
  }

  ProofPage page() {
    var all = new ArrayList<>(tables);
    all.addAll(recopied);
    String at = moment();
    String more = notes().stream().map(note -> " " + note).collect(Collectors.joining());
    return new ProofPage(
        "Validation of " + report.migration(), at + more, report.equal(), findings(), all);
  }

  private String moment() {
    String at =
        report
            .at()
            .map(lsn -> "Both sides were read at " + lsn + " of the source")
            .orElse("Nobody wrote to the source meanwhile");
    return at
        + report
            .readAt()
            .source()
            .flatMap(
                source ->
                    report
                        .readAt()
                        .target()
                        .map(
                            target ->
                                ": the source as of %s, the target as of %s"
                                    .formatted(Figures.moment(source), Figures.moment(target))))
            .orElse("")
        + ".";
  }

  private String repaired() {
    return report
        .repair()
        .map(
            repair ->
                repair.tables().stream()
                        .map(ValidationAnswer::line)
                        .collect(Collectors.joining("", "Repaired:\n", ""))
                    + "What takes it back: %s on %s\n".formatted(repair.undo(), repair.host()))
        .orElse("");
  }

  private static String line(Repaired table) {
    return "  %s: %s removed, %s added\n"
        .formatted(
            table.table(),
            Figures.number(table.removed(), "row"),
            Figures.number(table.added(), "row"));
  }

  private List<String> findings() {
    List<QualifiedName> moved = report.movedSequences();
    return moved.isEmpty()
        ? List.of()
        : List.of(
            moved.stream()
                .map(QualifiedName::toString)
                .collect(
                    Collectors.joining(
                        ", ",
                        "Sequences of the target that somebody used or set since they were set: ",
                        ". They are set again by --repair, and by the cutover.")));
  }

  private static String wentOn(Resumed from) {
    String kept =
        from.tables() == 0
            ? ""
            : " %s of %s had been proven by it, have not changed since, and were not read again."
                .formatted(
                    Figures.number(from.tables(), "table"), Figures.number(from.rows(), "row"));
    String continued =
        from.continued().isEmpty()
            ? ""
            : " Read on from where it ended: " + String.join(", ", from.continued()) + ".";
    return "Went on with the validation of %s, which was ended.%s%s --restart reads everything."
        .formatted(Figures.moment(from.begunAt()), kept, continued);
  }

  private List<String> notes() {
    var notes = new ArrayList<String>();
    report.resumed().ifPresent(from -> notes.add(wentOn(from)));
    if (report.leftOut() > 0) {
      notes.add(
          "Left out: "
              + Figures.number(report.leftOut(), "row")
              + " that changed at the very moment, because the source had no free replication slot."
              + " 'pgportage validate --unproven' compares them.");
    }
    if (report.sequences() > 0) {
      notes.add(
          Figures.number(report.sequences(), "sequence")
              + " of the target: where set, ahead of the source's.");
    }
    for (Comparison table : recopied) {
      notes.add(
          table.result().table()
              + (table.equal()
                  ? " is the same on both sides now, and is copied again in the freeze."
                  : " has changed since it was copied, and is copied again in the freeze ("
                      + Figures.number(table.differences(), "difference")
                      + " now)."));
    }
    return notes;
  }
}
