package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.cdc.Replication;
import dev.pgportage.pg.Lsn;
import dev.pgportage.state.RequestKind;
import dev.pgportage.state.Requests;
import dev.pgportage.telemetry.Event;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/** After the cutover: changes flow back to the source, until somebody rolls back or cleans up. */
final class ReverseLoop {
  private static final Duration POLL = Duration.ofMillis(200);

  private final Session session;
  private final Session back;
  private final Plan plan;
  private final StopSignal stop;
  private final SchemaStage schema;
  private final WayBack way;

  ReverseLoop(Session session, Plan plan, StopSignal stop, SchemaStage schema) {
    this.session = session;
    this.back = session.reversed();
    this.plan = plan;
    this.stop = stop;
    this.schema = schema;
    this.way = new WayBack(session);
  }

  /** Runs to the goal; empty once the writes have moved back, and rows flow forward again. */
  Optional<Outcome> run(Goal goal) throws SQLException {
    Optional<WayBack.Armed> armed = session.outcome(StepName.ARM, WayBack.Armed.class);
    if (armed.isEmpty() || !WayBack.isArmed(session)) {
      refuse(goal);
      return Optional.of(Outcome.CUT_OVER);
    }
    way.dropForward();
    if (goal instanceof Goal.CutOver || goal instanceof Goal.Ready || isAnswered(goal)) {
      return Optional.of(Outcome.CUT_OVER);
    }
    Resting.begin(back, plan.objects());
    Optional<Outcome> outcome;
    try (Replication replication = way.start(back, armed.get())) {
      session
          .monitor()
          .event(
              Event.info(
                  "reverse.begun",
                  "Changes flow back to the source; 'rollback' moves the writes back, 'cleanup'"
                      + " gives the way back up"));
      outcome = replicate(goal, replication, armed.get());
    } catch (MigrationException e) {
      throw new MigrationException(
          e.code(), "While changes flow back from the target: " + e.what(), e.remedy(), e);
    }
    if (outcome.isEmpty()) {
      way.disarm();
      SourceViews.refresh(session);
    }
    return outcome;
  }

  private Optional<Outcome> replicate(Goal goal, Replication replication, WayBack.Armed armed)
      throws SQLException {
    catchUp(replication);
    var there = new Plan(armed.objects(), plan.targetVersion(), plan.sourceVersion());
    var proof =
        new LiveProof(
            back, there, replication, Proofs.fresh(replication), () -> requireUnchanged(armed));
    while (true) {
      replication.check();
      session.heartbeat();
      session.monitor().lag(replication.lag());
      Optional<Requests.Request> request = session.requests().take(session.control());
      if (request.isPresent() && carryOut(request.get(), replication, there, proof, armed)) {
        return Optional.empty();
      }
      if (isAnswered(goal)) {
        return Optional.of(Outcome.CUT_OVER);
      }
      stop.pause(POLL);
    }
  }

  private void requireUnchanged(WayBack.Armed armed) {
    way.requireUnchanged(armed);
    schema.requireUnchanged();
  }

  private void catchUp(Replication replication) throws SQLException {
    Lsn mark = back.mark();
    while (!replication.awaitApplied(mark, POLL)) {
      session.heartbeat();
      session.monitor().lag(replication.lag());
      stop.pause(Duration.ZERO);
    }
  }

  /** Whoever asks is told at once that there is no way back. */
  private void refuse(Goal goal) throws SQLException {
    if (goal instanceof Goal.Answered(long id)
        && !session.requests().read(session.control(), id).finished()) {
      Requests.Request request = session.requests().read(session.control(), id);
      session
          .requests()
          .finish(
              session.control(), id, null, Session.write(RequestFailure.of(noWay(request.kind()))));
    }
  }

  private MigrationException noWay(RequestKind kind) {
    return new MigrationException(
        ErrorCode.WRONG_STEP,
        "Migration "
            + session.config().name()
            + " is cut over, and no changes flow back (cutover.reverse was off): nothing to "
            + kind.label());
  }

  private boolean isAnswered(Goal goal) throws SQLException {
    return goal instanceof Goal.Answered(long id)
        && session.requests().read(session.control(), id).finished();
  }

  /** Carries a request out; tells whether the writes have moved back. */
  private boolean carryOut(
      Requests.Request request,
      Replication replication,
      Plan there,
      LiveProof proof,
      WayBack.Armed armed)
      throws SQLException {
    try {
      String outcome =
          switch (request.kind()) {
            case VALIDATE -> Session.write(proof.asked(validation(request)));
            case ROLLBACK -> {
              proof.changes();
              var run =
                  new RollbackRun(session, plan, there, replication, () -> requireUnchanged(armed));
              yield Session.write(run.run(proof::unproven));
            }
            case CUTOVER, REHEARSE -> throw isCutOver("is cut over already", "");
            case ABANDON ->
                throw isCutOver(
                    "is cut over: the writes are on the target",
                    "Run 'pgportage rollback' first; or 'pgportage cleanup' to stay there.");
          };
      session.requests().finish(session.control(), request.id(), outcome, null);
      return request.kind() == RequestKind.ROLLBACK;
    } catch (MigrationException e) {
      session
          .requests()
          .finish(session.control(), request.id(), null, Session.write(RequestFailure.of(e)));
      session
          .monitor()
          .event(Event.warning(request.kind().label() + ".failed", e.code() + ": " + e.what()));
      if (!session.isDone(StepName.OPEN)) {
        throw e;
      }
      replication.check();
      session.phase(Phases.CUT_OVER);
      return false;
    }
  }

  /** The target is the database now: nothing there is to be made like the source. */
  private ValidationWish validation(Requests.Request request) {
    ValidationWish wish = ValidationWish.of(request.parameters());
    if (wish.undo().isPresent()) {
      throw isCutOver("is cut over: the target's rows are the right ones", "");
    }
    return wish;
  }

  private MigrationException isCutOver(String what, String remedy) {
    return new MigrationException(
        ErrorCode.WRONG_STEP,
        "Migration " + session.config().name() + " " + what,
        remedy.isEmpty() ? ErrorCode.WRONG_STEP.remedy() : remedy,
        null);
  }
}
