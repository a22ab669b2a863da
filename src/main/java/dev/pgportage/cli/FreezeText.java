package dev.pgportage.cli;

import dev.pgportage.cutover.CutoverReport;
import dev.pgportage.cutover.MoveReport;
import java.time.Duration;
import java.util.Set;

/** What a person is told of a freeze, whichever way the writes have moved. */
final class FreezeText {
  private FreezeText() {}

  /** The text. */
  static String of(String what, MoveReport move, Style style) {
    var phases = new TextTable(Set.of(1), "part of the freeze", "took");
    for (CutoverReport.Phase phase : move.phases()) {
      phases.row(phase.name(), Figures.time(Duration.ofMillis(phase.millis())));
    }
    return style.green(what)
        + " Writes were stopped for "
        + style.bold(Figures.time(Duration.ofMillis(move.freezeMillis())))
        + ".\n\n"
        + phases.render(style)
        + "\n  final LSN            "
        + move.finalLsn()
        + "\n  proven in the freeze "
        + Figures.count(move.tablesProven())
        + " tables, "
        + Figures.count(move.rowsProven())
        + " rows\n  sequences set        "
        + Figures.count(move.sequences())
        + "\n  copied again         "
        + (move.recopied().isEmpty() ? "nothing" : String.join(", ", move.recopied()))
        + move.problem().map(p -> "\n\n" + style.red("Not led there: ") + p).orElse("");
  }
}
