package dev.pgportage.cli;

import dev.pgportage.discovery.Activity;
import dev.pgportage.discovery.DiscoveryReport;
import dev.pgportage.discovery.Estimates;
import dev.pgportage.discovery.ExtensionPair;
import dev.pgportage.discovery.Feature;
import dev.pgportage.discovery.Parameter;
import dev.pgportage.discovery.Reading;
import dev.pgportage.discovery.ServerFacts;
import dev.pgportage.discovery.Sizes;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What a discovery found, for a terminal: the summary, and what to look at. */
final class DiscoveryText {
  private static final int LARGEST = 10;
  private static final int WIDTH = 90;

  private final DiscoveryReport report;
  private final Style style;

  DiscoveryText(DiscoveryReport report, Style style) {
    this.report = report;
    this.style = style;
  }

  String render() {
    return servers()
        + title("Size")
        + size()
        + title("Activity of the source")
        + activity()
        + title("Estimates")
        + estimates()
        + title("Settings that differ")
        + parameters()
        + title("Extensions")
        + extensions()
        + title("Used on the source")
        + features()
        + report.plan().map(plan -> title("Plan") + new PlanText(plan, style).render()).orElse("")
        + unread()
        + "\n"
        + style.dim(
            "Nothing was changed on either side. Took " + Figures.time(report.took()) + ".");
  }

  private String title(String text) {
    return "\n" + style.bold(text) + "\n";
  }

  private String servers() {
    var table = new TextTable(Set.of(), "", "source", "target");
    row(table, "endpoint", ServerFacts::endpoint);
    row(table, "server", server -> server.provider() + " " + server.version());
    row(table, "role", ServerFacts::role);
    row(table, "encoding", ServerFacts::encoding);
    row(table, "collation", ServerFacts::collation);
    row(table, "standby", server -> server.standby() ? "yes" : "no");
    row(table, "database", server -> words(server.databaseBytes(), Figures::bytes));
    row(table, "connections", server -> connections(server.connections()));
    return table.render(style);
  }

  private void row(TextTable table, String name, Function<ServerFacts, String> value) {
    table.row(name, value.apply(report.source()), value.apply(report.target()));
  }

  private static String connections(ServerFacts.Connections connections) {
    return "%d of %d (%s active), %d free"
        .formatted(
            connections.open(),
            connections.most(),
            words(connections.active(), String::valueOf),
            connections.free());
  }

  private String size() {
    Sizes sizes = report.sizes();
    String never =
        sizes.neverAnalyzed() == 0
            ? ""
            : " (" + Figures.count(sizes.neverAnalyzed()) + " tables were never analyzed)";
    var table =
        new TextTable(Set.of(1, 2, 3, 4, 5), "table", "rows", "all", "heap", "TOAST", "indexes");
    sizes.largest().stream()
        .limit(LARGEST)
        .forEach(
            size ->
                table.row(
                    size.table().toString(),
                    size.rows() < 0 ? "?" : "~" + Figures.count(size.rows()),
                    Figures.bytes(size.total()),
                    Figures.bytes(size.heap()),
                    Figures.bytes(size.toast()),
                    Figures.bytes(size.indexes())));
    return "  %s tables, about %s rows%s: heap %s, TOAST %s, %s indexes %s, large objects %s\n"
            .formatted(
                Figures.count(sizes.tables()),
                Figures.count(sizes.rows()),
                never,
                Figures.bytes(sizes.heap()),
                Figures.bytes(sizes.toast()),
                Figures.count(sizes.indexCount()),
                Figures.bytes(sizes.indexes()),
                Figures.bytes(sizes.largeObjects()))
        + (table.isEmpty() ? "" : table.render(style));
  }

