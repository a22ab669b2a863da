package dev.pgportage.cli;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.workflow.StatusReport;
import dev.pgportage.workflow.StatusWatch;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgportage watch}. */
@Command(
    name = "watch",
    description = {
      "Shows where the migration stands, again and again: steps, load, lag, proofs, events. From any"
          + " machine, whoever runs it; changes nothing. Ctrl-C ends it, and not the migration.",
      "Where nobody watches a terminal, a plain line comes whenever something has changed (with"
          + " --output json: the result of status as one object a line). It ends by itself when the"
          + " migration is complete."
    },
    footer = {"", "Example:", "  pgportage watch --interval 5"})
final class WatchCommand implements Callable<Integer> {
  private static final List<String> COMPLETE = List.of("cut-over", "loaded", "rolled-back");

  private final Shell shell;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Mixin private final OutputOptions output = new OutputOptions();

  @Option(
      names = "--interval",
      paramLabel = "SECONDS",
      defaultValue = "1",
      description = "How often the state is read (${DEFAULT-VALUE}).")
  private int interval;

  WatchCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() {
    if (interval < 1) {
      throw new MigrationException(ErrorCode.USAGE, "--interval takes whole seconds, from 1 on");
    }
    MigrationConfig config = options.load(shell).config();
    try (var watch = new StatusWatch(config)) {
      // What cannot be read the first time is the user's to know at once.
      StatusReport first = watch.read();
      shell.stopBy(this::stop);
      boolean screen = shell.interactive() && !output.json();
      var text = new WatchText(screen ? shell.style() : Style.plain(), config.cutover().maxLag());
      shell.out().println(screen ? onScreen(watch, text, first) : asLines(watch, text, first));
      return MigrationCommand.DONE;
    } finally {
      ended.countDown();
    }
  }

  private void stop() {
    stopped.countDown();
    try {
      // The terminal is given back before the process goes.
      if (!ended.await(2, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String onScreen(StatusWatch watch, WatchText text, StatusReport first) {
    var size = new TerminalSize(shell.environment());
    StatusReport report = first;
    try (var screen = new Screen(shell.out())) {
      screen.draw(text.render(report, size.now()));
      while (!isComplete(report) && isGoingOn()) {
        try {
          report = watch.read();
          screen.draw(text.render(report, size.now()));
        } catch (MigrationException e) {
          requireKnown(e);
          screen.draw(List.of(shell.style().yellow("The target does not answer: " + e.code())));
        }
      }
    }
    return text.line(report);
  }

  private String asLines(StatusWatch watch, WatchText text, StatusReport first) {
    StatusReport report = first;
    String printed = "";
    while (true) {
      String line = output.json() ? JsonOutput.line(report) : text.line(report);
      if (isComplete(report)) {
        return line;
      }
      if (!line.equals(printed)) {
        String when = output.json() ? "" : Figures.moment(Instant.now()) + "  ";
        shell.out().println(when + line);
        printed = line;
      }
      if (!isGoingOn()) {
        return line;
      }
      try {
        report = watch.read();
      } catch (MigrationException e) {
        requireKnown(e);
        shell.err().println(Figures.moment(Instant.now()) + "  " + e.code());
      }
    }
  }

  /** A target that is away for a while is waited for; a migration that is gone is not. */
  private static void requireKnown(MigrationException failure) {
    if (failure.code() == ErrorCode.MIGRATION_UNKNOWN) {
      throw failure;
    }
  }

  private static boolean isComplete(StatusReport report) {
    return COMPLETE.contains(report.phase()) && !report.running();
  }

  private boolean isGoingOn() {
    try {
      return !stopped.await(interval, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
