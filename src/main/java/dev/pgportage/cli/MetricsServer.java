package dev.pgportage.cli;

import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.telemetry.Metrics;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.workflow.StatusMetrics;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Answers {@code GET /metrics} on a port of loopback, and nothing else. */
final class MetricsServer implements AutoCloseable {
  private final Optional<StatusMetrics> metrics;
  private final Optional<LocalServer> server;
  private final Monitor monitor;

  private MetricsServer(Monitor monitor) {
    this.metrics = Optional.empty();
    this.server = Optional.empty();
    this.monitor = monitor;
  }

  private MetricsServer(LocalServer server, StatusMetrics metrics) {
    this.metrics = Optional.of(metrics);
    this.server = Optional.of(server);
    this.monitor = metrics;
  }

  /**
   * Begins to answer where the settings say so.
   *
   * @param next told of all that {@link #monitor()} is told
   * @param wanted whether the command is one to be watched
   * @throws MigrationException USAGE if the port is another's
   */
  static MetricsServer of(MigrationConfig config, Monitor next, boolean wanted) {
    Optional<Integer> port = config.notifications().metricsPort().filter(_ -> wanted);
    if (port.isEmpty()) {
      return new MetricsServer(next);
    }
    var metrics = new StatusMetrics(config, next);
    return at(port.get(), metrics, metrics);
  }

  /**
   * Begins to answer with a text.
   *
   * @param metrics closed with the server
   * @throws MigrationException USAGE if the port is another's
   */
  static MetricsServer at(int port, StatusMetrics metrics, Supplier<String> text) {
    var answer = new LocalServer.Answer(Metrics.CONTENT_TYPE, 0, text);
    return new MetricsServer(
        new LocalServer(
            port, "metrics", "Give another one as metrics.port.", Map.of("/metrics", answer)),
        metrics);
  }

  /** What it answers with, for others to answer with, too, but not to close. */
  Optional<StatusMetrics> metrics() {
    return metrics;
  }

  /** To be told of what the migration does. */
  Monitor monitor() {
    return monitor;
  }

  @Override
  public void close() {
    server.ifPresent(LocalServer::close);
    metrics.ifPresent(StatusMetrics::close);
  }
}
