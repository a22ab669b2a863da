package dev.pgportage.cli;

import dev.pgportage.cli.FleetStatusCommand.Row;
import java.time.Instant;
import java.util.List;

/**
 * Where the migrations of a fleet stand, as one page.
 *
 * @param rows one for each
 * @param at when they were asked
 */
record FleetPage(List<Row> rows, Instant at) {
  String render() {
    var table =
        new Html.Table(
            "Migrations",
            "Migration",
            "Group",
            "Phase",
            "#Loaded",
            "#Lag",
            "#WAL held",
            "Last proof",
            "Runs");
    for (Row row : rows) {
      table.row(
          Html.name(row.name()),
          Html.text(row.group()),
          Html.text(row.phase()),
          Html.text(row.loaded()),
          Html.text(row.lag()),
          Html.text(row.wal()),
          Html.text(row.proof()),
          Html.text(row.runs()));
    }
    return new HtmlPage(
            "Fleet",
            Figures.number(rows.size(), "migration") + ", as of " + Figures.moment(at) + ".",
            "It holds names of your databases, and no row.")
        .render(new Html(""), Html.section("migrations", "Migrations", table.html()));
  }
}
