package dev.pgportage.workflow;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.state.EventLog;
import dev.pgportage.state.LagNote;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.ForwardingMonitor;
import dev.pgportage.telemetry.Lag;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.telemetry.Progress;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;

/**
 * A monitor that keeps events and the lag for the state, knows when anything last got on, and
 * passes everything on. Events are written by the workflow's own thread, so that a worker never
 * waits for the state; what cannot be written waits for the next session. Thread-safe.
 */
final class EventRecorder extends ForwardingMonitor {
  private static final int MOST_WAITING = 10_000;
  private static final long BETWEEN_LAGS_NANOS = 2_000_000_000L;

  /** What is told of a standstill is no progress. */
  private static final Set<String> STANDING = Set.of("stall", "governor", "slot");

  private final Deque<Event> waiting = new ArrayDeque<>();
  private long progressed = System.nanoTime();
  private Lsn applied = Lsn.ZERO;
  private boolean held;
  private Optional<Duration> lag = Optional.empty();
  private long lagWrittenAt = System.nanoTime() - BETWEEN_LAGS_NANOS;

  EventRecorder(Monitor next) {
    super(next);
  }

  @Override
  public void event(Event event) {
    synchronized (this) {
      if (waiting.size() == MOST_WAITING) {
        waiting.removeFirst();
      }
      waiting.addLast(event);
      if (!STANDING.contains(event.kind().replaceFirst("\\..*", ""))) {
        progressed = System.nanoTime();
      }
      switch (event.kind()) {
        case "load.paused", "governor.paused" -> held = true;
        case "load.goes-on", "governor.goes-on" -> held = false;
        default -> {}
      }
    }
    super.event(event);
  }

  @Override
  public void loading(QualifiedName table, Progress.Reading total) {
    progress();
    super.loading(table, total);
  }

  @Override
  public void validating(QualifiedName table, Progress.Reading ofTable, Progress.Reading total) {
    progress();
    super.validating(table, ofTable, total);
  }

  @Override
  public void lag(Lag measured) {
    synchronized (this) {
      if (!measured.applied().equals(applied)) {
        applied = measured.applied();
        progressed = System.nanoTime();
      }
      lag = Optional.of(measured.time());
    }
    super.lag(measured);
  }

  /** Notes that something got on. */
  synchronized void progress() {
    progressed = System.nanoTime();
  }

  /** For how long nothing has got on; zero while copying is held up on purpose. */
  synchronized Duration idle() {
    return held ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - progressed);
  }

  /** Writes the events that are not in the state yet; one that cannot be written stays. */
  void flush(Connection connection, EventLog log) throws SQLException {
    for (Optional<Event> next = first(); next.isPresent(); next = first()) {
      log.append(connection, next.get());
      written(next.get());
    }
  }

  /** Writes the lag, every few seconds, if it was measured anew. */
  void writeLag(Connection connection, LagNote note) throws SQLException {
    Optional<Duration> fresh = freshLag();
    if (fresh.isPresent()) {
      note.write(connection, fresh.get());
    }
  }

  private synchronized Optional<Duration> freshLag() {
    if (System.nanoTime() - lagWrittenAt < BETWEEN_LAGS_NANOS) {
      return Optional.empty();
    }
    Optional<Duration> fresh = lag;
    lag = Optional.empty();
    lagWrittenAt = fresh.isPresent() ? System.nanoTime() : lagWrittenAt;
    return fresh;
  }

  private synchronized Optional<Event> first() {
    return Optional.ofNullable(waiting.peekFirst());
  }

  private synchronized void written(Event event) {
    if (event.equals(waiting.peekFirst())) {
      waiting.removeFirst();
    }
  }
}
