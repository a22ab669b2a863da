package dev.pgportage.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgportage.state.EventLog;
import dev.pgportage.workflow.StatusReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What the page shows, as it was last read: one writer, any number of readers, each of whom gets
 * what changed since it last asked. Nothing is kept for a reader, so that a slow one costs nothing.
 * Thread-safe.
 */
final class Board {
  private static final int MOST_EVENTS = 2000;

  private final TableList tables = new TableList();
  private final Samples samples = new Samples();
  private final ArrayList<EventLog.Entry> events = new ArrayList<>();
  private Optional<StatusReport> report = Optional.empty();
  private byte[] overview = new byte[0];
  private long overviewVersion;
  private long version;
  private boolean closed;

  /**
   * How much a reader has seen.
   *
   * @param version the board's
   * @param overview the overview's version
   * @param tables the tables' version
   * @param event the last event's number
   * @param sample when the last sample was taken
   * @param thinned how often samples had been given up
   */
  record Seen(long version, long overview, long tables, long event, long sample, int thinned) {
    static Seen nothing() {
      return new Seen(-1, -1, -1, 0, 0, 0);
    }
  }

  /**
   * What a reader has not seen.
   *
   * @param overview the overview, if it changed
   * @param tables the tables that changed
   * @param events the new events
   * @param samples the new figures, or all
   * @param anew whether the samples are all
   * @param seen what it will have seen then
   */
  record News(
      Optional<byte[]> overview,
      Optional<TableList.Changes> tables,
      List<EventLog.Entry> events,
      List<Samples.Sample> samples,
      boolean anew,
      Seen seen) {}

  /** Takes a report's lists; the overview made of them follows. */
  synchronized void take(StatusReport fresh, List<EventLog.Entry> more) {
    report = Optional.of(fresh);
    tables.update(fresh);
    events.addAll(more);
    if (events.size() > MOST_EVENTS) {
      events.subList(0, events.size() - MOST_EVENTS).clear();
    }
  }

  /** Shows an overview, and tells readers. */
  synchronized void show(ObjectNode fresh) {
    byte[] bytes = Reply.bytes(fresh);
    if (!Arrays.equals(bytes, overview)) {
      overview = bytes;
      overviewVersion++;
    }
    version++;
    notifyAll();
  }

  /** Keeps a sample for the charts. */
  synchronized void sample(Samples.Sample sample) {
    samples.add(sample);
  }

  /** No more will come: lets readers go. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }

  synchronized boolean isClosed() {
    return closed;
  }

  synchronized Optional<StatusReport> report() {
    return report;
  }

  synchronized byte[] overview() {
    return overview.clone();
  }

  synchronized List<Samples.Sample> samples() {
    return samples.all();
  }

  synchronized List<TableRow> rows() {
    return tables.rows();
  }

  synchronized long lastEvent() {
    return events.isEmpty() ? 0 : events.getLast().id();
  }

  /** A part of the tables. */
  TableList.Page tables(TableList.Query query) {
    List<TableRow> rows;
    long shown;
    synchronized (this) {
      rows = tables.rows();
      shown = tables.version();
    }
    return TableList.page(rows, shown, query);
  }

  /** The events after a number, the newest so many. */
  synchronized List<EventLog.Entry> events(long after, int most) {
    List<EventLog.Entry> later = events.stream().filter(entry -> entry.id() > after).toList();
    return later.subList(Math.max(0, later.size() - most), later.size());
  }

  /** Waits until something changed since a version, or the time is over, or nothing will come. */
  synchronized boolean await(long seen, Duration patience) throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    while (version <= seen && !closed) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      wait(left / 1_000_000 + 1);
    }
    return version > seen;
  }

  /** What changed. */
  synchronized News since(Seen seen, int mostEvents) {
    boolean anew = seen.sample() == 0 || seen.thinned() != samples.thinned();
    List<Samples.Sample> fresh = anew ? samples.all() : samples.after(seen.sample());
    List<EventLog.Entry> later = events(seen.event(), mostEvents);
    return new News(
        seen.overview() < overviewVersion ? Optional.of(overview) : Optional.empty(),
        seen.tables() < tables.version()
            ? Optional.of(tables.since(seen.tables()))
            : Optional.empty(),
        later,
        fresh,
        anew,
        new Seen(
            version,
            overviewVersion,
            tables.version(),
            later.isEmpty() ? seen.event() : later.getLast().id(),
            fresh.isEmpty() ? seen.sample() : fresh.getLast().at(),
            samples.thinned()));
  }
}
