package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Database;
import dev.pgportage.state.Requests;
import dev.pgportage.telemetry.Monitor;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Gets something done by the process that runs the migration, or by this one if none does: a
 * request in the state, and its outcome.
 */
final class Asking {
  static final String CUTOVER = "cutover";
  static final String VALIDATE = "validate";

  private static final Duration POLL = Duration.ofMillis(100);

  private final MigrationConfig config;
  private final Monitor monitor;
  private final StopSignal stop;

  Asking(MigrationConfig config, Monitor monitor, StopSignal stop) {
    this.config = config;
    this.monitor = monitor;
    this.stop = stop;
  }

  /** Asks, waits, and returns the outcome as JSON; a failure comes as its own exception. */
  String ask(String kind) throws SQLException {
    StatusReport status = new StatusReader(config).read();
    requireReady(status, kind);
    var target = new Database(config.target(), Databases.application(config.name()));
    var requests = new Requests(config.name());
    // Named "status", so that a process taking over the lease leaves this session alone.
    try (Connection connection = target.open("status")) {
      long id = requests.post(connection, kind);
      if (!status.running()) {
        new Migration(config, monitor, stop).migrate(new Goal.Answered(id));
      }
      return await(connection, requests, id);
    }
  }

  private String await(Connection connection, Requests requests, long id) throws SQLException {
    while (true) {
      Requests.Request request = requests.read(connection, id);
      if (request.finished()) {
        if (request.error().isPresent()) {
          throw Session.read(request.error().get(), RequestFailure.class).exception();
        }
        return request.outcome().orElseThrow();
      }
      if (!new StatusReader(config).read().running()) {
        requests.finish(connection, id, null, Session.write(RequestFailure.of(gone(config))));
        throw gone(config);
      }
      stop.pause(POLL);
    }
  }

  /** Why a request was not carried out to its end. */
  static MigrationException gone(MigrationConfig config) {
    return new MigrationException(
        ErrorCode.INTERRUPTED, "The process that ran " + config.name() + " ended meanwhile");
  }

  private static void requireReady(StatusReport status, String kind) {
    if (kind.equals(CUTOVER) && status.phase().equals(Phases.CUT_OVER)) {
      throw new MigrationException(
          ErrorCode.WRONG_STEP, "Migration " + status.migration() + " is cut over already");
    }
    if (status.running() && !status.phase().equals(StepName.READY.label())) {
      throw new MigrationException(
          ErrorCode.NOT_READY,
          "Migration " + status.migration() + " is in step " + status.phase() + ", not READY");
    }
  }
}
