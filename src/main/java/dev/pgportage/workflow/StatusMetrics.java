package dev.pgportage.workflow;

import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.state.NoticeLog;
import dev.pgportage.state.StepLog;
import dev.pgportage.state.ValidationResults;
import dev.pgportage.telemetry.ForwardingMonitor;
import dev.pgportage.telemetry.Lag;
import dev.pgportage.telemetry.Metric;
import dev.pgportage.telemetry.Metrics;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.telemetry.Progress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A migration's metrics: what its state says, read when somebody asks and not more often than every
 * few seconds, and what passes the monitor where this process runs it. Owns two sessions. As
 * thread-safe as the monitor behind it.
 */
public final class StatusMetrics extends ForwardingMonitor
    implements Supplier<String>, AutoCloseable {
  private static final long FRESH_NANOS = 5_000_000_000L;

  private final StatusWatch watch;
  private final Supplier<Metrics> kept;
  private @Nullable Metrics metrics;
  private volatile double lagSeconds = Double.NaN;
  private final Map<QualifiedName, Progress.Reading> loads = new ConcurrentHashMap<>();
  private long readAt = System.nanoTime() - FRESH_NANOS;

  /**
   * Metrics without a reading yet.
   *
   * @param next told of all that this monitor is told
   */
  public StatusMetrics(MigrationConfig config, Monitor next) {
    this(config, next, () -> new Metrics(config.name()));
  }

  private StatusMetrics(MigrationConfig config, Monitor next, Supplier<Metrics> kept) {
    super(next);
    this.watch = new StatusWatch(config);
    this.kept = kept;
  }

  /**
   * The same of another migration, in the same text; to be closed before these.
   *
   * @param follower told of all that the other's monitor is told
   */
  public StatusMetrics beside(MigrationConfig config, Monitor follower) {
    return new StatusMetrics(config, follower, () -> registry().beside(config.name()));
  }

  @Override
  public void lag(Lag lag) {
    super.lag(lag);
    lagSeconds = lag.time().toMillis() / 1000.0;
  }

  @Override
  public void loading(QualifiedName table, Progress.Reading total) {
    super.loading(table, total);
    loads.put(table, total);
  }

  /** All values in Prometheus's text format, as fresh as a few seconds. */
  @Override
  public synchronized String get() {
    refresh();
    return registry().text();
  }

  /** Makes all values as fresh as a few seconds. */
  public synchronized void refresh() {
    Metrics metrics = registry();
    if (System.nanoTime() - readAt >= FRESH_NANOS) {
      try {
        take(metrics, watch.read());
        metrics.set(Metric.STATE_READABLE, 1);
      } catch (MigrationException e) {
        metrics.set(Metric.STATE_READABLE, 0);
      }
      readAt = System.nanoTime();
    }
    if (!Double.isNaN(lagSeconds)) {
      metrics.set(Metric.LAG, lagSeconds);
    }
  }

  /** Made when somebody asks for the first time: loading it takes its time. */
  private synchronized Metrics registry() {
    Metrics made = metrics;
    if (made == null) {
      made = kept.get();
      metrics = made;
    }
    return made;
  }

  private void take(Metrics metrics, StatusReport status) {
    metrics.set(Metric.RUNNING, flag(status.running()));
    metrics.forget(Metric.PHASE);
    metrics.set(Metric.PHASE, 1, status.phase());
    metrics.set(Metric.PHASE_SINCE, status.phaseSince().toEpochMilli() / 1000.0);
    for (StepLog.Step step : status.steps()) {
      metrics.set(Metric.STEP_STATUS, code(step.status()), step.name());
      metrics.set(Metric.STEP_ATTEMPTS, step.attempts(), step.name());
    }
    takeLoad(metrics, status.tables());
    takeReplication(metrics, status);
    takeSafety(metrics, status.gauges());
    takeProofs(metrics, status);
    metrics.set(Metric.SCHEMA_CHANGE_WAITING, flag(status.schemaChange().isPresent()));
    metrics.set(Metric.EVENTS, status.eventCounts().infos(), "info");
    metrics.set(Metric.EVENTS, status.eventCounts().warnings(), "warning");
    metrics.set(Metric.EVENTS, status.eventCounts().errors(), "error");
    for (NoticeLog.Channel channel : status.channels()) {
      metrics.set(Metric.NOTIFICATIONS_SENT, channel.sent(), channel.name());
      metrics.set(Metric.CHANNEL_FAILING, flag(channel.failingSince().isPresent()), channel.name());
    }
  }

  private void takeLoad(Metrics metrics, List<StatusReport.TableLoad> tables) {
    Map<String, Long> states =
        tables.stream()
            .collect(Collectors.groupingBy(StatusReport.TableLoad::state, Collectors.counting()));
    for (String state : List.of("planned", "copying", "copied")) {
      metrics.set(Metric.LOAD_TABLES, states.getOrDefault(state, 0L), state);
    }
    metrics.set(Metric.LOAD_ROWS, tables.stream().mapToLong(StatusReport.TableLoad::rows).sum());
    metrics.set(
        Metric.LOAD_PLANNED_ROWS,
        tables.stream().mapToLong(StatusReport.TableLoad::plannedRows).sum());
    metrics.set(
        Metric.LOAD_PLANNED, tables.stream().mapToLong(StatusReport.TableLoad::plannedBytes).sum());
    metrics.set(
        Metric.LOAD_COPIED, loads.values().stream().mapToLong(Progress.Reading::bytes).sum());
  }

  private static void takeReplication(Metrics metrics, StatusReport status) {
    metrics.forget(Metric.LAG);
    status.lagMillis().ifPresent(millis -> metrics.set(Metric.LAG, millis / 1000.0));
    status
        .replication()
        .ifPresent(
            replication -> {
              metrics.set(Metric.LAG_WAL, replication.lagBytes());
              metrics.set(Metric.RETAINED_WAL, replication.retainedBytes());
              metrics.set(Metric.SLOT_USABLE, flag(!replication.walStatus().equals("lost")));
            });
    status
        .applied()
        .ifPresent(
            applied -> {
              metrics.set(Metric.APPLIED_TRANSACTIONS, applied.transactions());
              metrics.set(Metric.APPLIED_CHANGES, applied.inserts(), "insert");
              metrics.set(Metric.APPLIED_CHANGES, applied.updates(), "update");
              metrics.set(Metric.APPLIED_CHANGES, applied.deletes(), "delete");
              metrics.set(Metric.APPLIED_CHANGES, applied.truncates(), "truncate");
              metrics.set(Metric.APPLIED, applied.bytes());
            });
  }

  private static void takeSafety(Metrics metrics, List<Gauge> gauges) {
    metrics.forget(Metric.SAFETY);
    metrics.forget(Metric.SAFETY_LIMIT);
    for (Gauge gauge : gauges) {
      metrics.set(Metric.SAFETY, gauge.value(), gauge.name());
      if (gauge.limit() > 0) {
        metrics.set(Metric.SAFETY_LIMIT, gauge.limit(), gauge.name());
      }
    }
  }

  private static void takeProofs(Metrics metrics, StatusReport status) {
    ProofSummary proofs = ProofSummary.of(status.proofs());
    metrics.set(Metric.PROOF_TABLES, proofs.proven() - (long) proofs.changed(), "proven");
    metrics.set(Metric.PROOF_TABLES, (long) proofs.changed(), "changed");
    metrics.set(Metric.PROOF_TABLES, (long) proofs.recopied(), "recopied");
    metrics.set(Metric.PROOF_TABLES, (long) proofs.differing(), "differs");
    metrics.set(Metric.PROOF_TABLES, (long) proofs.open(), "open");
    List<ValidationResults.Result> results = status.validation();
    long equal = results.stream().filter(ValidationResults.Result::equal).count();
    metrics.set(Metric.VALIDATION_TABLES, equal, "equal");
    metrics.set(Metric.VALIDATION_TABLES, results.size() - (double) equal, "different");
    metrics.set(
        Metric.VALIDATION_ROWS,
        results.stream().mapToLong(ValidationResults.Result::sourceRows).sum());
    metrics.set(
        Metric.VALIDATION_DIFFERENCES,
        results.stream().mapToLong(ValidationResults.Result::differences).sum());
  }

  private static double flag(boolean value) {
    return value ? 1 : 0;
  }

  private static double code(StepLog.Status status) {
    return switch (status) {
      case PENDING -> 0;
      case RUNNING -> 1;
      case DONE -> 2;
      case FAILED -> 3;
    };
  }

  @Override
  public synchronized void close() {
    watch.close();
    Metrics made = metrics;
    if (made != null) {
      made.close();
    }
  }
}
