package dev.pgportage.config;

import java.time.Duration;

/** The keys of {@code alerts} and {@code metrics}. */
final class AlertSettings {
  static final Setting<Duration> MAX_LAG =
      Setting.of(
          "alerts.max_lag",
          Kind.time("1s", "10d"),
          "1min",
          "Once caught up, a longer lag is trouble: an event, and told on the channels of"
              + " notifications.");
  static final Setting<Long> PER_HOUR =
      Setting.of(
          "alerts.per_hour",
          Kind.whole(1, 1000),
          "20",
          "Messages of trouble on one channel in an hour at most; how many were held back stands in"
              + " the next one. Milestones and failures are always told.");

  static final Setting<Long> METRICS_PORT =
      Setting.absent(
          "metrics.port",
          Kind.whole(1, 65535),
          "no metrics are served",
          "The port of loopback on which 'migrate' and 'fleet migrate' answer /metrics in Prometheus's format"
              + " (docs/metrics.md).");

  private AlertSettings() {}
}
