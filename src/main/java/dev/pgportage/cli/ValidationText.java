package dev.pgportage.cli;

import dev.pgportage.state.ValidationResults.Result;
import dev.pgportage.validation.Comparison;
import dev.pgportage.validation.Comparison.Difference;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Comparisons for people: one line per table, the keys that differ, and the sum. */
final class ValidationText {
  private ValidationText() {}

  /** A validation as a whole. */
  static String of(List<Comparison> tables, Style style) {
    List<Comparison> different = tables.stream().filter(table -> !table.equal()).toList();
    long rows = tables.stream().mapToLong(table -> table.result().sourceRows()).sum();
    String verdict =
        different.isEmpty()
            ? style.green("Equal:")
                + " %s in %s are the same on both sides."
                    .formatted(Figures.number(rows, "row"), Figures.number(tables.size(), "table"))
            : style.red("Different:")
                + " %s of %s."
                    .formatted(
                        Figures.count(different.size()), Figures.number(tables.size(), "table"));
    return rows(tables, style) + "\n" + verdict;
  }

  /** One line per table and the keys that differ, without a verdict. */
  static String rows(List<Comparison> tables, Style style) {
    return table(tables.stream().map(Comparison::result).toList(), style)
        + tables.stream()
            .filter(table -> !table.equal())
            .map(ValidationText::keys)
            .collect(Collectors.joining());
  }

  /** One line per table. */
  static String table(List<Result> results, Style style) {
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

  private static String keys(Comparison table) {
    Result result = table.result();
    var text = new StringBuilder("\n").append(result.table());
    if (!table.keyColumns().isEmpty()) {
      text.append(" by ").append(String.join(", ", table.keyColumns()));
    }
    text.append('\n');
    for (Difference difference : table.listed()) {
      text.append("  %-9s  %s".formatted(JsonOutput.word(difference.kind()), difference.key()));
      if (!difference.columns().isEmpty()) {
        text.append("  in ").append(String.join(", ", difference.columns()));
      }
      text.append('\n');
    }
    long more = table.differences() - table.listed().size();
    if (table.listed().isEmpty()) {
      text.append("  ").append(Figures.number(more, "row")).append(", not named\n");
    } else if (more > 0) {
      text.append("  and ").append(Figures.count(more)).append(" more\n");
    }
    return text.toString();
  }
}
