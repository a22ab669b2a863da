package dev.pgportage.cli;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.telemetry.Metrics;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.web.Dashboard;
import dev.pgportage.workflow.StatusMetrics;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code pgportage ui}. */
@Command(
    name = "ui",
    description = {
      "Serves the dashboard of a migration that runs elsewhere, or has ended: from any machine that"
          + " reaches the target, through the migration's state.",
      "What is asked there (a validation, the cutover) is carried out by the process that runs"
          + " 'migrate'. Monitoring reads /metrics at the same address. Ctrl-C ends it."
    },
    footer = {"", "Example:", "  pgportage ui --config shop.yaml --set web.port=8080"})
final class UiCommand implements Callable<Integer> {
  private final Shell shell;

  @Mixin private final ConfigOptions options = new ConfigOptions();
  @Mixin private final OutputOptions output = new OutputOptions();

  UiCommand(Shell shell) {
    this.shell = shell;
  }

  /**
   * Where the dashboard is.
   *
   * @param url with the token, unless it is the settings' own
   */
  record Result(String url) {}

  @Override
  public Integer call() throws InterruptedException {
    MigrationConfig config = options.load(shell).config();
    var stopped = new CountDownLatch(1);
    shell.stopBy(stopped::countDown);
    try (var metrics = new StatusMetrics(config, Monitor.none());
        var dashboard = Dashboard.open(config, metrics)) {
      dashboard.serve("/metrics", Metrics.CONTENT_TYPE, metrics);
      boolean known = config.web().token().isPresent();
      String url = known ? dashboard.address() : dashboard.link();
      shell
          .out()
          .println(
              output.json()
                  ? JsonOutput.result("ui", MigrationCommand.DONE, new Result(url))
                  : "Dashboard: " + url);
      stopped.await();
    }
    return MigrationCommand.DONE;
  }
}
