package dev.pgportage.cli;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.telemetry.Lag;
import dev.pgportage.telemetry.Progress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a running migration, as one line: the load with rows, bytes, rate and time left,
 * or the rows compared, or the lag, or the step and how long it has taken. Not thread-safe.
 */
final class ProgressLine {
  private static final int BAR = 24;
  private static final String LOAD = "load";

  private final Map<QualifiedName, Progress.Reading> tables = new LinkedHashMap<>();
  private final RateWindow loadedBytes = new RateWindow();
  private final RateWindow caughtUp = new RateWindow();
  private @Nullable Lag lag;
  private @Nullable ComparedLine compared;
  private String step = "";
  private long stepSince = System.nanoTime();

  /** A step begins. */
  void step(String name, long nanos) {
    step = name;
    stepSince = nanos;
    lag = null;
    compared = null;
  }

  /** A table's totals. */
  void loading(QualifiedName table, Progress.Reading total, long nanos) {
    tables.put(table, total);
    loadedBytes.add(nanos, (double) sum().bytes());
  }

  /** A comparison of rows got on. */
  void validating(
      QualifiedName table, Progress.Reading ofTable, Progress.Reading total, long nanos) {
    if (compared == null) {
      compared = new ComparedLine();
    }
    compared.add(table, ofTable, total, nanos);
  }

  /** The lag. */
  void lag(Lag measured, long nanos) {
    compared = null;
    lag = measured;
    caughtUp.add(nanos, (double) -measured.bytes());
  }

  /** The line as of now; empty before anything is known. */
  Optional<String> render(long nanos, boolean bar) {
    if (step.isEmpty() && compared == null) {
      return Optional.empty();
    }
    if (step.equals(LOAD) && !tables.isEmpty()) {
      return Optional.of(loadLine(bar));
    }
    if (compared != null) {
      return compared.render().map(text -> (step.isEmpty() ? "" : step + "  ") + text);
    }
    Duration elapsed = Duration.ofNanos(Math.max(0, nanos - stepSince));
    return Optional.of(
        lag == null ? step + "  " + Figures.time(elapsed) : step + "  " + lagLine(lag));
  }

  /** The same while it counts work, of a load or a comparison; empty otherwise. */
  Optional<String> work() {
    if (step.equals(LOAD) && !tables.isEmpty()) {
      return Optional.of(loadLine(true));
    }
    return Optional.ofNullable(compared).flatMap(ComparedLine::render);
  }

  private String loadLine(boolean bar) {
    Progress.Reading sum = sum();
    double rate = loadedBytes.perSecond();
    long left = sum.plannedBytes() - sum.bytes();
    String eta =
        rate <= 0 || left <= 0
            ? ""
            : ", " + Figures.time(Duration.ofMillis((long) (left / rate * 1000))) + " left";
    long done = tables.values().stream().filter(t -> t.bytes() >= t.plannedBytes()).count();
    return LOAD
        + (bar ? "  " + bar(sum.share()) : "")
        + "  %s  %s rows  %s of %s, %s/s%s  %d of %d tables"
            .formatted(
                Figures.percent(sum.share()),
                Figures.count(sum.rows()),
                Figures.bytes(sum.bytes()),
                Figures.bytes(sum.plannedBytes()),
                Figures.bytes(Math.max(0, rate)),
                eta,
                done,
                tables.size());
  }

  private String lagLine(Lag now) {
    double rate = caughtUp.perSecond();
    String eta =
        rate <= 0 || now.time().toSeconds() < 1
            ? ""
            : ", " + Figures.time(Duration.ofMillis((long) (now.bytes() / rate * 1000))) + " left";
    return "lag %s, %s%s  applied %s"
        .formatted(Figures.bytes(now.bytes()), Figures.time(now.time()), eta, now.applied());
  }

  private Progress.Reading sum() {
    long rows = 0;
    long plannedRows = 0;
    long bytes = 0;
    long plannedBytes = 0;
    for (Progress.Reading reading : tables.values()) {
      rows += reading.rows();
      plannedRows += reading.plannedRows();
      bytes += reading.bytes();
      plannedBytes += reading.plannedBytes();
    }
    return new Progress.Reading(rows, plannedRows, bytes, plannedBytes, 0);
  }

  private static String bar(double share) {
    int full = (int) Math.round(Math.clamp(share, 0, 1) * BAR);
    return "[" + "#".repeat(full) + "·".repeat(BAR - full) + "]";
  }
}
