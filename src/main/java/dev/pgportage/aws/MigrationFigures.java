package dev.pgportage.aws;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.ForwardingMonitor;
import dev.pgportage.telemetry.Lag;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.telemetry.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The newest figures of a running migration, told on to another monitor. Thread-safe. */
final class MigrationFigures extends ForwardingMonitor {
  /**
   * One figure.
   *
   * @param name as in CloudWatch
   * @param unit one of CloudWatch's
   */
  record Figure(String name, String unit, double value) {}

  private final AtomicReference<@Nullable Lag> lag = new AtomicReference<>();
  private final AtomicReference<Progress.@Nullable Reading> load = new AtomicReference<>();
  private final AtomicLong warnings = new AtomicLong();
  private final AtomicLong errors = new AtomicLong();

  MigrationFigures(Monitor next) {
    super(next);
  }

  @Override
  public void event(Event event) {
    switch (event.level()) {
      case WARNING -> warnings.incrementAndGet();
      case ERROR -> errors.incrementAndGet();
      case INFO -> {}
    }
    super.event(event);
  }

  @Override
  public void loading(QualifiedName table, Progress.Reading total) {
    load.set(total);
    super.loading(table, total);
  }

  @Override
  public void lag(Lag newest) {
    lag.set(newest);
    super.lag(newest);
  }

  /** What there is to tell; counts are those since the last time. */
  List<Figure> take() {
    var figures = new ArrayList<Figure>();
    figures.add(new Figure("Running", "Count", 1));
    figures.add(new Figure("Warnings", "Count", warnings.getAndSet(0)));
    figures.add(new Figure("Errors", "Count", errors.getAndSet(0)));
    Lag now = lag.get();
    if (now != null) {
      figures.add(new Figure("LagSeconds", "Seconds", now.time().toMillis() / 1000.0));
      figures.add(new Figure("LagBytes", "Bytes", now.bytes()));
    }
    Progress.Reading loaded = load.get();
    if (loaded != null) {
      figures.add(new Figure("LoadedRows", "Count", loaded.rows()));
      figures.add(new Figure("LoadedBytes", "Bytes", loaded.bytes()));
      figures.add(new Figure("LoadPercent", "Percent", 100 * loaded.share()));
    }
    return figures;
  }
}
