package dev.pgportage.cli;

import dev.pgportage.state.ValidationResults.Result;
import java.util.List;
import java.util.Set;

/** Proofs for people: one line per table, and the sum. */
final class ValidationText {
  private final List<Result> results;
  private final Style style;

  ValidationText(List<Result> results, Style style) {
    this.results = results;
    this.style = style;
  }

  String render() {
    long rows = results.stream().mapToLong(Result::sourceRows).sum();
    long different = results.stream().filter(result -> !result.equal()).count();
    String verdict =
        different == 0
            ? style.green("Equal:")
                + " %s rows in %s tables are the same on both sides."
                    .formatted(Figures.count(rows), Figures.count(results.size()))
            : style.red("Different:")
                + " %s of %s tables; the keys are named above."
                    .formatted(Figures.count(different), Figures.count(results.size()));
    return table() + "\n" + verdict;
  }

  String table() {
    var table =
        new TextTable(
            Set.of(1, 2, 3, 4, 5),
            "table",
            "source rows",
            "target rows",
            "missing",
            "extra",
            "differing",
            "digest");
    for (Result result : results) {
      table.row(
          result.table().toString(),
          Figures.count(result.sourceRows()),
          Figures.count(result.targetRows()),
          Figures.count(result.missing()),
          Figures.count(result.extra()),
          Figures.count(result.differing()),
          result.equal() ? result.digest() : "DIFFERENT");
    }
    return table.render(style);
  }
}
