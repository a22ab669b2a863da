package dev.pgportage.cli;

import dev.pgportage.discovery.Activity;
import dev.pgportage.discovery.DiscoveryReport;
import dev.pgportage.discovery.DiscoveryReport.Plan;
import dev.pgportage.discovery.DiscoveryReport.PlannedItem;
import dev.pgportage.discovery.ExtensionPair;
import dev.pgportage.discovery.Sizes;
import dev.pgportage.discovery.Sizes.TableSize;
import java.util.List;
import java.util.Locale;

/** The parts of a discovery's page about what the source holds. */
final class DiscoveryTables {
  private final DiscoveryReport report;

  DiscoveryTables(DiscoveryReport report) {
    this.report = report;
  }

  Html sizes() {
    Sizes sizes = report.sizes();
    String never =
        sizes.neverAnalyzed() == 0
            ? ""
            : " " + Figures.count(sizes.neverAnalyzed()) + " tables were never analyzed.";
    Html summary =
        Html.paragraph(
            "%s tables with about %s rows, %s indexes, large objects of %s.%s"
                .formatted(
                    Figures.count(sizes.tables()),
                    Figures.count(sizes.rows()),
                    Figures.count(sizes.indexCount()),
                    Figures.bytes(sizes.largeObjects()),
                    never));
    var total = new Html.Table("Everything that is carried", "", "#Size");
    total
        .row(Html.text("Rows (heap)"), Html.text(Figures.bytes(sizes.heap())))
        .row(Html.text("Large values kept apart (TOAST)"), Html.text(Figures.bytes(sizes.toast())))
        .row(Html.text("Indexes"), Html.text(Figures.bytes(sizes.indexes())));
    return Html.section(
        "size",
        "Size",
        sizes.largest().isEmpty()
            ? summary
            : summary.and(total.html()).and(legend()).and(largest(sizes.largest())));
  }

  private static Html largest(List<TableSize> sizes) {
    var table =
        new Html.Table(
            "The largest tables; the bars compare them with the largest one",
            "Table",
            "#Rows",
            "#All",
            "#Heap",
            "#TOAST",
            "#Indexes");
    for (TableSize size : sizes) {
      table.row(
          Html.name(size.table().toString()).and(bar(size, sizes.getFirst())),
          Html.text(size.rows() < 0 ? "?" : "~" + Figures.count(size.rows())),
          Html.text(Figures.bytes(size.total())),
          Html.text(Figures.bytes(size.heap())),
          Html.text(Figures.bytes(size.toast())),
          Html.text(Figures.bytes(size.indexes())));
    }
    return table.html();
  }

  private static Html legend() {
    return new Html(
        """
        <ul class="legend"><li><i class="heap"></i>heap</li><li><i class="toast"></i>TOAST</li>\
        <li><i class="index"></i>indexes</li></ul>
        """);
  }

  /** The figures stand beside it: whoever does not see it misses nothing. */
  private static Html bar(TableSize size, TableSize largest) {
    return new Html("<div class=\"bar\" aria-hidden=\"true\">")
        .and(piece("heap", size.heap(), largest))
        .and(piece("toast", size.toast(), largest))
        .and(piece("index", size.indexes(), largest))
        .and(new Html("</div>"));
  }

  private static Html piece(String kind, long bytes, TableSize largest) {
    double share = 100.0 * bytes / Math.max(1, largest.total());
    return bytes == 0
        ? new Html("")
        : new Html(
            String.format(Locale.ROOT, "<i class=\"%s\" style=\"width:%.2f%%\"></i>", kind, share));
  }

