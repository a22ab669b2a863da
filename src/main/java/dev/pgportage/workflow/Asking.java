package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.state.ComparingTables;
import dev.pgportage.state.RequestKind;
import dev.pgportage.state.Requests;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.Monitor;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Gets something done by the process that runs the migration, or by this one if none does: a
 * request in the state, and its outcome.
 */
final class Asking {
  /** How the steps of a rollback begin. */
  private static final String WAY_BACK = "rollback-";

  private static final Duration POLL = Duration.ofMillis(100);

  /** READY, and what a rollback passes through in a moment on its way there. */
  private static final Set<String> NEAR =
      Set.of(StepName.READY.label(), StepName.ROLLBACK_OPEN.label(), StepName.SHUT.label());

  private final MigrationConfig config;
  private final Monitor monitor;
  private final StopSignal stop;

  Asking(MigrationConfig config, Monitor monitor, StopSignal stop) {
    this.config = config;
    this.monitor = monitor;
    this.stop = stop;
  }

  /** As {@link #ask(RequestKind, Object)}, with nothing more to say. */
  String ask(RequestKind kind) throws SQLException {
    return ask(kind, Map.of());
  }

  /**
   * Asks, waits, and returns the outcome as JSON; a failure comes as its own exception.
   *
   * @param parameters a record that whoever carries the request out reads again
   */
  String ask(RequestKind kind, Object parameters) throws SQLException {
    var requests = new Requests(config.name());
    var view = new ComparingView(monitor);
    long id = post(requests, kind, Session.write(parameters));
    while (true) {
      Found found = look(requests, id);
      view.show(found.comparing());
      if (found.request().finished()) {
        if (found.request().isTold()) {
          id = post(requests, kind, Session.write(parameters));
          continue;
        }
        return answer(found.request());
      }
      if (!found.running()) {
        new Migration(config, monitor, stop).migrate(new Goal.Answered(id));
      }
      pauseUnlessStopped(kind);
    }
  }

  /** Posts a request; or finds one for the same that nobody waits for any more. */
  private long post(Requests requests, RequestKind kind, String parameters) throws SQLException {
    try (Connection connection = open()) {
      awaitWayBack(connection, kind);
      requireReady(connection, kind);
      if (kind == RequestKind.VALIDATE && new StatusReader(config).isRunning(connection)) {
        Optional<Long> left = left(requests, connection, parameters);
        if (left.isPresent()) {
          return left.get();
        }
      }
      return requests.post(connection, kind, parameters);
    }
  }

  /**
   * The comparison of a command that was ended, or killed: it goes on, and needs not begin again.
   * What somebody else waits for may have been read before whoever asks now wants it read.
   */
  private Optional<Long> left(Requests requests, Connection connection, String parameters)
      throws SQLException {
    Optional<Requests.Same> first =
        requests.unfinished(connection, RequestKind.VALIDATE, parameters);
    Optional<Requests.Same> same = first;
    while (same.isPresent() && same.get().waitedAt().equals(first.orElseThrow().waitedAt())) {
      if (same.get().left()) {
        monitor.event(
            Event.info(
                "validate.joined",
                "Goes on waiting for a validation that an ended command asked for"));
        return Optional.of(same.get().id());
      }
      stop.pause(POLL);
      same = requests.unfinished(connection, RequestKind.VALIDATE, parameters);
    }
    return Optional.empty();
  }

  /**
   * Asks the process that runs the migration, and waits for nothing.
   *
   * @throws MigrationException NOT_READY if none runs, or it is not READY
   */
  long post(RequestKind kind, Object parameters) throws SQLException {
    try (Connection connection = open()) {
      requireReady(connection, kind);
      if (!new StatusReader(config).isRunning(connection)) {
        throw new MigrationException(
            ErrorCode.NOT_READY,
            "No process runs migration " + config.name(),
            "Start 'pgportage migrate'; what is asked here is carried out by it.",
            null);
      }
      return new Requests(config.name()).post(connection, kind, Session.write(parameters));
    }
  }

  /** How a request stands; one whose process is gone has failed. */
  Requests.Request stand(long id) throws SQLException {
    return lookOnce(new Requests(config.name()), id).request();
  }

