package dev.pgportage.workflow;

import dev.pgportage.state.EventLog;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.ForwardingMonitor;
import dev.pgportage.telemetry.Monitor;
import java.util.ArrayList;
import java.util.List;

/**
 * A monitor that keeps events for the state and passes everything on. Events are written by the
 * workflow's own thread, so that a worker never waits for the state. Thread-safe.
 */
final class EventRecorder extends ForwardingMonitor {
  private final List<Event> waiting = new ArrayList<>();

  EventRecorder(Monitor next) {
    super(next);
  }

  @Override
  public void event(Event event) {
    synchronized (waiting) {
      waiting.add(event);
    }
    super.event(event);
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
