package dev.pgportage.workflow;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.state.EventLog;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.Lag;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.telemetry.Progress;
import java.util.ArrayList;
import java.util.List;

/**
 * A monitor that keeps events for the state and passes everything on. Events are written by the
 * workflow's own thread, so that a worker never waits for the state. Thread-safe.
 */
final class EventRecorder implements Monitor {
  private final Monitor next;
  private final List<Event> waiting = new ArrayList<>();

  EventRecorder(Monitor next) {
    this.next = next;
  }

  @Override
  public void event(Event event) {
    synchronized (waiting) {
      waiting.add(event);
    }
    next.event(event);
  }

  @Override
  public void loading(QualifiedName table, Progress.Reading total) {
    next.loading(table, total);
  }

  @Override
  public void lag(Lag lag) {
    next.lag(lag);
  }

  /** Takes the events that are not in the state yet. */
  List<Event> drain() {
    synchronized (waiting) {
      var events = List.copyOf(waiting);
      waiting.clear();
      return events;
    }
  }

  /** Writes the events that are not in the state yet. */
  void flush(java.sql.Connection connection, EventLog log) throws java.sql.SQLException {
    for (Event event : drain()) {
      log.append(connection, event);
    }
  }
}