  /** Who stops waiting has not stopped what the other process does. */
  private void pauseUnlessStopped(RequestKind kind) {
    try {
      stop.pause(POLL);
    } catch (MigrationException e) {
      throw new MigrationException(
          e.code(),
          "This command waits no longer; the process that runs "
              + config.name()
              + " still carries the "
              + kind.label()
              + " request out",
          "See 'pgportage status' for what becomes of it.",
          e);
    }
  }

  /** A request, and whether there is a process to carry it out. */
  private record Found(
      Requests.Request request, boolean running, List<ComparingTables.Entry> comparing) {}

  /** Named "status", so that a process taking over the lease leaves this session alone. */
  private Connection open() {
    return new Database(config.target(), Databases.application(config.name())).open("status");
  }

  /** A connection cut while waiting says nothing of what was asked for: it is looked at again. */
  private Found look(Requests requests, long id) {
    var retries = new RetryPolicy();
    while (true) {
      try {
        return lookOnce(requests, id);
      } catch (SQLException e) {
        stop.pause(
            retries.pauseAfter(
                SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Waiting for the answer"),
                Duration.ZERO));
      } catch (MigrationException e) {
        stop.pause(retries.pauseAfter(e, Duration.ZERO));
      }
    }
  }

  /** One that a process took which is gone since is withdrawn: how far it came is not known. */
  private Found lookOnce(Requests requests, long id) throws SQLException {
    try (Connection connection = open()) {
      boolean running = new StatusReader(config).isRunning(connection);
      Requests.Request request = requests.read(connection, id);
      if (request.taken() && !request.finished() && !running) {
        requests.finish(connection, id, null, Session.write(RequestFailure.of(gone(config))));
        request = requests.read(connection, id);
      }
      if (request.finished() && request.kind() == RequestKind.VALIDATE) {
        forget(requests, connection, id);
      }
      requests.waiting(connection, id);
      boolean isCompared = running && request.kind() == RequestKind.VALIDATE && request.taken();
      return new Found(
          request,
          running,
          isCompared && !request.finished()
              ? ComparingTables.now(connection, config.name())
              : List.of());
    }
  }

  private static void forget(Requests requests, Connection connection, long id) {
    try {
      requests.forget(connection, id);
    } catch (SQLException e) {
      // The answer is here, and is what was asked for; cleanup removes what is left of it.
      return;
    }
  }

  private static String answer(Requests.Request request) {
    request
        .error()
        .ifPresent(
            error -> {
              throw Session.read(error, RequestFailure.class).exception();
            });
    return request.outcome().orElseThrow();
  }

  /** Why a request was not carried out to its end. */
  static MigrationException gone(MigrationConfig config) {
    return new MigrationException(
        ErrorCode.INTERRUPTED, "The process that ran " + config.name() + " ended meanwhile");
  }

  /** A rollback answers a moment before its migration is READY again. */
  private void awaitWayBack(Connection connection, RequestKind kind) throws SQLException {
    var reader = new StatusReader(config);
    while (reader.isRunning(connection) && isOnWayBack(reader.migration(connection).phase())) {
      pauseUnlessStopped(kind);
    }
  }

  private static boolean isOnWayBack(String phase) {
    return phase.startsWith(WAY_BACK) && !NEAR.contains(phase);
  }

  private void requireReady(Connection connection, RequestKind kind) throws SQLException {
    var reader = new StatusReader(config);
    String phase = reader.migration(connection).phase();
    boolean cutOver = phase.equals(Phases.CUT_OVER) || phase.equals(StepName.FINISH.label());
    if (cutOver && (kind == RequestKind.CUTOVER || kind == RequestKind.REHEARSE)) {
      throw new MigrationException(
          ErrorCode.WRONG_STEP, "Migration " + config.name() + " is cut over already");
    }
    if (kind == RequestKind.ROLLBACK && !cutOver) {
      throw new MigrationException(
          ErrorCode.WRONG_STEP,
          "Migration "
              + config.name()
              + " is in step "
              + phase
              + ": there is nothing to roll back");
    }
    if (reader.isRunning(connection) && !cutOver && !NEAR.contains(phase)) {
      throw new MigrationException(
          ErrorCode.NOT_READY,
          "Migration " + config.name() + " is in step " + phase + ", not READY");
    }
  }
}
