package dev.pgportage.cli;

import dev.pgportage.pg.Lsn;
import dev.pgportage.state.ValidationResults.Result;
import dev.pgportage.validation.Comparison;
import dev.pgportage.validation.Comparison.Difference;
import java.util.List;

/**
 * What a comparison of rows found, as one page.
 *
 * @param title what was compared
 * @param summary when, and at which positions
 * @param equal whether nothing differs
 * @param findings what differs besides rows, each a sentence
 * @param tables one comparison per table
 */
record ProofPage(
    String title, String summary, boolean equal, List<String> findings, List<Comparison> tables) {

  String render() {
    Html verdict =
        Html.element("p", equal ? Html.mark("good", "Equal") : Html.mark("warn", "Different"));
    for (String finding : findings) {
      verdict = verdict.and(Html.paragraph(finding));
    }
    Html content = Html.section("tables", "Tables", compared());
    for (Comparison table : tables) {
      content = table.equal() ? content : content.and(rows(table));
    }
    boolean named = tables.stream().anyMatch(table -> !table.listed().isEmpty());
    String holds =
        named
            ? "It holds keys of rows that differ, and no other values."
            : "It holds names of your objects, and no row.";
    return new HtmlPage(title, summary, holds).render(verdict, content);
  }

  private Html compared() {
    var rows =
        new Html.Table(
            "Rows compared",
            "Table",
            "#Source rows",
            "#Target rows",
            "#Missing",
            "#Extra",
            "#Differing",
            "Digest",
            "LSN",
            "Read as of",
            "Finished");
    for (Comparison table : tables) {
      Result result = table.result();
      rows.row(
          Html.name(result.table().toString()),
          count(result.sourceRows()),
          count(result.targetRows()),
          count(result.missing()),
          count(result.extra()),
          count(result.differing()),
          result.equal() ? Html.code(result.digest()) : Html.mark("warn", "different"),
          Html.text(result.at().map(Lsn::toString).orElse("")),
          Html.text(Figures.moment(result.readAt())),
          Html.text(Figures.moment(result.finishedAt())));
    }
    return rows.isEmpty() ? Html.paragraph("There was no table to compare.") : rows.html();
  }

  private static Html rows(Comparison table) {
    String name = table.result().table().toString();
    var rows = new Html.Table("Rows that differ", "How", "Key", "Columns");
    for (Difference difference : table.listed()) {
      rows.row(
          Html.text(JsonOutput.word(difference.kind())),
          Html.name(difference.key()),
          Html.text(String.join(", ", difference.columns())));
    }
    long more = table.differences() - table.listed().size();
    String rest = Figures.count(more) + (table.listed().isEmpty() ? " rows" : " more rows");
    String by = String.join(", ", table.keyColumns());
    return Html.element(
        "section",
        Html.element("h2", Html.name(name))
            .and(by.isEmpty() ? Html.paragraph("Without a key") : Html.paragraph("By " + by))
            .and(rows.isEmpty() ? new Html("") : rows.html())
            .and(more == 0 ? new Html("") : Html.paragraph(rest + " differ, not listed.")));
  }

  private static Html count(long number) {
    return Html.text(Figures.count(number));
  }
}
