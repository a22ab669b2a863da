package dev.pgportage.cli;

import dev.pgportage.cutover.CutoverReport;
import dev.pgportage.workflow.MigrationReport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The record of a fleet, as one page that leads to the record of each migration.
 *
 * @param rows one for each
 * @param at when they were read
 */
record FleetRecord(List<Row> rows, Instant at) {
  /**
   * One migration.
   *
   * @param name its name
   * @param group its group; empty for none
   * @param phase where it stands, or why that could not be read
   * @param report its record
   * @param file the page of its record, beside this one
   */
  record Row(
      String name, String group, String phase, Optional<MigrationReport> report, String file) {}

  String render() {
    var table =
        new Html.Table(
            "Migrations",
            "Migration",
            "Group",
            "Phase",
            "#Tables proven",
            "#Rows",
            "#Differences",
            "#Freeze",
            "From the beginning",
            "Record");
    rows.forEach(row -> add(table, row));
    long rowsRead = known().mapToLong(FleetReportCommand::rows).sum();
    long differences = known().mapToLong(FleetReportCommand::differences).sum();
    String summary =
        "%s, %s compared, %s. Read at %s."
            .formatted(
                Figures.number(rows.size(), "migration"),
                Figures.number(rowsRead, "row"),
                differences == 0 ? "none different" : Figures.count(differences) + " different",
                Figures.moment(at));
    return new HtmlPage(
            "Fleet", summary, "It holds names of your databases and figures, and no row.")
        .render(new Html(""), Html.section("migrations", "Migrations", table.html()));
  }

  private java.util.stream.Stream<MigrationReport> known() {
    return rows.stream().flatMap(row -> row.report().stream());
  }

  private static void add(Html.Table table, Row row) {
    Optional<MigrationReport> report = row.report();
    Optional<CutoverReport> cutover = report.flatMap(MigrationReport::cutover);
    long proven =
        report.stream()
            .flatMap(r -> r.status().validation().stream())
            .filter(result -> result.equal())
            .count();
    table.row(
        Html.name(row.name()),
        Html.text(row.group()),
        report.isPresent() ? Html.text(row.phase()) : Html.mark("warn", row.phase()),
        Html.text(report.isPresent() ? Figures.count(proven) : ""),
        Html.text(report.map(r -> Figures.count(FleetReportCommand.rows(r))).orElse("")),
        Html.text(report.map(r -> Figures.count(FleetReportCommand.differences(r))).orElse("")),
        Html.text(cutover.map(c -> Figures.time(Duration.ofMillis(c.freezeMillis()))).orElse("")),
        Html.text(report.map(r -> Figures.moment(r.history().createdAt())).orElse("")),
        row.file().isEmpty() ? Html.text("") : Html.link(row.file(), "record"));
  }
}
