package dev.pgportage.aws;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataQuery;
import software.amazon.awssdk.services.cloudwatch.model.ScanBy;

/** What CloudWatch knows. */
final class Metrics {
  private static final Duration WINDOW = Duration.ofMinutes(10);

  private final AwsCalls calls;

  Metrics(AwsCalls calls) {
    this.calls = calls;
  }

  static Dimension dimension(String name, String value) {
    return Dimension.builder().name(name).value(value).build();
  }

  /** The newest value of a metric, in the last minutes. */
  Optional<Double> newest(String namespace, String name, Dimension... dimensions) {
    Instant now = Instant.now();
    MetricDataQuery query =
        MetricDataQuery.builder()
            .id("m")
            .metricStat(
                s ->
                    s.period(60)
                        .stat("Maximum")
                        .metric(
                            m -> m.namespace(namespace).metricName(name).dimensions(dimensions)))
            .build();
    return calls
        .ask(
            "Reading the metric " + name,
            () ->
                calls
                    .clients()
                    .metrics()
                    .getMetricData(
                        r ->
                            r.startTime(now.minus(WINDOW))
                                .endTime(now)
                                .scanBy(ScanBy.TIMESTAMP_DESCENDING)
                                .metricDataQueries(query)))
        .metricDataResults()
        .stream()
        .flatMap(result -> result.values().stream())
        .findFirst();
  }
}
