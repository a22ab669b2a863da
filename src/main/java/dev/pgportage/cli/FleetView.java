package dev.pgportage.cli;

import dev.pgportage.config.FleetFile.Member;
import dev.pgportage.fleet.FleetMonitor;
import dev.pgportage.fleet.MemberResult;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.Lag;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.telemetry.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * Shows a fleet while it runs: warnings and steps of each migration as they come, each line with
 * the migration's name, and below them one line over all of them. Thread-safe.
 */
final class FleetView implements FleetMonitor, AutoCloseable {
  private static final Duration REDRAW = Duration.ofMillis(500);
  private static final Duration PRINT = Duration.ofSeconds(10);
  private static final String CLEAR_LINE = "\r\u001b[K";
  private static final String STEP_EVENT = "step.";

  private final Shell shell;
  private final boolean live;
  private final int nameWidth;
  private final Map<String, Line> lines = new LinkedHashMap<>();
  private final ScheduledExecutorService ticker;
  private String printed = "";

  FleetView(Shell shell, List<Member> members, boolean live) {
    this.shell = shell;
    this.live = live;
    members.forEach(member -> lines.put(member.config().name(), new Line()));
    nameWidth = lines.keySet().stream().mapToInt(String::length).max().orElse(0);
    ticker =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("fleet-view").daemon().factory());
    long period = (live ? REDRAW : PRINT).toMillis();
    var _ = ticker.scheduleAtFixedRate(this::tick, period, period, TimeUnit.MILLISECONDS);
  }

  /** Where one migration is. */
  private static final class Line {
    private final Map<QualifiedName, Progress.Reading> tables = new LinkedHashMap<>();
    private String state = "";
    private Duration lag = Duration.ZERO;
  }

  @Override
  public Monitor of(String migration) {
    return new Monitor() {
      @Override
      public void event(Event event) {
        tell(migration, event);
      }

      @Override
      public void loading(QualifiedName table, Progress.Reading total) {
        synchronized (FleetView.this) {
          line(migration).tables.put(table, total);
        }
      }

      @Override
      public void lag(Lag lag) {
        synchronized (FleetView.this) {
          line(migration).lag = lag.time();
        }
      }
    };
  }

  @Override
  public synchronized void waiting(String migration) {
    line(migration).state = "waiting";
  }

  @Override
  public synchronized void ended(MemberResult<?> result) {
    line(result.name()).state = result.failed() ? "failed" : "ended";
    if (result.failed()) {
      var failure = result.failure().orElseThrow();
      print(
          result.name(),
          shell.style().red(failure.code() + ":") + " " + failure.what(),
          Instant.now());
    }
  }

  private Line line(String migration) {
    return lines.computeIfAbsent(migration, _ -> new Line());
  }

  private synchronized void tell(String migration, Event event) {
    if (event.kind().startsWith(STEP_EVENT)) {
      line(migration).state = event.kind().substring(STEP_EVENT.length());
    }
    switch (event.level()) {
      case INFO -> {
        if (event.kind().startsWith(STEP_EVENT)) {
          print(migration, event.message(), event.at());
        }
      }
      case WARNING ->
          print(migration, shell.style().yellow("Warning:") + " " + event.message(), event.at());
      case ERROR ->
          print(migration, shell.style().red("Error:") + " " + event.message(), event.at());
    }
  }

  private void print(String migration, String message, Instant at) {
    erase();
    String padded = migration + " ".repeat(Math.max(0, nameWidth - migration.length()));
    shell
        .err()
        .println(
            shell.style().dim(Figures.clock(at))
                + " "
                + shell.style().bold(padded)
                + "  "
                + message);
  }

  private synchronized void tick() {
    String text = summary();
    if (live) {
      erase();
      shell.err().print(text);
      shell.err().flush();
    } else if (!text.equals(printed)) {
      shell.err().println(Figures.clock(Instant.now()) + " " + text);
      printed = text;
    }
  }

  private String summary() {
    Map<String, Long> counts =
        lines.values().stream()
            .filter(line -> !line.state.isEmpty())
            .collect(
                Collectors.groupingBy(
                    line -> line.state, LinkedHashMap::new, Collectors.counting()));
    long bytes = sum(Progress.Reading::bytes);
    long planned = sum(Progress.Reading::plannedBytes);
    Duration lag =
        lines.values().stream()
            .filter(line -> line.state.equals("ready"))
            .map(line -> line.lag)
            .max(Duration::compareTo)
            .orElse(Duration.ZERO);
    return counts.entrySet().stream()
            .map(entry -> Figures.count(entry.getValue()) + " " + entry.getKey())
            .collect(Collectors.joining(", ", Figures.count(lines.size()) + " migrations: ", ""))
        + (planned == 0
            ? ""
            : "; loaded " + Figures.bytes(bytes) + " of " + Figures.bytes(planned) + " begun")
        + (counts.containsKey("ready") ? "; most lag " + Figures.time(lag) : "");
  }

  private long sum(ToLongFunction<Progress.Reading> part) {
    return lines.values().stream()
        .flatMap(line -> line.tables.values().stream())
        .mapToLong(part)
        .sum();
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
