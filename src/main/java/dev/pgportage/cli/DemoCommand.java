package dev.pgportage.cli;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.demo.Demo;
import dev.pgportage.demo.DemoReport;
import dev.pgportage.telemetry.Monitor;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgportage demo}. */
@Command(
    name = "demo",
    description = {
      "Shows the whole journey on this machine: two embedded PostgreSQL servers, a shop whose"
          + " application writes all the time, a migration under it, a cutover, and a count of what"
          + " arrived that pgportage's own validation has no part in.",
      "Takes under two minutes and leaves nothing behind. Needs pg_dump."
    },
    footer = {"", "Example:", "  pgportage demo --target-version 17"})
final class DemoCommand implements Callable<Integer> {
  private final Shell shell;

  @Mixin private final OutputOptions output = new OutputOptions();

  @Option(
      names = "--target-version",
      paramLabel = "MAJOR",
      defaultValue = "18",
      description = "The target's PostgreSQL, 15 to 18 (${DEFAULT-VALUE}); the source is 15.")
  private int targetVersion;

  @Option(names = "--no-ui", description = "Serve no dashboard.")
  private boolean noUi;

  @Option(
      names = "--by-hand",
      description = "At READY, wait until you cut over on the dashboard; Ctrl-C ends it.")
  private boolean byHand;

  private Optional<Served> served = Optional.empty();

  DemoCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() {
    if (byHand && noUi) {
      throw new MigrationException(
          ErrorCode.USAGE,
          "Without a dashboard nobody can cut over by hand",
          "Leave out --no-ui or --by-hand.",
          null);
    }
    Demo.Options usual = Demo.Options.usual();
    var options = new Demo.Options(targetVersion, usual.scale(), usual.writers(), byHand);
    DemoReport report;
    try (var view = new ProgressView(shell, shell.interactive() && !output.json())) {
      var demo = new Demo(options, view, config -> show(config, view));
      shell.stopBy(demo::stop);
      report = demo.run();
    } finally {
      served.ifPresent(Served::close);
    }
    int status = report.kept() ? MigrationCommand.DONE : MigrationCommand.FINDINGS;
    shell.out().println(output.json() ? JsonOutput.result("demo", status, report) : text(report));
    return status;
  }

  private Monitor show(MigrationConfig config, ProgressView view) {
    Served shown = noUi ? Served.nowhere(view) : Served.by(config, view, Optional.empty(), shell);
    served = Optional.of(shown);
    view.follow(config);
    return shown.monitor();
  }

  private String text(DemoReport report) {
    var tables =
        new TextTable(Set.of(1, 2), "table", "rows on source", "rows on target", "all rows");
    for (DemoReport.Table table : report.tables()) {
      tables.row(
          table.name(),
          Figures.count(table.sourceRows()),
          Figures.count(table.targetRows()),
          table.equal() ? "equal" : "DIFFERENT");
    }
    var text = new StringBuilder(tables.render(shell.style()));
    line(text, "servers", report.servers());
    line(text, "freeze", Figures.time(report.freeze()) + " without writes, by pgportage's clock");
    line(text, "longest pause", Figures.time(report.longestPause()) + " seen by the application");
    line(
        text,
        "transactions",
        Figures.count(report.beforeCutover())
            + " acknowledged by the source, "
            + Figures.count(report.afterCutover())
            + " by the target since");
    line(text, "transactions lost", Figures.count(report.lost()));
    report.applicationErrors().forEach(error -> line(text, "application error", error));
    line(
        text,
        "left behind",
        report.left().isEmpty() ? "nothing" : String.join(", ", report.left()));
    line(text, "took", Figures.time(report.took()));
    return text.append('\n')
        .append(
            report.kept()
                ? shell.style().green("Everything arrived.")
                : shell.style().red("Something is wrong: see above."))
        .toString();
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append(String.format(java.util.Locale.ROOT, "%n  %-18s %s", name, value));
  }
}
