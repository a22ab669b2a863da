package dev.pgportage.cli;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.Lag;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.telemetry.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Shows a migration while it runs: events as they come, and below them what is drawn again and
 * again on a terminal: one line, or where {@link #follow} says so all that {@code watch} shows.
 * Where nobody watches the line is printed every few seconds. Thread-safe.
 */
final class ProgressView implements Monitor, AutoCloseable {
  private static final Duration REDRAW = Duration.ofMillis(200);
  private static final Duration PRINT = Duration.ofSeconds(5);
  private static final String STEP_EVENT = "step.";
  private static final Set<String> NO_STEPS = Set.of("step.failed", "step.retry");
  private static final String REST_OF_SCREEN = "\u001b[J";

  /** So many of the newest events stay in sight above the panel. */
  private static final int EVENTS_IN_SIGHT = 3;

  /** A line for log collectors. */
  private record Told(Instant timestamp, Event.Level level, String kind, String message) {}

  private final Shell shell;
  private final boolean live;
  private final TerminalSize size;
  private final ProgressLine line = new ProgressLine();
  private final ScheduledExecutorService ticker;
  private String printed = "";
  private Optional<StatusPanel> panel = Optional.empty();
  private int drawn;
  private boolean closed;

  /** How large the terminal was at the last tick: nobody who has news waits for measuring it. */
  private Screen.Size screen;

  /**
   * Begins to show.
   *
   * @param live whether a line may be drawn over itself
   */
  ProgressView(Shell shell, boolean live) {
    this.shell = shell;
    this.live = live && !LogSetup.json();
    this.size = new TerminalSize(shell.environment());
    this.screen = this.live ? size.now() : Screen.Size.USUAL;
    if (this.live) {
      LogSetup.printBy(this::print);
    }
    this.ticker =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("progress").daemon().factory());
    Duration period = this.live ? REDRAW : PRINT;
    var _ =
        ticker.scheduleAtFixedRate(
            this::tick, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** From now on shows on a terminal all that can be read of a migration. */
  synchronized void follow(MigrationConfig config) {
    if (live && panel.isEmpty()) {
      panel = Optional.of(new StatusPanel(config, shell.style()));
    }
  }

  @Override
  public synchronized void event(Event event) {
    if (event.kind().startsWith(STEP_EVENT) && !NO_STEPS.contains(event.kind())) {
      line.step(event.kind().substring(STEP_EVENT.length()), System.nanoTime());
    }
    if (LogSetup.json()) {
      shell
          .err()
          .println(
              JsonOutput.line(new Told(event.at(), event.level(), event.kind(), event.message())));
      return;
    }
    Style style = shell.style();
    // Names of objects may hold what a terminal obeys.
    String text = Columns.flat(event.message());
    String message =
        switch (event.level()) {
          case INFO -> text;
          case WARNING -> style.yellow("Warning:") + " " + text;
          case ERROR -> style.red("Error:") + " " + text;
        };
    print(style.dim(Figures.clock(event.at())) + " " + message + "\n");
  }

  /** Prints whole lines above what is drawn. */
  private synchronized void print(String lines) {
    shell.err().print(live && !closed ? erasing() + lines + drawing() : lines);
    shell.err().flush();
  }

  @Override
  public synchronized void loading(QualifiedName table, Progress.Reading total) {
    line.loading(table, total, System.nanoTime());
  }

  @Override
  public synchronized void validating(
      QualifiedName table, Progress.Reading ofTable, Progress.Reading total) {
    line.validating(table, ofTable, total, System.nanoTime());
  }

  @Override
  public synchronized void lag(Lag lag) {
    line.lag(lag, System.nanoTime());
  }

  private void tick() {
    if (live) {
      redraw(size.now());
    } else {
      printLine();
    }
  }

  private synchronized void redraw(Screen.Size measured) {
    screen = measured;
    print("");
  }

  private synchronized void printLine() {
    String text = line.render(System.nanoTime(), false).orElse("");
    if (!text.equals(printed) && LogSetup.json()) {
      var told = new Told(Instant.now(), Event.Level.INFO, "progress", text);
      shell.err().println(JsonOutput.line(told));
      printed = text;
    }
    if (!text.equals(printed)) {
      shell.err().println(Figures.clock(Instant.now()) + " " + text);
      printed = text;
    }
  }

  /** What draws the newest state of affairs, without a line break behind its last line. */
  private String drawing() {
    // The last column stays free: a terminal would go to the next line.
    var room = new Screen.Size(Math.max(1, screen.rows() - EVENTS_IN_SIGHT), screen.columns() - 1);
    List<String> lines = panel.map(known -> known.lines(line.work(), room)).orElse(List.of());
    if (lines.isEmpty()) {
      lines =
          line.render(System.nanoTime(), true)
              .map(one -> List.of(Columns.cut(one, room.columns())))
              .orElse(List.of());
    }
    drawn = lines.size();
    return String.join("\n", lines);
  }

  /** What takes that away again. */
  private String erasing() {
    String up = drawn > 1 ? "\u001b[" + (drawn - 1) + "A" : "";
    return "\r" + up + REST_OF_SCREEN;
  }

  @Override
  public void close() {
    ticker.shutdownNow();
    panel().ifPresent(StatusPanel::close);
    LogSetup.printBy(LogSetup::toStandardError);
    synchronized (this) {
      closed = true;
      if (live) {
        shell.err().print(erasing());
      }
      shell.err().flush();
    }
  }

  private synchronized Optional<StatusPanel> panel() {
    return panel;
  }
}
