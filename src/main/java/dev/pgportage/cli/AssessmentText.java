package dev.pgportage.cli;

import dev.pgportage.assess.AssessmentReport;
import dev.pgportage.assess.AssessmentReport.Outcome;
import dev.pgportage.assess.AssessmentReport.Status;
import dev.pgportage.assess.Finding;
import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.assess.Inventory;
import dev.pgportage.schema.SchemaItem.Decision;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** An assessment for people: the databases, the checks, and each finding with what to do. */
final class AssessmentText {
  private static final int NAMED_OBJECTS = 10;

  private final AssessmentReport report;
  private final Style style;

  AssessmentText(AssessmentReport report, Style style) {
    this.report = report;
    this.style = style;
  }

  /**
   * The text.
   *
   * @param objects whether every table, sequence and notable object of the schema is listed
   * @param checks whether every check is listed, with how it ended
   */
  String render(boolean objects, boolean checks) {
    return inventory(report.inventory())
        + (objects ? "\n" + objects(report.inventory()) : "")
        + checks()
        + (checks ? "\n" + outcomes() : "")
        + report.findings().stream().map(this::finding).collect(Collectors.joining())
        + "\n"
        + verdict();
  }

  private String inventory(Inventory inventory) {
    return "Source  "
        + server(inventory.source())
        + "Target  "
        + server(inventory.target())
        + "Objects %s tables, %s, %s; %s sequences; %s large objects\n"
            .formatted(
                Figures.count(inventory.tables().size()),
                rows(inventory),
                Figures.bytes(inventory.bytes()),
                Figures.count(inventory.sequences().size()),
                Figures.count(inventory.largeObjects()))
        + schema(inventory.schema());
  }

  /** The planner knows nothing of tables never analyzed: none is not the same as unknown. */
  private static String rows(Inventory inventory) {
    long unknown = inventory.tables().stream().filter(t -> t.rows() < 0 && t.bytes() > 0).count();
    String known = "about " + Figures.count(inventory.rows()) + " rows";
    return unknown == 0
        ? known
        : known + " (" + Figures.count(unknown) + " tables were never analyzed)";
  }

  /** Of the schema, how much is not simply made as the source has it. */
  private static String schema(List<Inventory.Planned> schema) {
    Map<Decision, Long> counts =
        schema.stream()
            .collect(
                Collectors.groupingBy(
                    Inventory.Planned::decision, TreeMap::new, Collectors.counting()));
    return counts.isEmpty()
        ? ""
        : counts.entrySet().stream()
            .map(e -> Figures.count(e.getValue()) + " " + decision(e.getKey()))
            .collect(
                Collectors.joining(
                    ", ", "Schema  not simply made as it is: ", " (list: --objects)\n"));
  }

  static String decision(Decision decision) {
    return switch (decision) {
      case APPLY -> "made as it is";
      case REWRITE -> "made otherwise";
      case DEFER -> "made later";
      case SKIP -> "left out";
      case BLOCK -> "blocked";
    };
  }

  private static String server(Inventory.Server server) {
    return "%s  %s %s, %s, as %s\n"
        .formatted(
            server.endpoint(),
            server.provider(),
            server.version(),
            server.encoding(),
            server.role());
  }

  private String objects(Inventory inventory) {
    var tables = new TextTable(Set.of(3, 4), "table", "changes", "key", "rows", "size");
    for (Inventory.Item table : inventory.tables()) {
      tables.row(
          table.name(),
          JsonOutput.word(table.replication()),
          table.key().isEmpty() ? "none" : String.join(", ", table.key()),
          table.rows() < 0 ? "?" : "~" + Figures.count(table.rows()),
          Figures.bytes(table.bytes()));
    }
    String sequences =
        inventory.sequences().isEmpty()
            ? ""
            : "\n  sequences: " + String.join(", ", inventory.sequences()) + "\n";
    var schema = new TextTable(Set.of(), "object of the schema", "is", "when", "why");
    for (Inventory.Planned planned : inventory.schema()) {
      schema.row(
          planned.object(),
          decision(planned.decision()),
          JsonOutput.word(planned.stage()),
          planned.reason());
    }
    return tables.render(style) + sequences + (schema.isEmpty() ? "" : "\n" + schema.render(style));
  }

  /** How many checks ended how. */
  private String checks() {
    Map<Status, Long> counts =
        report.outcomes().stream()
            .collect(
                Collectors.groupingBy(
                    Outcome::status, () -> new EnumMap<>(Status.class), Collectors.counting()));
    return counts.entrySet().stream()
        .map(e -> Figures.count(e.getValue()) + " " + status(e.getKey()))
        .collect(Collectors.joining(", ", "Checks  ", " (list: --checks)\n"));
  }

  private static String status(Status status) {
    return switch (status) {
      case PASSED -> "passed";
      case FOUND -> "found something";
      case UNKNOWN -> "could not look";
      case SKIPPED -> "do not apply";
    };
  }

  private String outcomes() {
    var table = new TextTable(Set.of(), "check", "database", "outcome");
    for (Outcome outcome : report.outcomes()) {
      table.row(outcome.title(), outcome.side().toString(), outcome(outcome));
    }
    return table.render(Style.plain());
  }

  private String outcome(Outcome outcome) {
    return switch (outcome.status()) {
      case PASSED -> style.green("passed");
      case FOUND -> severity(worst(outcome));
      case UNKNOWN -> style.red("unknown");
      case SKIPPED ->
          style.dim("skipped" + (outcome.note().isEmpty() ? "" : ": " + outcome.note()));
    };
  }

  private Severity worst(Outcome outcome) {
    return report.findings().stream()
        .filter(f -> f.check().equals(outcome.check()) && f.side() == outcome.side())
        .map(Finding::severity)
        .min(Severity::compareTo)
        .orElse(Severity.INFORMS);
  }

  private String severity(Severity severity) {
    return switch (severity) {
      case BLOCKS -> style.red("blocks");
      case WARNS -> style.yellow("warns");
      case INFORMS -> "informs";
    };
  }

  private String finding(Finding finding) {
    List<String> objects = finding.objects();
    String more =
        objects.size() > NAMED_OBJECTS ? " and " + (objects.size() - NAMED_OBJECTS) + " more" : "";
    String named =
        objects.isEmpty()
            ? ""
            : "  objects: "
                + objects.stream().limit(NAMED_OBJECTS).collect(Collectors.joining(", "))
                + more
                + "\n";
    return "\n"
        + severity(finding.severity())
        + "  "
        + style.bold(finding.title())
        + " ("
        + finding.check()
        + ", "
        + finding.side()
        + ")\n"
        + indented("", finding.what())
        + named
        + indented("why: ", finding.why())
        + indented("fix: ", finding.fix());
  }

  private static String indented(String label, String text) {
    return text.isBlank()
        ? ""
        : text.strip()
            .lines()
            .collect(Collectors.joining("\n  " + " ".repeat(label.length()), "  " + label, "\n"));
  }

  private String verdict() {
    long warnings = report.findings().stream().filter(f -> f.severity() == Severity.WARNS).count();
    boolean unknown = report.outcomes().stream().anyMatch(o -> o.status() == Status.UNKNOWN);
    if (report.blocks()) {
      return style.red("Blocked:")
          + " %d findings must be resolved before the migration can start."
              .formatted(report.blocking().size());
    }
    return style.green("Nothing blocks.")
        + (warnings == 0 ? "" : " %d warnings to decide on.".formatted(warnings))
        + (unknown ? " Some checks could not look." : "")
        + " Next: pgportage migrate";
  }
}
