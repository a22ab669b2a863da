package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.cdc.Replication;
import dev.pgportage.cutover.CutoverReport;
import dev.pgportage.cutover.Fence;
import dev.pgportage.cutover.Move;
import dev.pgportage.cutover.RollbackReport;
import dev.pgportage.pg.Lsn;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.telemetry.Event;
import dev.pgportage.validation.Subject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The rollback: the cutover backwards. The target is fenced, the source gets the rest and is proven
 * equal, then one commit in the state says that it is the database again, and it is opened. If
 * anything fails before that commit, the target is writable again and changes flow back as before.
 */
final class RollbackRun {
  /** What belongs to the crossing that is undone by this one. */
  private static final List<StepName> UNDONE =
      List.of(
          StepName.ARM,
          StepName.FENCE,
          StepName.DRAIN,
          StepName.RECOPY,
          StepName.SEQUENCES,
          StepName.PROOF,
          StepName.OPEN,
          StepName.SWITCH,
          StepName.FINISH,
          StepName.SHUT);

  private static final String DOUBT =
      "The target does not say whether the writes have moved: both sides stay read-only until it"
          + " does";

  private final Session session;
  private final Plan plan;
  private final Replication replication;
  private final Freeze freeze;
  private final Switching switching;
  private final List<CutoverReport.Phase> phases = new ArrayList<>();

  /** From the commit on the target must not be written to any more. */
  private boolean mayBeOpen;

  /**
   * A rollback not yet begun.
   *
   * @param plan the migration's
   * @param there the migration's objects as the target has them
   * @param requireUnchanged fails if the target's schema is not as it was at the cutover
   */
  RollbackRun(
      Session session, Plan plan, Plan there, Replication replication, Runnable requireUnchanged) {
    this.session = session;
    this.plan = plan;
    this.switching = new Switching(session, Move.Direction.ROLLBACK);
    this.replication = replication;
    this.freeze =
        new Freeze(session.reversed(), there, replication, requireUnchanged, Freeze.Names.ROLLBACK);
  }

  /**
   * What an interrupted rollback left is taken back: the target is writable again.
   *
   * <p>Before the commit that moved the writes; after it there is nothing left to take back.
   */
  static void liftLeftFence(Session session) throws SQLException {
    if (Fence.lowerLeft(session.control(), session.target(), session.config().name())) {
      session
          .monitor()
          .event(
              Event.warning(
                  "fence.lowered", "A rollback was left unfinished: the target is writable again"));
    }
    if (session.isDone(StepName.SWITCH)) {
      // Else they wait for the cutover's own switch.
      Switching.resumeLeft(session);
    }
    if (WayBack.isArmed(session)) {
      new WayBack(session).dropForward();
    }
    for (StepName step : Freeze.Names.ROLLBACK.all()) {
      session.steps().forget(session.control(), session.run(), step.label());
    }
  }

  /**
   * Rolls back.
   *
   * @param unproven asked behind the fence what to compare
   */
  RollbackReport run(Supplier<List<Subject>> unproven) throws SQLException {
    requireNear();
    switching.require();
    boolean goesOn = session.replicaRole();
    if (goesOn) {
      new SourceObjects(session, plan.objects()).makeSlotsAgain();
    }
    CrashPoint.ROLLBACK_BEFORE_FENCE.pass();
    Instant frozenAt = Instant.now();
    long began = System.nanoTime();
    Freeze.Result result;
    try {
      switching.pause().ifPresent(phases::add);
      CrashPoint.SWITCH_AFTER_PAUSE.pass();
      result = freeze.run(unproven);
      open(result.drained().finalLsn(), goesOn);
    } catch (SQLException | RuntimeException | Error e) {
      if (!mayBeOpen) {
        freeze.lift(e);
        switching.undo(e);
        new WayBack(session).dropForward();
      }
      throw e;
    }
    freeze.leave();
    CrashPoint.ROLLBACK_AFTER_OPEN.pass();
    Resting.wakeSource(session);
    Fence.lowerLeft(session.control(), session.source(), session.config().name());
    phases.addAll(freeze.phases());
    Optional<String> problem = switching.lead();
    long millis = (System.nanoTime() - began) / 1_000_000;
    CrashPoint.ROLLBACK_AFTER_UNFENCE.pass();
    session
        .monitor()
        .event(
            Event.info(
                "rollback.done",
                "The writes are on the source again; the freeze took " + millis + " ms"));
    return report(result, frozenAt, millis, goesOn, problem);
  }

  private RollbackReport report(
      Freeze.Result result,
      Instant frozenAt,
      long millis,
      boolean goesOn,
      Optional<String> problem) {
    return new RollbackReport(
        session.config().name(),
        result.drained().finalLsn().toString(),
        frozenAt,
        Instant.now(),
        millis,
        phases,
        result.proven().tables(),
        result.proven().rows(),
        result.recopied().tables(),
        result.recopied().largeObjects(),
        result.set().sequences(),
        goesOn,
        problem);
  }

  private void requireNear() {
    if (replication.lag().time().compareTo(session.config().cutover().maxLag()) > 0) {
      throw new MigrationException(
          ErrorCode.NOT_READY,
          "The source is "
              + replication.lag().time().toMillis()
              + " ms behind the target, more than cutover.max_lag allows");
    }
  }

  /** Moves the writes by one commit in the state; whatever fails after it is no reason to go on. */
  private void open(Lsn end, boolean goesOn) throws SQLException {
    mayBeOpen = true;
    try (Connection transaction = session.state().open("control")) {
      transaction.setAutoCommit(false);
      if (goesOn) {
        try (Connection source = session.source().open("reverse")) {
          int streams = session.applyProgress().streams(transaction).size();
          session.applyProgress().begin(transaction, WayBack.position(source), streams);
        }
      }
      session
          .steps()
          .begin(
              transaction,
              session.run(),
              StepName.ROLLBACK_OPEN.label(),
              StepName.ROLLBACK_OPEN.position());
      for (StepName step : UNDONE) {
        session.steps().forget(transaction, session.run(), step.label());
      }
      session.done(transaction, StepName.ROLLBACK_OPEN, Replicating.Done.DONE);
      // Their positions are of the other server's WAL.
      session.results().forget(transaction);
      session.sequencesSet().forget(transaction);
      freeze.requireSilence(end);
      transaction.commit();
    } catch (SQLException | RuntimeException e) {
      mayBeOpen = freeze.isSettledAfter(e, StepName.ROLLBACK_OPEN, DOUBT);
      if (!mayBeOpen) {
        throw e;
      }
    }
  }
}
