package dev.pgportage.cli;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.Web.Switch;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.web.Dashboard;
import java.util.Optional;

/**
 * A migration's dashboard while a command runs, or none.
 *
 * @param monitor to be told of what the migration does
 * @param dashboard the dashboard
 */
record Served(Monitor monitor, Optional<Dashboard> dashboard) implements AutoCloseable {
  /** No dashboard. */
  static Served nowhere(Monitor monitor) {
    return new Served(monitor, Optional.empty());
  }

  /** The dashboard as the settings want it; its link is printed once. */
  static Served by(MigrationConfig config, Monitor next, Shell shell) {
    if (config.web().served() == Switch.OFF) {
      return nowhere(next);
    }
    Dashboard dashboard = Dashboard.open(config, next);
    // A token somebody chose is theirs to add; one made for this run is known to nobody else.
    boolean known = config.web().token().isPresent();
    shell.err().println("Dashboard: " + (known ? dashboard.address() : dashboard.link()));
    return new Served(dashboard.monitor(), Optional.of(dashboard));
  }

  @Override
  public void close() {
    dashboard.ifPresent(Dashboard::close);
  }
}
