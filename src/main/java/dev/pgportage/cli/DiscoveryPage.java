package dev.pgportage.cli;

import dev.pgportage.discovery.DiscoveryReport;
import dev.pgportage.discovery.Estimates;
import dev.pgportage.discovery.Parameter;
import dev.pgportage.discovery.Reading;
import dev.pgportage.discovery.ServerFacts;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** What a discovery found, as one page. */
final class DiscoveryPage {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("d MMMM uuuu, HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final DiscoveryReport report;

  DiscoveryPage(DiscoveryReport report) {
    this.report = report;
  }

  String render() {
    return new HtmlPage(
            "Discovery of " + report.migration(),
            TIME.format(report.takenAt())
                + ", in "
                + Figures.time(report.took())
                + ". Nothing was changed on either side.",
            "It holds names of your objects, and no row.")
        .render(navigation().and(cards()), content());
  }

  private Html content() {
    var details = new DiscoveryTables(report);
    Html all =
        servers()
            .and(estimates())
            .and(details.sizes())
            .and(details.activity())
            .and(settings())
            .and(details.extensions())
            .and(details.features());
    Html withPlan = report.plan().map(details::plan).map(all::and).orElse(all);
    return withPlan.and(unreadable());
  }

  private Html navigation() {
    Html links = new Html("<nav aria-label=\"Parts of this page\">");
    for (String part :
        List.of("Servers", "Estimates", "Size", "Activity", "Settings", "Extensions", "Features")) {
      links = links.and(link(part));
    }
    return (report.plan().isPresent() ? links.and(link("Plan")) : links)
        .and(link("Unreadable"))
        .and(new Html("</nav>\n"));
  }

  private static Html link(String part) {
    return new Html("<a href=\"#%s\">%s</a>".formatted(part.toLowerCase(Locale.ROOT), part));
  }

  private Html cards() {
    Estimates estimates = report.estimates();
    Html cards = new Html("<ul class=\"cards\">\n");
    for (Estimates.Time time : List.of(estimates.times().getFirst(), estimates.times().getLast())) {
      cards = cards.and(card(words(time.span(), DiscoveryText::span), time.part() + ", estimated"));
    }
    long differing = report.parameters(Parameter.Outcome.DIFFERS).size();
    return cards
        .and(
            card(
                Html.text(Figures.bytes(report.sizes().copied() + report.sizes().indexes())),
                "to carry, indexes included"))
        .and(
            card(
                words(report.activity().walRate(), rate -> Figures.bytes(rate) + "/s"),
                "WAL of the source"))
        .and(
            card(
                words(estimates.room().get(1).bytes(), Figures::bytes),
                estimates.room().get(1).what()))
        .and(card(Html.text(differing + " of " + report.parameters().size()), "settings differ"))
        .and(new Html("</ul>\n"));
  }

  private static Html card(Html figure, String what) {
    return new Html(
        "<li><b>%s</b><span>%s</span></li>\n".formatted(figure.markup(), Html.text(what).markup()));
  }

  private Html servers() {
    var table = new Html.Table("Both servers side by side", "", "Source", "Target");
    row(table, "Endpoint", server -> Html.name(server.endpoint()));
    row(table, "Server", server -> Html.text(server.provider() + " " + server.version()));
    row(table, "Role", server -> Html.name(server.role()));
    row(table, "Encoding", server -> Html.text(server.encoding()));
    row(table, "Collation", server -> Html.text(server.collation()));
    row(table, "Standby", server -> Html.text(server.standby() ? "yes" : "no"));
    row(table, "Running since", server -> Html.text(TIME.format(server.startedAt())));
    row(table, "Database", server -> words(server.databaseBytes(), Figures::bytes));
    row(table, "Connections", DiscoveryPage::connections);
    return Html.section("servers", "Servers", table.html());
  }

  private void row(Html.Table table, String name, Function<ServerFacts, Html> value) {
    table.row(Html.text(name), value.apply(report.source()), value.apply(report.target()));
  }

  private static Html connections(ServerFacts server) {
    var connections = server.connections();
    return Html.text(
            "%d of %d, %d free; active: "
                .formatted(connections.open(), connections.most(), connections.free()))
        .and(words(connections.active(), String::valueOf));
  }

  private Html estimates() {
    Estimates estimates = report.estimates();
    var times = new Html.Table("How long", "Part", "Estimate", "How it was estimated");
    estimates
        .times()
        .forEach(
            time ->
                times.row(
                    Html.text(time.part()),
                    words(time.span(), DiscoveryText::span),
                    Html.text(time.how())));
    var room = new Html.Table("How much room", "Where", "#Estimate", "How it was estimated");
    estimates
        .room()
        .forEach(
            need ->
                room.row(
                    Html.text(need.what()),
                    words(need.bytes(), Figures::bytes),
                    Html.text(need.how())));
    var jobs = new Html.Table("How many at once", "Setting", "#Suggested", "#Now", "Why");
    estimates
        .jobs()
        .forEach(
            job ->
                jobs.row(
                    Html.code(job.setting()),
                    Html.text(Integer.toString(job.value())),
                    Html.text(Integer.toString(job.now())),
                    Html.text(job.how())));
    return Html.section("estimates", "Estimates", times.html().and(room.html()).and(jobs.html()));
  }

  private Html settings() {
    var differing =
        settings("As a new session of the migration's role gets them", Parameter.Outcome.DIFFERS);
    var equal = settings("The same on both sides", Parameter.Outcome.EQUAL);
    Html first =
        differing.isEmpty()
            ? Html.paragraph("No setting that was compared differs.")
            : differing.html();
    return Html.section(
        "settings",
        "Settings that differ",
        first.and(
            Html.folded(
                "The %d that are equal"
                    .formatted(report.parameters(Parameter.Outcome.EQUAL).size()),
                equal.html())));
  }

  private Html.Table settings(String caption, Parameter.Outcome outcome) {
    var table =
        new Html.Table(caption, "Setting", "About", "Source", "Target", "What a difference means");
    for (Parameter parameter : report.parameters(outcome)) {
      table.row(
          Html.code(parameter.name()),
          Html.text(parameter.group()),
          words(parameter.source(), DiscoveryText::quoted),
          words(parameter.target(), DiscoveryText::quoted),
          Html.text(parameter.why()));
    }
    return table;
  }

  private Html unreadable() {
    var table =
        new Html.Table(
            "Nothing was guessed in their place", "What", "Why", "What makes it readable");
    Unreadable.of(report)
        .forEach(
            figure ->
                table.row(
                    Html.text(figure.what()), Html.text(figure.why()), Html.code(figure.remedy())));
    return Html.section(
        "unreadable",
        "Could not be read",
        table.isEmpty() ? Html.paragraph("Everything could be read.") : table.html());
  }

  static <T> Html words(Reading<T> reading, Function<T, String> words) {
    return switch (reading) {
      case Reading.Known<T>(T value) -> Html.text(words.apply(value));
      case Reading.Unread<T> _ -> Html.mark("warn", "not readable");
    };
  }
}
