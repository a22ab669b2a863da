package dev.pgportage.cli;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.Web.Switch;
import dev.pgportage.telemetry.Metrics;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.web.Dashboard;
import dev.pgportage.workflow.StatusMetrics;
import java.util.Optional;

/**
 * A migration's dashboard while a command runs, or none.
 *
 * @param monitor to be told of what the migration does
 * @param dashboard the dashboard
 * @param metrics what it answers under {@code /metrics}
 */
record Served(Monitor monitor, Optional<Dashboard> dashboard, Optional<StatusMetrics> metrics)
    implements AutoCloseable {
  /** No dashboard. */
  static Served nowhere(Monitor monitor) {
    return new Served(monitor, Optional.empty(), Optional.empty());
  }

  /** The dashboard as the settings want it; its link is printed once. */
  static Served by(MigrationConfig config, Monitor next, Shell shell) {
    if (config.web().served() == Switch.OFF) {
      return nowhere(next);
    }
    var metrics = new StatusMetrics(config, next);
    Dashboard dashboard = Dashboard.open(config, metrics);
    dashboard.serve("/metrics", Metrics.CONTENT_TYPE, metrics);
    // A token somebody chose is theirs to add; one made for this run is known to nobody else.
    boolean known = config.web().token().isPresent();
    shell.err().println("Dashboard: " + (known ? dashboard.address() : dashboard.link()));
    return new Served(dashboard.monitor(), Optional.of(dashboard), Optional.of(metrics));
  }

  @Override
  public void close() {
    dashboard.ifPresent(Dashboard::close);
    metrics.ifPresent(StatusMetrics::close);
  }
}
