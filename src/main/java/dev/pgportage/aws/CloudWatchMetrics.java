package dev.pgportage.aws;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgportage.MigrationException;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.Monitor;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.MetricDatum;
import software.amazon.awssdk.services.cloudwatch.model.StandardUnit;

/**
 * Tells CloudWatch once a minute how a running migration stands: namespace {@code pgportage},
 * dimension {@code Migration}. That CloudWatch does not take it is told once, and holds up nothing.
 */
public final class CloudWatchMetrics implements AutoCloseable {
  private static final String NAMESPACE = "pgportage";
  private static final String DIMENSION = "Migration";
  private static final Duration USUAL = Duration.ofMinutes(1);

  private final String migration;
  private final MigrationFigures figures;
  private final Monitor next;
  private final Consumer<List<MigrationFigures.Figure>> way;
  private final AwsClients clients = new AwsClients(AwsLogin.ofSurroundings());
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("cloudwatch").factory());
  private final ScheduledFuture<?> ticking;
  private boolean refused;

  /**
   * Begins to tell.
   *
   * @param to how
   * @param migration the migration's name
   * @param next the monitor that is told everything, too
   * @param log takes the lines of {@link MetricsTo#EMF}
   */
  public CloudWatchMetrics(MetricsTo to, String migration, Monitor next, Consumer<String> log) {
    this(to, migration, next, log, USUAL);
  }

  CloudWatchMetrics(
      MetricsTo to, String migration, Monitor next, Consumer<String> log, Duration pause) {
    this.migration = migration;
    this.next = next;
    this.figures = new MigrationFigures(next);
    this.way =
        switch (to) {
          case EMF -> now -> log.accept(line(now));
          case PUT -> this::put;
        };
    ticking =
        clock.scheduleWithFixedDelay(
            this::tell, pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Who has to be told what happens. */
  public Monitor monitor() {
    return figures;
  }

  private synchronized void tell() {
    try {
      way.accept(figures.take());
      refused = false;
    } catch (RuntimeException e) {
      // Nothing that goes wrong here may end the ticking, nor the migration.
      if (!refused) {
        refused = true;
        next.event(
            Event.warning(
                "cloudwatch.refused", why(e) + "; the migration goes on, its metrics do not"));
      }
    }
  }

  private static String why(RuntimeException e) {
    return e instanceof MigrationException failure
        ? failure.what()
        : "Telling CloudWatch the metrics: " + e.getClass().getName();
  }

  private void put(List<MigrationFigures.Figure> now) {
    Instant at = Instant.now();
    List<MetricDatum> data =
        now.stream()
            .map(
                figure ->
                    MetricDatum.builder()
                        .metricName(figure.name())
                        .unit(StandardUnit.fromValue(figure.unit()))
                        .value(figure.value())
                        .timestamp(at)
                        .dimensions(Dimension.builder().name(DIMENSION).value(migration).build())
                        .build())
            .toList();
    AwsFailures.translating(
        "Telling CloudWatch the metrics",
        () -> clients.metrics().putMetricData(r -> r.namespace(NAMESPACE).metricData(data)));
  }

  /** One line of the embedded metric format. */
  private String line(List<MigrationFigures.Figure> now) {
    ObjectNode line = new JsonMapper().createObjectNode();
    ObjectNode about = line.putObject("_aws");
    about.put("Timestamp", Instant.now().toEpochMilli());
    ObjectNode metrics = about.putArray("CloudWatchMetrics").addObject();
    metrics.put("Namespace", NAMESPACE);
    metrics.putArray("Dimensions").addArray().add(DIMENSION);
    var names = metrics.putArray("Metrics");
    line.put(DIMENSION, migration);
    for (MigrationFigures.Figure figure : now) {
      names.addObject().put("Name", figure.name()).put("Unit", figure.unit());
      line.put(figure.name(), figure.value());
    }
    return line.toString();
  }

  /** Tells the last figures, and ends. */
  @Override
  public void close() {
    ticking.cancel(false);
    clock.shutdown();
    tell();
    clients.close();
  }
}
