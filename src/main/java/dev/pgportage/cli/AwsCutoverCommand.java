package dev.pgportage.cli;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.aws.AwsMigration;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.workflow.AccompaniedCutover;
import dev.pgportage.workflow.Migration;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage aws cutover}. */
@Command(
    name = "cutover",
    description = {
      "Moves the writes where AWS DMS has carried the rows: stops them on the source, lets the stack's"
          + " workflow wait for the last change and stop DMS, sets the sequences, compares every row of"
          + " both databases, and makes foreign keys, triggers and what else DMS leaves out.",
      "If anything fails before the target is opened, the source is writable again, and 'pgportage aws"
          + " start' lets DMS go on."
    },
    footer = {"", "Example:", "  pgportage aws cutover --yes"})
final class AwsCutoverCommand extends AwsStackCommand {
  @Option(names = "--yes", description = "Do not ask before the writes are stopped.")
  private boolean yes;

  AwsCutoverCommand(Shell shell) {
    super(shell, "aws cutover");
  }

  @Override
  boolean needsConfig() {
    return true;
  }

  @Override
  MigrationCommand.Answer answer(AwsMigration aws, String stack, Optional<MigrationConfig> config) {
    MigrationConfig settings = config.orElseThrow();
    if (!aws.usesDms()) {
      throw new MigrationException(
          ErrorCode.USAGE,
          "The stack " + stack + " has no DMS task: pgportage itself carries the rows there",
          "Use 'pgportage cutover'.",
          null);
    }
    aws.requireReady(settings.cutover().maxLag());
    ask("writes on the source " + settings.source() + " will be stopped", yes);
    try (var view = new ProgressView(shell(), shell().interactive() && !json())) {
      var migration = new Migration(settings, view);
      shell()
          .stopBy(
              () -> {
                migration.stop();
                aws.stop();
              });
      AccompaniedCutover report = migration.cutoverAfter(aws::drain);
      return new MigrationCommand.Answer(0, report, text(report, settings));
    }
  }

  private String text(AccompaniedCutover report, MigrationConfig config) {
    return style().green("Cut over.")
        + " Writes were stopped for "
        + style().bold(Figures.time(Duration.ofMillis(report.freezeMillis())))
        + ".\n"
        + "  proven          "
        + Figures.count(report.tablesProven())
        + " tables, "
        + Figures.count(report.rowsProven())
        + " rows\n  sequences set   "
        + Figures.count(report.sequences())
        + "\n\nThe target is the database now: point the application at "
        + config.target()
        + ".\nThe source stays as the fence left it. Later: 'pgportage aws delete'.";
  }
}
