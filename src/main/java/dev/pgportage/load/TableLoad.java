package dev.pgportage.load;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.schema.Table;
import dev.pgportage.state.LoadLedger.Cut;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.telemetry.Progress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One table on its way: what is planned for it, and how far it is. Thread-safe.
 *
 * <p>Bytes of progress are bytes on the source's disk, so that they add up to the table's size: a
 * chunk counts its payload while it moves, never more than its share, and its share once it is in.
 */
final class TableLoad {
  private static final long REPORT_NANOS = 200_000_000;

  private final Table table;
  private final CopyFormat format;
  private final Cut cut;
  private final Optional<TouchedKeys> touched;
  private final Monitor monitor;
  private final Progress progress;
  private final AtomicLong nextReport = new AtomicLong(System.nanoTime());

  TableLoad(
      Table table, CopyFormat format, Cut cut, Optional<TouchedKeys> touched, Monitor monitor) {
    this.touched = touched;
    this.table = table;
    this.format = format;
    this.cut = cut;
    this.monitor = monitor;
    this.progress = new Progress(Math.max(0, Math.round(table.estimatedRows())), table.bytes());
  }

  Table table() {
    return table;
  }

  QualifiedName name() {
    return table.name();
  }

  Cut cut() {
    return cut;
  }

  List<Chunk> chunks() {
    return Chunk.of(cut);
  }

  /** The rows touched since another snapshot, under which it was begun. */
  Optional<TouchedKeys> touched() {
    return touched;
  }

  /** Tells that what an earlier run brought goes on. */
  void mended(long keys) {
    monitor.event(
        Event.info(
            "load.mended",
            "Table "
                + name()
                + " goes on under a new snapshot; of what it has, rows of "
                + keys
                + " keys touched since were copied again"));
  }

  CopyStatements statements(Chunk chunk) {
    return CopyStatements.of(table, chunk, format);
  }

  /** The statements that carry those rows of some chunks that are joined to a query. */
  CopyStatements statements(String join, List<Chunk> chunks) {
    return CopyStatements.joined(table, join, chunks, format);
  }

  /** Its part in a round: whoever copies it on another machine makes the same of it. */
  LoadSubject subject() {
    return new LoadSubject(table, format, cut.chunks(), cut.pages());
  }

  /** Counts a chunk that was copied elsewhere. */
  void copied(Chunk chunk, long rows) {
    already(rows, chunk.bytes(table));
  }

  /** Counts what earlier runs brought. */
  void already(long rows, long bytes) {
    progress.addRows(rows);
    progress.addBytes(bytes);
    report();
  }

  private void report() {
    monitor.loading(table.name(), progress.read());
  }

  /** The progress of one try at a chunk. Used by one thread. */
  final class ChunkProgress {
    private final long share;
    private long counted;

    ChunkProgress(Chunk chunk) {
      share = chunk.bytes(table);
    }

    /** Payload passed. */
    void moved(long bytes) {
      long more = Math.min(bytes, share - counted);
      counted += more;
      progress.addBytes(more);
      long now = System.nanoTime();
      long due = nextReport.get();
      if (now - due >= 0 && nextReport.compareAndSet(due, now + REPORT_NANOS)) {
        report();
      }
    }

    /** The chunk is on the target. */
    void done(long rows) {
      progress.addBytes(share - counted);
      progress.addRows(rows);
      report();
    }

    /** The try came to nothing. */
    void undone() {
      progress.addBytes(-counted);
      counted = 0;
    }
  }
}
