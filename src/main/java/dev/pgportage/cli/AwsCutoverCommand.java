package dev.pgportage.cli;

import dev.pgportage.MigrationException;
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
          + " start --again' lets DMS go on. Run again after it was killed, it opens the source, or"
          + " finishes what it had begun."
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
      return byStack(
          aws,
          AwsMigration.Deed.CUTOVER,
          new Asked("writes on the source " + settings.source() + " will be stopped", yes),
          "Nothing was stopped.",
          movedByStack(settings));
    }
    if (rehearses()) {
      aws.requireReady(settings.cutover().maxLag());
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
      AccompaniedCutover report = cutover(aws, migration, settings);
      return new MigrationCommand.Answer(0, report, text(report, settings));
    }
  }

  private AccompaniedCutover cutover(
      AwsMigration aws, Migration migration, MigrationConfig settings) {
    try {
      aws.requireReady(settings.cutover().maxLag());
    } catch (MigrationException e) {
      // A cutover that was killed may have stopped DMS, and left the source fenced.
      return settled(migration).orElseThrow(() -> e);
    }
    ask("writes on the source " + settings.source() + " will be stopped", yes);
    return migration.cutoverAfter(() -> aws.carryOut(AwsMigration.Deed.CUTOVER));
  }

  private Optional<AccompaniedCutover> settled(Migration migration) {
    try {
      return migration.settleCutover();
    } catch (MigrationException e) {
      shell()
          .err()
          .println(
              style().yellow("Note:")
                  + " whether an earlier cutover left the source read-only is not known: "
                  + e.what());
      return Optional.empty();
    }
  }

  private String movedByStack(MigrationConfig settings) {
    return style().green("Cut over.")
        + " The target is the database now: point the application at "
        + settings.target()
        + ".\nHow long writes were stopped is in the log (LogGroupName). "
        + (settings.cutover().reverse() == MigrationConfig.Cutover.Reverse.ON
            ? "Changes flow back: 'pgportage aws rollback' loses nothing. "
            : "")
        + "Later: 'pgportage aws delete'.";
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
    return new MigrationCommand.Answer(0, Map.of("moved", false), "Nothing was stopped.");
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
        + "."
        + report
            .problem()
            .map(problem -> "\n" + style().red("Not every client was led there:") + " " + problem)
            .orElse("")
        + "\nThe source stays as the fence left it. Later: 'pgportage aws delete'.";
  }
}