  Html activity() {
    Activity activity = report.activity();
    var rates =
        new Html.Table("Counted during " + Figures.time(activity.sample()), "", "#A second");
    rates
        .row(Html.text("Rows inserted"), rate(activity.inserted()))
        .row(Html.text("Rows updated"), rate(activity.updated()))
        .row(Html.text("Rows deleted"), rate(activity.deleted()))
        .row(Html.text("Commits"), rate(activity.commits()))
        .row(
            Html.text("WAL of the whole server"),
            DiscoveryPage.words(
                activity.walBytes(), bytes -> Figures.bytes(activity.perSecond(bytes))))
        .row(
            Html.text("WAL on average since the server counts it"),
            DiscoveryPage.words(
                activity.walAverage(), average -> Figures.bytes(average.bytesPerSecond())));
    var tables =
        new Html.Table("Tables written to meanwhile", "Table", "#Inserted", "#Updated", "#Deleted");
    activity.tables().stream()
        .limit(report.sizes().largest().size())
        .forEach(
            writes ->
                tables.row(
                    Html.name(writes.table().toString()),
                    Html.text(Figures.count(writes.inserted())),
                    Html.text(Figures.count(writes.updated())),
                    Html.text(Figures.count(writes.deleted()))));
    return Html.section(
        "activity",
        "Activity of the source",
        rates
            .html()
            .and(
                tables.isEmpty()
                    ? Html.paragraph("No table of the migration was written to.")
                    : tables.html()));
  }

  private Html rate(long number) {
    return Html.text(Figures.count(Math.round(report.activity().perSecond(number))));
  }

  Html extensions() {
    var table = new Html.Table("Versions on both sides", "Extension", "Source", "Target");
    for (ExtensionPair extension : report.extensions()) {
      boolean there = extension.installed().or(extension::offered).isPresent();
      table.row(
          Html.name(extension.name()),
          Html.text(extension.source()),
          Html.mark(there ? "good" : "warn", DiscoveryText.onTarget(extension)));
    }
    return Html.section(
        "extensions",
        "Extensions",
        table.isEmpty() ? Html.paragraph("The source has none.") : table.html());
  }

  Html features() {
    var table =
        new Html.Table(
            "What the source uses of PostgreSQL", "What", "#How many", "In a migration", "Such as");
    report
        .features()
        .forEach(
            feature ->
                table.row(
                    Html.text(feature.name()),
                    Html.text(Figures.count(feature.count())),
                    Html.text(feature.carried()),
                    names(feature.examples())));
    return Html.section("features", "Used on the source", table.html());
  }

  private static Html names(List<String> names) {
    Html all = new Html("");
    for (int i = 0; i < names.size(); i++) {
      all = all.and(Html.text(i == 0 ? "" : ", ")).and(Html.name(names.get(i)));
    }
    return all;
  }

  Html plan(Plan plan) {
    var tables = new Html.Table("Every table", "Table", "Changes", "Key");
    plan.tables()
        .forEach(
            table ->
                tables.row(
                    Html.name(table.name()),
                    Html.text(JsonOutput.word(table.replication())),
                    table.key().isEmpty() ? Html.text("none") : names(table.key())));
    Html sequences =
        plan.sequences().isEmpty()
            ? new Html("")
            : Html.element("p", Html.text("Sequences: ").and(names(plan.sequences())));
    var streams = new Html.Table("The streams of changes", "Slot", "Tables");
    plan.streams().forEach(stream -> streams.row(Html.name(stream.slot()), names(stream.tables())));
    return Html.section(
        "plan",
        "Plan",
        tables
            .html()
            .and(sequences)
            .and(plan.streams().isEmpty() ? new Html("") : streams.html())
            .and(plan.schema().known().map(DiscoveryTables::items).orElse(new Html(""))));
  }

  private static Html items(List<PlannedItem> items) {
    var table = new Html.Table("Every entry of the schema's dump", "Object", "Is", "When", "Why");
    items.forEach(
        item ->
            table.row(
                Html.name(item.object()),
                Html.text(AssessmentText.decision(item.decision())),
                Html.text(JsonOutput.word(item.stage())),
                Html.text(item.reason())));
    return table.html();
  }
}
