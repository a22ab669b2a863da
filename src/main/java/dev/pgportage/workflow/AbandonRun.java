package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Database;
import dev.pgportage.state.RequestKind;
import dev.pgportage.state.StepLog;
import dev.pgportage.telemetry.Monitor;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/** Gives a migration up: the writes stay on the source, or are there again after a rollback. */
final class AbandonRun {
  private static final Duration POLL = Duration.ofMillis(100);

  private final MigrationConfig config;
  private final Monitor monitor;
  private final StopSignal stop;

  AbandonRun(MigrationConfig config, Monitor monitor, StopSignal stop) {
    this.config = config;
    this.monitor = monitor;
    this.stop = stop;
  }

  CleanupReport run() throws SQLException {
    var target = new Database(config.target(), Databases.application(config.name()));
    var reader = new StatusReader(config);
    try (Connection connection = target.open("status")) {
      reader.migration(connection);
      requireOnSource(connection);
      if (reader.isRunning(connection)) {
        new Asking(config, monitor, stop).ask(RequestKind.ABANDON);
        while (reader.isRunning(connection)) {
          stop.pause(POLL);
        }
        requireOnSource(connection);
      }
    }
    return new CleanupRun(config).run();
  }

  private void requireOnSource(Connection connection) throws SQLException {
    if (new StepLog(config.name()).isDone(connection, StepName.OPEN.label())) {
      throw new MigrationException(
          ErrorCode.WRONG_STEP,
          "Migration " + config.name() + " is cut over: the writes are on the target",
          "Run 'pgportage rollback' first, then 'pgportage abandon'; or 'pgportage cleanup' to stay"
              + " on the target.",
          null);
    }
  }
}
