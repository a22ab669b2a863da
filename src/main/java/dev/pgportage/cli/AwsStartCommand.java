package dev.pgportage.cli;

import dev.pgportage.aws.AwsMigration;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.workflow.SchemaReport;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage aws start}. */
@Command(
    name = "start",
    description = {
      "Starts the stack's workflow with the stack's own input; one that runs already, or has come to"
          + " its end, is not started again.",
      "Before that, where the migration's settings are at hand and schema.mode is managed, the tables"
          + " are made on the target with their keys and indexes, which AWS DMS does not do."
    },
    footer = {"", "Example:", "  pgportage aws start --follow"})
final class AwsStartCommand extends AwsStackCommand {
  @Option(
      names = "--follow",
      description = "Watch until the workflow has ended; Ctrl-C ends only the watching.")
  private boolean follow;

  @Option(names = "--again", description = "Start it though it has come to its end.")
  private boolean again;

  @Option(names = "--no-schema", description = "Leave the target's schema as it is.")
  private boolean noSchema;

  AwsStartCommand(Shell shell) {
    super(shell, "aws start", false);
  }

  @Override
  MigrationCommand.Answer answer(AwsMigration aws, String stack, Optional<MigrationConfig> config) {
    if (!noSchema && aws.usesDms() && !aws.hasStarted()) {
      config
          .filter(c -> c.schema().mode() == MigrationConfig.Schema.Mode.MANAGED)
          .ifPresent(this::makeTables);
    }
    AwsMigration.Started started = aws.start(again);
    started.hints().forEach(hint -> shell().err().println(style().yellow("Note:") + " " + hint));
    if (follow && !rehearses()) {
      aws.follow(started.execution());
      return new MigrationCommand.Answer(
          0,
          started,
          style().green("The workflow has come to its end.") + " Next: pgportage aws status");
    }
    String text =
        started.begun()
            ? style().green("Started:") + " " + started.execution()
            : rehearses() ? "Nothing was started." : "Not started again: " + started.execution();
    return new MigrationCommand.Answer(
        0, started, text + "\nIt goes on by itself. See 'pgportage aws status'.");
  }

  private void makeTables(MigrationConfig config) {
    if (rehearses()) {
      shell().err().println("would make the tables with keys and indexes on " + config.target());
      return;
    }
    SchemaReport report = MigrationCommand.quietly(config).makeTables();
    shell()
        .err()
        .println(
            "Schema: "
                + Figures.number(report.made(), "object")
                + " made on the target, "
                + report.before()
                + " were there; triggers and foreign keys follow at the cutover");
  }
}
