package dev.pgportage.telemetry;

import dev.pgportage.pg.QualifiedName;

/**
 * A monitor that tells another one everything; whoever wants to see something on its way overrides
 * that alone. As thread-safe as the other one.
 */
public abstract class ForwardingMonitor implements Monitor {
  private final Monitor next;

  /** Tells this one everything. */
  protected ForwardingMonitor(Monitor next) {
    this.next = next;
  }

  @Override
  public void event(Event event) {
    next.event(event);
  }

  @Override
  public void loading(QualifiedName table, Progress.Reading total) {
    next.loading(table, total);
  }

  @Override
  public void validating(QualifiedName table, Progress.Reading ofTable, Progress.Reading total) {
    next.validating(table, ofTable, total);
  }

  @Override
  public void lag(Lag lag) {
    next.lag(lag);
  }
}
