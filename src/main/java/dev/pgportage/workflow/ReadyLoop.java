package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.cdc.Replication;
import dev.pgportage.cutover.CutoverReport;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.state.RequestKind;
import dev.pgportage.state.Requests;
import dev.pgportage.telemetry.Event;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/** READY: proves, then replicates on and carries out what is asked for, until the cutover. */
final class ReadyLoop {
  private static final Duration POLL = Duration.ofMillis(200);

  private final Session session;
  private final Plan plan;
  private final StopSignal stop;
  private final SchemaStage schema;
  private final Replication replication;

  private final LiveProof proof;

  /** A cutover that waits for its time. */
  private Optional<Waiter> waiting = Optional.empty();

  private record Waiter(Requests.Request request, AutoCutover auto) {}

  ReadyLoop(
      Session session, Plan plan, StopSignal stop, SchemaStage schema, Replication replication)
      throws SQLException {
    this.session = session;
    this.plan = plan;
    this.stop = stop;
    this.schema = schema;
    this.replication = replication;
    this.proof =
        new LiveProof(
            session,
            plan,
            replication,
            Proofs.read(session, replication),
            schema::requireUnchanged);
  }

  /** Runs to the goal; empty if a change of the schema is to be reconciled first. */
  Optional<Outcome> run(Goal goal, Following following) throws SQLException {
    session.step(StepName.VALIDATION, Replicating.Done.class, this::proveOnce);
    session.step(StepName.READY, Replicating.Done.class, () -> Replicating.Done.DONE);
    if (goal instanceof Goal.Ready) {
      // Nobody looks after it any more: what was true once, of a slot that may be gone, won't do.
      Replicating.awaitMark(session, replication, stop);
    }
    session.phase(StepName.READY.label());
    session.monitor().event(Event.info("ready", "READY: proven and replicating"));
    CrashPoint.READY.pass();
    if (goal instanceof Goal.Ready) {
      return Optional.of(Outcome.READY);
    }
    while (true) {
      replication.check();
      session.heartbeat();
      session.monitor().lag(replication.lag());
      // What was asked for is done with the schema as it is.
      if (following.glance(replication, session.requests().isWaiting(session.control()))) {
        return Optional.empty();
      }
      Optional<Requests.Request> request = next(following);
      if (request.isPresent() && carryOut(request.get(), following)) {
        return Optional.of(
            request.get().kind() == RequestKind.ABANDON ? Outcome.ABANDONED : Outcome.CUT_OVER);
      }
      proof.inPassing();
      if (isAnswered(goal)) {
        return Optional.of(Outcome.READY);
      }
      stop.pause(POLL);
    }
  }

  /** The next request to carry out; one that waits for its time is put aside until then. */
  private Optional<Requests.Request> next(Following following) throws SQLException {
    Optional<Requests.Request> request = session.requests().take(session.control());
    if (request.filter(r -> r.kind() == RequestKind.CUTOVER).isPresent()) {
      CutoverWish wish = Session.read(request.get().parameters(), CutoverWish.class);
      if (wish.when().isPresent()) {
        waiting =
            Optional.of(
                new Waiter(
                    request.get(),
                    new AutoCutover(session, wish.when().get(), rehearsal(following))));
        request = Optional.empty();
      }
    }
    if (request.isEmpty() && waiting.isPresent()) {
      Waiter waiter = waiting.get();
      try {
        if (waiter.auto.isDue(replication.lag().time())) {
          waiting = Optional.empty();
          return Optional.of(waiter.request);
        }
      } catch (MigrationException e) {
        waiting = Optional.empty();
        refuse(waiter.request, e);
        replication.check();
      }
    }
    return request;
  }

  private Rehearsal rehearsal(Following following) {
    return new Rehearsal(
        session,
        plan,
        replication,
        proof,
        () -> {
          following.requireNothingWaits();
          schema.requireUnchanged();
        });
  }

  /** A former attempt may have answered and failed after it: nobody would ask a second time. */
  private boolean isAnswered(Goal goal) throws SQLException {
    return goal instanceof Goal.Answered(long id)
        && session.requests().read(session.control(), id).finished();
  }

  private Replicating.Done proveOnce() throws SQLException {
    proof.first().orThrow();
    schema.requireUnchanged();
    return Replicating.Done.DONE;
  }

  /**
   * Carries a request out; a failure is told to who asked, and replication goes on.
   *
   * @return whether the writes have moved, or are to stay for good
   */
  private boolean carryOut(Requests.Request request, Following following) throws SQLException {
    try {
      String outcome =
          switch (request.kind()) {
            case VALIDATE -> Session.write(proof.asked(ValidationWish.of(request.parameters())));
            case CUTOVER -> Session.write(cutOver(following));
            case ABANDON -> Session.write(Replicating.Done.DONE);
            case REHEARSE -> Session.write(rehearsal(following).run());
            case ROLLBACK -> throw outOfPlace(request.kind());
          };
      session.requests().finish(session.control(), request.id(), outcome, null);
      return request.kind() == RequestKind.CUTOVER || request.kind() == RequestKind.ABANDON;
    } catch (MigrationException e) {
      refuse(request, e);
      replication.check();
      session.phase(StepName.READY.label());
      return false;
    }
  }

  private void refuse(Requests.Request request, MigrationException e) throws SQLException {
    session
        .requests()
        .finish(session.control(), request.id(), null, Session.write(RequestFailure.of(e)));
    session
        .monitor()
        .event(Event.warning(request.kind().label() + ".failed", e.code() + ": " + e.what()));
  }

  private MigrationException outOfPlace(RequestKind kind) {
    return new MigrationException(
        ErrorCode.WRONG_STEP,
        "Migration "
            + session.config().name()
            + " replicates to the target: nothing to "
            + kind.label());
  }

  /**
   * What changed since the last proof is proven before the fence, so that behind it only what
   * changes meanwhile is left to prove: the freeze is not to wait for tables that rest.
   */
  private CutoverReport cutOver(Following following) throws SQLException {
    following.requireNothingWaits();
    session
        .monitor()
        .event(Event.info("cutover.proof", "Proving what changed, while the source is written to"));
    proof.changes();
    return new CutoverRun(session, plan, schema, replication).run(proof::unproven);
  }
}
