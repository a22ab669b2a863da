package dev.pgportage.web;

import dev.pgportage.pg.Lsn;
import dev.pgportage.state.StepLog;
import dev.pgportage.state.ValidationResults;
import dev.pgportage.workflow.StatusReport;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;

/** Makes sums and rates of reports that follow each other. Used by one thread. */
final class Gauges {
  private static final Duration FRESH = Duration.ofSeconds(5);
  private static final Duration WINDOW = Duration.ofSeconds(20);
  private static final Duration HISTORY = Duration.ofMinutes(30);

  private final LiveFigures live;

  /** Where the source stood when: what was written before then is older than that. */
  private final ArrayDeque<Stand> stands = new ArrayDeque<>();

  private final ArrayDeque<Moved> moved = new ArrayDeque<>();

  private record Stand(long nanos, Lsn position) {}

  private record Moved(long nanos, long bytes) {}

  Gauges(LiveFigures live) {
    this.live = live;
  }

  Overview.Figures read(StatusReport report, List<TableRow> rows) {
    return new Overview.Figures(load(report, rows), proofs(rows), lagMillis(report));
  }

  Samples.Sample sample(StatusReport report, Overview.Figures figures) {
    return new Samples.Sample(
        System.currentTimeMillis(),
        figures.load().rows(),
        figures.load().bytes(),
        report.applied().map(a -> a.inserts() + a.updates() + a.deletes()).orElse(0L),
        report.replication().map(StatusReport.Replication::lagBytes).orElse(-1L),
        figures.lagMillis(),
        report.replication().map(StatusReport.Replication::retainedBytes).orElse(-1L));
  }

  private Overview.Load load(StatusReport report, List<TableRow> rows) {
    int copied = 0;
    int copying = 0;
    long done = 0;
    long planned = 0;
    long rowsDone = 0;
    long rowsPlanned = 0;
    for (TableRow row : rows) {
      planned += row.plannedBytes();
      rowsDone += row.rows();
      boolean complete = row.state().equals("copied") || row.state().equals("none");
      rowsPlanned += complete ? row.rows() : Math.max(row.rows(), row.plannedRows());
      copied += complete ? 1 : 0;
      copying += row.state().equals("copying") ? 1 : 0;
      done += complete ? row.plannedBytes() : (long) (row.plannedBytes() * share(row));
    }
    Optional<LiveFigures.Loading> now =
        live.loading().filter(_ -> isRunning(report, "load") || isRunning(report, "reload"));
    long bytes = Math.min(planned, Math.max(done, now.map(l -> l.total().bytes()).orElse(0L)));
    double rate = copied < rows.size() ? rate(bytes) : 0;
    return new Overview.Load(
        rows.size(),
        copied,
        copying,
        rowsDone,
        rowsPlanned,
        bytes,
        planned,
        copied == rows.size() ? (rows.isEmpty() ? 0 : 1) : (double) bytes / Math.max(1, planned),
        rate,
        copied == rows.size() ? 0 : rate > 0 ? (planned - bytes) / rate : -1,
        now.map(l -> l.table().toString()));
  }

  private static double share(TableRow row) {
    return row.plannedRows() <= 0 ? 0 : Math.min(1, (double) row.rows() / row.plannedRows());
  }

  /** Bytes per second over the last moments. */
  private double rate(long bytes) {
    long now = System.nanoTime();
    moved.addLast(new Moved(now, bytes));
    while (moved.size() > 2 && now - moved.getFirst().nanos() > WINDOW.toNanos()) {
      moved.removeFirst();
    }
    double seconds = (now - moved.getFirst().nanos()) / 1e9;
    return seconds < 0.5 ? 0 : Math.max(0, (bytes - moved.getFirst().bytes()) / seconds);
  }

  private static Overview.Proofs proofs(List<TableRow> rows) {
    int compared = 0;
    int different = 0;
    long missing = 0;
    long extra = 0;
    long differing = 0;
    long total = 0;
    for (TableRow row : rows) {
      if (row.validation().isPresent()) {
        ValidationResults.Result result = row.validation().get();
        compared++;
        different += result.equal() ? 0 : 1;
        missing += result.missing();
        extra += result.extra();
        differing += result.differing();
        total += result.sourceRows();
      }
    }
    return new Overview.Proofs(compared, different, missing, extra, differing, total);
  }

  /**
   * The lag in time: as this process measures it, or as the running one has noted it; if neither
   * does, from outside by when the source stood where the target is now.
   */
  private long lagMillis(StatusReport report) {
    Optional<StatusReport.Replication> replication = report.replication();
    long now = System.nanoTime();
    replication.ifPresent(r -> stand(now, Lsn.parse(r.sourceLsn())));
    Optional<LiveFigures.Measured> measured =
        live.lag().filter(m -> now - m.nanos() < FRESH.toNanos());
    if (measured.isPresent()) {
      return measured.get().lag().time().toMillis();
    }
    if (report.lagMillis().isPresent()) {
      return report.lagMillis().get();
    }
    if (replication.isEmpty()) {
      return -1;
    }
    Lsn applied = Lsn.parse(replication.get().appliedLsn());
    for (Stand stand : stands.reversed()) {
      if (!applied.isBefore(stand.position())) {
        return (now - stand.nanos()) / 1_000_000;
      }
    }
    return stands.size() < 2 ? -1 : (now - stands.getFirst().nanos()) / 1_000_000;
  }

  private void stand(long now, Lsn position) {
    stands.addLast(new Stand(now, position));
    while (now - stands.getFirst().nanos() > HISTORY.toNanos()) {
      stands.removeFirst();
    }
  }

  private static boolean isRunning(StatusReport report, String step) {
    return report.steps().stream()
        .anyMatch(s -> s.name().equals(step) && s.status() == StepLog.Status.RUNNING);
  }
}