  private String activity() {
    Activity activity = report.activity();
    var table = new TextTable(Set.of(1, 2, 3), "written to", "inserted", "updated", "deleted");
    activity.tables().stream()
        .limit(LARGEST)
        .forEach(
            writes ->
                table.row(
                    writes.table().toString(),
                    Figures.count(writes.inserted()),
                    Figures.count(writes.updated()),
                    Figures.count(writes.deleted())));
    return "  in %s: %s rows/s (inserted %s, updated %s, deleted %s), %s commits/s, WAL %s, %s\n"
            .formatted(
                Figures.time(activity.sample()),
                rate(activity.inserted() + activity.updated() + activity.deleted()),
                rate(activity.inserted()),
                rate(activity.updated()),
                rate(activity.deleted()),
                rate(activity.commits()),
                words(activity.walBytes(), b -> Figures.bytes(activity.perSecond(b)) + "/s"),
                words(
                    activity.walAverage(),
                    average ->
                        Figures.bytes(average.bytesPerSecond())
                            + "/s on average since "
                            + average.since()))
        + (table.isEmpty() ? "" : table.render(style));
  }

  private String rate(long number) {
    return Figures.count(Math.round(report.activity().perSecond(number)));
  }

  private String estimates() {
    var text = new StringBuilder();
    for (Estimates.Time time : report.estimates().times()) {
      text.append(estimate(time.part(), words(time.span(), DiscoveryText::span), time.how()));
    }
    for (Estimates.Room room : report.estimates().room()) {
      text.append(estimate(room.what(), words(room.bytes(), Figures::bytes), room.how()));
    }
    for (Estimates.Jobs jobs : report.estimates().jobs()) {
      text.append(estimate(jobs.setting(), jobs.value() + " (now " + jobs.now() + ")", jobs.how()));
    }
    return text.toString();
  }

  private String estimate(String name, String value, String how) {
    return "  " + name + ": " + style.bold(value) + "\n" + (how.isEmpty() ? "" : wrapped(how));
  }

  /** A long sentence in lines of a terminal's width. */
  private String wrapped(String sentence) {
    var lines = new StringBuilder();
    var line = new StringBuilder();
    for (String word : sentence.split(" ", -1)) {
      if (line.length() + word.length() > WIDTH) {
        lines.append("    ").append(style.dim(line.toString().strip())).append('\n');
        line.setLength(0);
      }
      line.append(word).append(' ');
    }
    return lines + "    " + style.dim(line.toString().strip()) + "\n";
  }

  static String span(Estimates.Span span) {
    return Figures.time(span.from()) + " to " + Figures.time(span.to());
  }

  private String parameters() {
    List<Parameter> differing = report.parameters(Parameter.Outcome.DIFFERS);
    var table = new TextTable(Set.of(), "setting", "source", "target", "means");
    differing.forEach(
        parameter ->
            table.row(
                parameter.name(),
                words(parameter.source(), DiscoveryText::quoted),
                words(parameter.target(), DiscoveryText::quoted),
                parameter.why()));
    return "  %d of %d compared; the others are equal or could not be read\n"
            .formatted(differing.size(), report.parameters().size())
        + (table.isEmpty() ? "" : table.render(style));
  }

  static String quoted(String value) {
    return value.isEmpty() ? "''" : value;
  }

  private String extensions() {
    var table = new TextTable(Set.of(), "extension", "source", "target");
    for (ExtensionPair extension : report.extensions()) {
      table.row(extension.name(), extension.source(), onTarget(extension));
    }
    return table.isEmpty() ? "  none\n" : table.render(style);
  }

  static String onTarget(ExtensionPair extension) {
    return extension
        .installed()
        .map(version -> version + " installed")
        .or(() -> extension.offered().map(version -> version + " offered"))
        .orElse("not offered");
  }

  private String features() {
    var table = new TextTable(Set.of(1), "what", "how many", "in a migration");
    for (Feature feature : report.features()) {
      table.row(feature.name(), Figures.count(feature.count()), feature.carried());
    }
    return table.isEmpty() ? "  nothing\n" : table.render(style);
  }

  private String unread() {
    List<Unreadable> all = Unreadable.of(report);
    return all.isEmpty()
        ? ""
        : title("Could not be read")
            + all.stream()
                .map(u -> "  " + u.what() + ": " + u.why() + "\n    " + u.remedy() + "\n")
                .collect(Collectors.joining());
  }

  private static <T> String words(Reading<T> reading, Function<T, String> words) {
    return switch (reading) {
      case Reading.Known<T>(T value) -> words.apply(value);
      case Reading.Unread<T> _ -> "not readable";
    };
  }
}
