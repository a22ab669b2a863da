package dev.pgportage.cli;

import dev.pgportage.aws.AwsMigration;
import dev.pgportage.aws.AwsStatus;
import dev.pgportage.config.MigrationConfig;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage aws status}. */
@Command(
    name = "status",
    description =
        "Tells how the stack, its workflow, the replication task, its tables and their validation"
            + " stand.",
    footer = {"", "Example:", "  pgportage aws status --output json"})
final class AwsStatusCommand extends AwsStackCommand {
  private static final int SHOWN = 20;

  @Option(names = "--all", description = "List every table, not only the first twenty.")
  private boolean all;

  AwsStatusCommand(Shell shell) {
    super(shell, "aws status", false);
  }

  @Override
  MigrationCommand.Answer answer(AwsMigration aws, String stack, Optional<MigrationConfig> config) {
    AwsStatus status = aws.status();
    return new MigrationCommand.Answer(0, status, text(status));
  }

  private String text(AwsStatus status) {
    var text = new StringBuilder();
    line(text, "stack", status.stack() + "  " + status.stackStatus());
    status.workflow().ifPresent(execution -> add(text, execution));
    status.task().ifPresent(task -> add(text, task));
    status.service().ifPresent(service -> add(text, service));
    for (AwsStatus.Link link : status.links()) {
      line(text, link.name(), link.url());
    }
    for (String hint : status.hints()) {
      text.append(style().yellow("Note:")).append(' ').append(hint).append('\n');
    }
    return text.toString().stripTrailing();
  }

  private void add(StringBuilder text, AwsStatus.Execution execution) {
    line(
        text,
        "workflow",
        execution.status()
            + execution.state().map(state -> ", in '" + state + "'").orElse("")
            + ", since "
            + Figures.moment(execution.startedAt()));
    execution.error().ifPresent(error -> line(text, "", style().red(error)));
  }

  private void add(StringBuilder text, AwsStatus.Task task) {
    line(
        text,
        "task",
        task.status()
            + ", full load "
            + task.fullLoadPercent()
            + " %"
            + task.stopReason().map(reason -> ", " + reason).orElse(""));
    if (task.sourceLatencySeconds().isPresent() || task.targetLatencySeconds().isPresent()) {
      line(
          text,
          "latency",
          "source "
              + seconds(task.sourceLatencySeconds())
              + ", target "
              + seconds(task.targetLatencySeconds()));
    }
    if (!task.tables().isEmpty()) {
      addTables(text, task);
    }
  }

  private static void add(StringBuilder text, AwsStatus.Service service) {
    line(
        text,
        "service",
        service.status()
            + ", "
            + service.running()
            + " of "
            + service.desired()
            + " tasks run"
            + (service.pending() > 0 ? ", " + service.pending() + " begin" : ""));
    service.event().ifPresent(event -> line(text, "", event));
    service
        .fullLoadPercent()
        .ifPresent(
            percent -> line(text, "full load", String.format(Locale.ROOT, "%.0f %%", percent)));
    service.lagSeconds().ifPresent(lag -> line(text, "latency", seconds(Optional.of(lag))));
  }

  private void addTables(StringBuilder text, AwsStatus.Task task) {
    var table =
        new TextTable(
            Set.of(2, 3, 5, 6),
            "table",
            "state",
            "loaded",
            "changes",
            "validation",
            "pending",
            "differ");
    task.tables().stream()
        .sorted((a, b) -> Boolean.compare(b.isWrong(), a.isWrong()))
        .limit(all ? Long.MAX_VALUE : SHOWN)
        .forEach(
            row ->
                table.row(
                    row.schema() + "." + row.name(),
                    row.state(),
                    Figures.count(row.loadedRows()),
                    Figures.count(row.changes()),
                    row.validation(),
                    Figures.count(row.pending()),
                    Figures.count(row.failed())));
    text.append(table.render(style()));
    if (!all && task.tables().size() > SHOWN) {
      text.append("  and ").append(task.tables().size() - SHOWN).append(" more (--all)\n");
    }
  }

  private static String seconds(Optional<Double> seconds) {
    return seconds.map(s -> String.format(Locale.ROOT, "%.0f s", s)).orElse("unknown");
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append(String.format("  %-12s %s%n", name, value));
  }
}
