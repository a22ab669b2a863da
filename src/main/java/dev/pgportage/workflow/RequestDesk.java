package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.state.RequestKind;
import dev.pgportage.state.Requests;
import dev.pgportage.telemetry.Monitor;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where something is asked of the process that runs a migration by somebody who does not wait:
 * posts a request in the state, and tells later what became of it. Thread-safe.
 */
public final class RequestDesk {
  private final Asking asking;

  /** The desk of a migration. */
  public RequestDesk(MigrationConfig config) {
    asking = new Asking(config, Monitor.none(), new StopSignal());
  }

  /**
   * A request as it stands.
   *
   * @param id its number
   * @param kind what is asked
   * @param stage how far it is
   * @param outcome what came of it, JSON; never the keys of rows
   * @param error why it failed
   */
  public record Answer(
      long id,
      RequestKind kind,
      Stage stage,
      Optional<String> outcome,
      Optional<MigrationException> error) {}

  /** How far a request is. */
  public enum Stage {
    /** Nobody has begun it. */
    WAITING,
    /** It is carried out. */
    RUNNING,
    /** It was carried out. */
    DONE,
    /** It was not. */
    FAILED
  }

  /** What can be asked. */
  public static List<RequestKind> kinds() {
    return List.of(
        RequestKind.VALIDATE, RequestKind.REHEARSE, RequestKind.CUTOVER, RequestKind.ROLLBACK);
  }

  /** Why something cannot be asked of a migration as it stands; empty if it can. */
  public static Optional<String> obstacle(RequestKind kind, StatusReport report) {
    boolean moved =
        report.phase().equals(Phases.CUT_OVER) || report.phase().equals(StepName.FINISH.label());
    if (kind == RequestKind.ROLLBACK) {
      if (!moved) {
        return Optional.of("The writes have not moved.");
      }
      if (report.reverse().isEmpty()) {
        return Optional.of("No changes flow back to the source: cutover.reverse is off.");
      }
    } else if (moved && kind != RequestKind.VALIDATE) {
      return Optional.of("The writes have moved already.");
    }
    if (!report.running()) {
      return Optional.of("No process runs the migration: start 'pgportage migrate'.");
    }
    if (!moved && !report.phase().equals(StepName.READY.label())) {
      return Optional.of("It is in step " + report.phase() + ", not READY.");
    }
    if (kind == RequestKind.CUTOVER && report.schemaChange().isPresent()) {
      return Optional.of("A change of the source's schema waits: see 'pgportage approve-ddl'.");
    }
    return Optional.empty();
  }

  /**
   * Asks; returns the request's number.
   *
   * @throws MigrationException NOT_READY or WRONG_STEP if it cannot be asked now
   */
  public long post(RequestKind kind) {
    return translating(() -> asking.post(kind, Map.of()));
  }

  /** What became of a request. */
  public Answer look(long id) {
    return translating(() -> answer(asking.stand(id)));
  }

  private static Answer answer(Requests.Request request) {
    Stage stage =
        request.finished()
            ? request.error().isPresent() ? Stage.FAILED : Stage.DONE
            : request.taken() ? Stage.RUNNING : Stage.WAITING;
    return new Answer(
        request.id(),
        request.kind(),
        stage,
        request.outcome().filter(_ -> request.kind() != RequestKind.VALIDATE),
        request.error().map(json -> Session.read(json, RequestFailure.class).exception()));
  }

  private static <T> T translating(Session.Work<T> work) {
    try {
      return work.run();
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Asking the running process");
    }
  }
}
