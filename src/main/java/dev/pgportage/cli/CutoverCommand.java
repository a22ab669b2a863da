package dev.pgportage.cli;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.MigrationFile;
import dev.pgportage.cutover.CutoverReport;
import dev.pgportage.cutover.RehearsalReport;
import dev.pgportage.workflow.Migration;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage cutover}. */
@Command(
    name = "cutover",
    description = {
      "Moves the writes: stops them on the source, applies the last change, sets sequences, proves"
          + " every row once more, and opens the target. The freeze is measured.",
      "If anything fails before the target is open, the source is writable again."
    },
    footer = {"", "Example:", "  pgportage cutover --yes"})
final class CutoverCommand extends MigrationCommand {
  @Option(names = "--yes", description = "Do not ask before the writes are stopped.")
  private boolean yes;

  @Option(
      names = "--rehearse",
      description =
          "Stop nobody: say what would be in the way, and about how long writes would be stopped,"
              + " part by part. Exit status 3 if it would fail.")
  private boolean rehearse;

  @Option(
      names = "--auto",
      description =
          "Wait until everything is favourable (small lag, nothing in the way, no change of the"
              + " schema that waits, the time of day), then cut over.")
  private boolean auto;

  @Option(
      names = "--quiet-for",
      paramLabel = "TIME",
      defaultValue = "1min",
      description =
          "With --auto: how long the lag must have been small; by default ${DEFAULT-VALUE}.")
  private String quietFor = "1min";

  @Option(
      names = "--between",
      paramLabel = "HH:MM-HH:MM",
      description = "With --auto: the time of day it may begin in, by this machine's time zone.")
  private @Nullable String between;

  @Option(
      names = "--give-up-after",
      paramLabel = "TIME",
      defaultValue = "1d",
      description = "With --auto: how long is waited at most; by default ${DEFAULT-VALUE}.")
  private String giveUpAfter = "1d";

  CutoverCommand(Shell shell) {
    super(shell, "cutover");
  }

  @Override
  void confirm(MigrationConfig config) {
    if (rehearse && auto) {
      throw new MigrationException(
          ErrorCode.USAGE, "--rehearse stops nobody, so it does not go with --auto");
    }
    if (!rehearse) {
      ask("writes on the source " + config.source() + " will be stopped", yes);
    }
  }

  @Override
  Answer answer(MigrationConfig config, Migration migration) {
    if (rehearse) {
      return rehearsed(migration.rehearse());
    }
    CutoverReport report = auto ? whenFavourable(migration) : migration.cutover();
    String text =
        FreezeText.of("Cut over.", report, style())
            + "\n\nThe target is the database now: point the application at "
            + config.target()
            + (report.reversible()
                ? ".\nThe source stays read-only; 'pgportage migrate' keeps it in step, so that"
                    + " 'pgportage rollback' loses nothing. When you need no way back: 'pgportage"
                    + " cleanup'."
                : ".\nThe source stays read-only. Later: 'pgportage cleanup'.");
    return new Answer(
        report.problem().isPresent() ? FAILED : DONE, report, text + "\n" + record(migration));
  }

  private CutoverReport whenFavourable(Migration migration) {
    Optional<LocalTime> from = Optional.empty();
    Optional<LocalTime> to = Optional.empty();
    if (between != null) {
      String[] parts = between.split("-", 2);
      from = Optional.of(time(parts[0]));
      to = Optional.of(time(parts.length == 2 ? parts[1] : ""));
    }
    return migration.cutoverWhen(
        duration("--quiet-for", quietFor),
        from,
        to,
        ZoneId.systemDefault(),
        duration("--give-up-after", giveUpAfter));
  }

  private static LocalTime time(String text) {
    try {
      return LocalTime.parse(text.strip());
    } catch (DateTimeParseException e) {
      throw new MigrationException(
          ErrorCode.USAGE, "--between takes two times of day, such as 02:00-04:30", e);
    }
  }

  private static Duration duration(String option, String text) {
    return MigrationFile.duration(text)
        .orElseThrow(
            () ->
                new MigrationException(
                    ErrorCode.USAGE, option + " takes a time with its unit: ms, s, min, h, d"));
  }

  private Answer rehearsed(RehearsalReport report) {
    if (!report.obstacles().isEmpty()) {
      String text =
          style().red("A cutover would fail.") + "\n  " + String.join("\n  ", report.obstacles());
      return new Answer(FINDINGS, report, text);
    }
    var parts = new TextTable(Set.of(1), "part of the freeze", "about", "how");
    for (RehearsalReport.Part part : report.parts()) {
      parts.row(part.name(), Figures.time(Duration.ofMillis(part.millis())), part.how());
    }
    String text =
        style().green("Nothing is in the way.")
            + " Writes would be stopped for about "
            + style().bold(Figures.time(Duration.ofMillis(report.freezeMillis())))
            + ". Nobody was stopped for this.\n\n"
            + parts.render(style());
    return new Answer(DONE, report, text);
  }
}
