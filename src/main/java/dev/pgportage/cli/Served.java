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
 * @param own what it answers under {@code /metrics}, unless that is another's to close
 */
record Served(Monitor monitor, Optional<Dashboard> dashboard, Optional<StatusMetrics> own)
    implements AutoCloseable {
  /** No dashboard. */
  static Served nowhere(Monitor monitor) {
    return new Served(monitor, Optional.empty(), Optional.empty());
  }

  /**
   * The dashboard as the settings want it; its link is printed once.
   *
   * @param next told of all that {@link #monitor()} is told
   * @param known {@code next}, where it is the migration's metrics: read once, not twice
   */
  static Served by(
      MigrationConfig config, Monitor next, Optional<StatusMetrics> known, Shell shell) {
    if (config.web().served() == Switch.OFF) {
      return nowhere(next);
    }
    StatusMetrics metrics = known.orElseGet(() -> new StatusMetrics(config, next));
    Dashboard dashboard = Dashboard.open(config, metrics);
    dashboard.serve("/metrics", Metrics.CONTENT_TYPE, metrics);
    // A token somebody chose is theirs to add; one made for this run is known to nobody else.
    boolean chosen = config.web().token().isPresent();
    shell.err().println("Dashboard: " + (chosen ? dashboard.address() : dashboard.link()));
    Optional<StatusMetrics> own = known.isPresent() ? Optional.empty() : Optional.of(metrics);
    return new Served(dashboard.monitor(), Optional.of(dashboard), own);
  }

  @Override
  public void close() {
    dashboard.ifPresent(Dashboard::close);
    own.ifPresent(StatusMetrics::close);
  }
}
