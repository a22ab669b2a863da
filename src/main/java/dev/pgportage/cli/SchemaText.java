package dev.pgportage.cli;

import dev.pgportage.schema.SchemaItem;
import dev.pgportage.workflow.SchemaReport;
import java.util.List;
import java.util.stream.Collectors;

/** What became of a schema, for people: what is not simply made as it is, by what is done. */
final class SchemaText {
  private static final int NAMED = 20;

  private final SchemaReport report;
  private final Style style;

  SchemaText(SchemaReport report, Style style) {
    this.report = report;
    this.style = style;
  }

  /**
   * The text.
   *
   * @param all whether every object is named
   */
  String render(boolean all) {
    return report.yours() ? yours(all) : made(all);
  }

  private String yours(boolean all) {
    return section("Stays", SchemaItem.Decision.SKIP, all)
        + section("Taken off before rows come", SchemaItem.Decision.REWRITE, all)
        + section("Brought back", SchemaItem.Decision.DEFER, all)
        + "Nothing was made: the schema is yours (schema.mode). Next: pgportage migrate";
  }

  private String made(boolean all) {
    return section("Left out", SchemaItem.Decision.SKIP, all)
        + section("Made otherwise", SchemaItem.Decision.REWRITE, all)
        + section("Made later", SchemaItem.Decision.DEFER, all)
        + style.green("Made.")
        + " %s objects by this run, %s by earlier ones.%s"
            .formatted(
                Figures.count(report.made()),
                Figures.count(report.before()),
                report.postData() ? "" : " Next: pgportage migrate");
  }

  private String section(String title, SchemaItem.Decision decision, boolean all) {
    List<SchemaItem> items =
        report.notable().stream().filter(item -> item.decision() == decision).toList();
    if (items.isEmpty()) {
      return "";
    }
    int named = all ? items.size() : Math.min(NAMED, items.size());
    int more = items.size() - named;
    return style.bold(title)
        + "\n"
        + items.stream()
            .limit(named)
            .map(item -> "  " + item + ": " + item.reason() + "\n")
            .collect(Collectors.joining())
        + (more > 0 ? "  and " + Figures.count(more) + " more (--all)\n" : "")
        + "\n";
  }
}
