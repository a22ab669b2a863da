package dev.pgportage.cli;

import dev.pgportage.aws.AwsMigration;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.workflow.AccompaniedCutover;
import dev.pgportage.workflow.Migration;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage aws cutover}. */
@Command(
    name = "cutover",
    description = {
      "Moves the writes. Where AWS DMS has carried the rows: stops them on the source, lets the"
          + " stack's workflow wait for the last change and stop DMS, sets the sequences, compares"
          + " every row of both databases, and makes foreign keys, triggers and what else DMS leaves"
          + " out. Where pgportage carries them in the stack: lets it cut over there.",
      "If anything fails before the target is opened, the source is writable again, and 'pgportage aws"
          + " start --again' lets DMS go on."
    },
    footer = {"", "Example:", "  pgportage aws cutover --yes"})
final class AwsCutoverCommand extends AwsStackCommand {
  @Option(names = "--yes", description = "Do not ask before the writes are stopped.")
  private boolean yes;

  AwsCutoverCommand(Shell shell) {
    super(shell, "aws cutover", true);
  }

  @Override
  MigrationCommand.Answer answer(AwsMigration aws, String stack, Optional<MigrationConfig> config) {
    MigrationConfig settings = config.orElseThrow();
    if (!aws.usesDms()) {
      return byStack(aws, settings);
    }
    aws.requireReady(settings.cutover().maxLag());
    ask("writes on the source " + settings.source() + " will be stopped", yes);
    if (rehearses()) {
      return rehearsed(aws, settings);
    }
    try (var view = new ProgressView(shell(), shell().interactive() && !json())) {
      var migration = new Migration(settings, view);
      shell()
          .stopBy(
              () -> {
                migration.stop();
                aws.stop();
              });
      AccompaniedCutover report =
          migration.cutoverAfter(() -> aws.carryOut(AwsMigration.Deed.CUTOVER));
      return new MigrationCommand.Answer(0, report, text(report, settings));
    }
  }

  private MigrationCommand.Answer byStack(AwsMigration aws, MigrationConfig settings) {
    ask("writes on the source " + settings.source() + " will be stopped", yes);
    aws.carryOut(AwsMigration.Deed.CUTOVER);
    return new MigrationCommand.Answer(
        0,
        Map.of("stopped", !rehearses()),
        rehearses()
            ? "Nothing was stopped."
            : style().green("Cut over.")
                + " The target is the database now: point the application at "
                + settings.target()
                + ".\nHow long writes were stopped is in the log (LogGroupName). "
                + (settings.cutover().reverse() == MigrationConfig.Cutover.Reverse.ON
                    ? "Changes flow back: 'pgportage aws rollback' loses nothing. "
                    : "")
                + "Later: 'pgportage aws delete'.");
  }

  /** Everything a cutover would do, in its order. */
  private MigrationCommand.Answer rehearsed(AwsMigration aws, MigrationConfig settings) {
    boolean managed = settings.schema().mode() == MigrationConfig.Schema.Mode.MANAGED;
    tellWould(
        "stop writes on "
            + settings.source()
            + " (cutover.fence: "
            + settings.cutover().fence().name().toLowerCase(Locale.ROOT)
            + ")");
    aws.carryOut(AwsMigration.Deed.CUTOVER);
    tellWould("compare every row of " + settings.source() + " and " + settings.target());
    tellWould(
        "set every sequence on the target, "
            + settings.cutover().sequenceHeadroom()
            + " ahead of the source's");
    tellWould(
        managed
            ? "make foreign keys, triggers, views and row security on the target"
            : "leave the target's schema to you (schema.mode)");
    return new MigrationCommand.Answer(0, Map.of("stopped", false), "Nothing was stopped.");
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
