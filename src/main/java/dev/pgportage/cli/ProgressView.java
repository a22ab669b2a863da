package dev.pgportage.cli;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.Lag;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.telemetry.Progress;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Shows a migration while it runs: events as they come, and below them one line that is drawn again
 * and again on a terminal, or printed every few seconds where nobody watches. Thread-safe.
 */
final class ProgressView implements Monitor, AutoCloseable {
  private static final Duration REDRAW = Duration.ofMillis(200);
  private static final Duration PRINT = Duration.ofSeconds(5);
  private static final String STEP_EVENT = "step.";
  private static final String CLEAR_LINE = "\r\u001b[K";
  private static final int USUAL_WIDTH = 100;
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());

  /** A line for log collectors. */
  private record Told(Instant timestamp, Event.Level level, String kind, String message) {}

  private final Shell shell;
  private final boolean live;
  private final int width;
  private final ProgressLine line = new ProgressLine();
  private final ScheduledExecutorService ticker;
  private String printed = "";

  /**
   * Begins to show.
   *
   * @param live whether a line may be drawn over itself
   */
  ProgressView(Shell shell, boolean live) {
    this.shell = shell;
    this.live = live && !LogSetup.json();
    String columns = shell.environment().variables().getOrDefault("COLUMNS", "");
    this.width = columns.matches("[0-9]{2,4}") ? Integer.parseInt(columns) : USUAL_WIDTH;
    this.ticker =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("progress").daemon().factory());
    Duration period = this.live ? REDRAW : PRINT;
    var _ =
        ticker.scheduleAtFixedRate(
            this::tick, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public synchronized void event(Event event) {
    if (event.kind().startsWith(STEP_EVENT)) {
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
    String message =
        switch (event.level()) {
          case INFO -> event.message();
          case WARNING -> style.yellow("Warning:") + " " + event.message();
          case ERROR -> style.red("Error:") + " " + event.message();
        };
    erase();
    shell.err().println(style.dim(CLOCK.format(event.at())) + " " + message);
    if (live) {
      draw();
    }
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

  private synchronized void tick() {
    if (live) {
      erase();
      draw();
      return;
    }
    String text = line.render(System.nanoTime(), false).orElse("");
    if (!text.equals(printed) && LogSetup.json()) {
      var told = new Told(Instant.now(), Event.Level.INFO, "progress", text);
      shell.err().println(JsonOutput.line(told));
      printed = text;
    }
    if (!text.equals(printed)) {
      shell.err().println(CLOCK.format(Instant.now()) + " " + text);
      printed = text;
    }
  }

  private void draw() {
    line.render(System.nanoTime(), true)
        .ifPresent(
            text -> {
              shell.err().print(text.substring(0, Math.min(text.length(), width - 1)));
              shell.err().flush();
            });
  }

  private void erase() {
    if (live) {
      shell.err().print(CLEAR_LINE);
    }
  }

  @Override
  public void close() {
    ticker.shutdownNow();
    synchronized (this) {
      erase();
      shell.err().flush();
    }
  }
}
