package dev.pgportage.cli;

import dev.pgportage.discovery.DiscoveryReport.Plan;
import dev.pgportage.discovery.DiscoveryReport.PlannedItem;
import dev.pgportage.discovery.DiscoveryReport.PlannedStream;
import dev.pgportage.discovery.DiscoveryReport.PlannedTable;
import dev.pgportage.discovery.Reading;
import java.util.List;
import java.util.Set;

/** The resolved object set and what is done with every entry of the schema, for a terminal. */
final class PlanText {
  private final Plan plan;
  private final Style style;

  PlanText(Plan plan, Style style) {
    this.plan = plan;
    this.style = style;
  }

  String render() {
    var tables = new TextTable(Set.of(), "table", "changes", "key");
    for (PlannedTable table : plan.tables()) {
      tables.row(
          table.name(),
          JsonOutput.word(table.replication()),
          table.key().isEmpty() ? "none" : String.join(", ", table.key()));
    }
    String sequences =
        plan.sequences().isEmpty()
            ? ""
            : "\n  sequences: " + String.join(", ", plan.sequences()) + "\n";
    return tables.render(style) + sequences + streams() + "\n" + schema();
  }

  private String streams() {
    var streams = new TextTable(Set.of(1), "slot", "tables", "which");
    for (PlannedStream stream : plan.streams()) {
      streams.row(
          stream.slot(),
          String.valueOf(stream.tables().size()),
          String.join(", ", stream.tables()));
    }
    return streams.isEmpty() ? "" : "\n" + streams.render(style);
  }

  private String schema() {
    return switch (plan.schema()) {
      case Reading.Known<List<PlannedItem>>(List<PlannedItem> items) -> table(items);
      case Reading.Unread<List<PlannedItem>> _ -> "  the schema could not be planned\n";
    };
  }

  private String table(List<PlannedItem> items) {
    var table = new TextTable(Set.of(), "object of the schema", "is", "when", "why");
    for (PlannedItem item : items) {
      table.row(
          item.object(),
          AssessmentText.decision(item.decision()),
          JsonOutput.word(item.stage()),
          item.reason());
    }
    return table.render(style);
  }
}
