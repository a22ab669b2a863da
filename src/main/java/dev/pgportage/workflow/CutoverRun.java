package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.cdc.Replication;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.cutover.CutoverReport;
import dev.pgportage.cutover.Fence;
import dev.pgportage.cutover.Move;
import dev.pgportage.pg.Lsn;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.telemetry.Event;
import dev.pgportage.validation.Subject;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The cutover: fence, drain, recopy, sequences, proof, open. If anything fails before the target is
 * open, the source is writable again.
 */
final class CutoverRun {
  private final Session session;
  private final Plan plan;
  private final SchemaStage schema;
  private final Replication replication;
  private final Freeze freeze;
  private final WayBack way;
  private final Switching switching;
  private final List<CutoverReport.Phase> phases = new ArrayList<>();

  /** From the opening's commit on the source must not be written to any more. */
  private boolean mayBeOpen;

  CutoverRun(Session session, Plan plan, SchemaStage schema, Replication replication) {
    this.session = session;
    this.plan = plan;
    this.schema = schema;
    this.replication = replication;
    this.way = new WayBack(session);
    this.switching = new Switching(session, Move.Direction.CUTOVER);
    this.freeze =
        new Freeze(session, plan, replication, schema::requireUnchanged, Freeze.Names.CUTOVER);
  }

  /**
   * After a process died between fence and open: the source is opened again, and the cutover's
   * steps begin anew.
   */
  static void liftLeftFence(Session session) throws SQLException {
    if (session.isDone(StepName.OPEN)) {
      RollbackRun.liftLeftFence(session);
      return;
    }
    Resting.wakeSource(session);
    if (Fence.lowerLeft(session.control(), session.source(), session.config().name())) {
      session
          .monitor()
          .event(
              Event.warning(
                  "fence.lowered", "A cutover was left unfinished: the source is writable again"));
    }
    if (session.isDone(StepName.ROLLBACK_OPEN)) {
      new Switching(session, Move.Direction.ROLLBACK).lead();
      SourceViews.refresh(session);
    } else {
      Switching.resumeLeft(session);
    }
    new WayBack(session).disarm();
    session.steps().forget(session.control(), session.run(), StepName.ARM.label());
    for (StepName step : Freeze.Names.CUTOVER.all()) {
      session.steps().forget(session.control(), session.run(), step.label());
    }
  }

  /**
   * Cuts over.
   *
   * @param unproven asked behind the fence what to compare
   */
  CutoverReport run(Supplier<List<Subject>> unproven) throws SQLException {
    requireReady();
    switching.require();
    arm();
    CrashPoint.CUTOVER_BEFORE_FENCE.pass();
    Instant frozenAt = Instant.now();
    long began = System.nanoTime();
    try {
      switching.pause().ifPresent(phases::add);
      CrashPoint.SWITCH_AFTER_PAUSE.pass();
      Freeze.Result result = behind(unproven);
      Optional<String> problem = lead();
      long millis = (System.nanoTime() - began) / 1_000_000;
      session
          .monitor()
          .event(
              Event.info(
                  "cutover.done",
                  "The target is the database now; the freeze took " + millis + " ms"));
      return report(result, frozenAt, millis, problem);
    } catch (SQLException | RuntimeException | Error e) {
      if (!mayBeOpen) {
        freeze.lift(e);
        switching.undo(e);
        disarm(e);
      }
      throw e;
    }
  }

  private Optional<String> lead() throws SQLException {
    long began = System.nanoTime();
    Optional<String> problem = switching.lead();
    long millis = (System.nanoTime() - began) / 1_000_000;
    if (session.isDone(StepName.SWITCH)) {
      phases.add(new CutoverReport.Phase(StepName.SWITCH.label(), millis));
    }
    return problem;
  }

  private boolean isReversible() {
    return session.config().cutover().reverse() == MigrationConfig.Cutover.Reverse.ON;
  }

  /** Before the fence, so that making a slot is no part of the freeze. */
  private void arm() throws SQLException {
    if (isReversible()) {
      session.redo(StepName.ARM, () -> way.arm(plan.objects()));
    } else {
      way.disarm();
      session.steps().forget(session.control(), session.run(), StepName.ARM.label());
    }
  }

  /** A slot nobody reads would hold the target's WAL back until the next attempt. */
  private void disarm(Throwable first) {
    try {
      way.disarm();
    } catch (SQLException | MigrationException e) {
      first.addSuppressed(e);
    }
  }

  private void requireReady() throws SQLException {
    schema.requireUnchanged();
    if (replication.lag().time().compareTo(session.config().cutover().maxLag()) > 0) {
      throw new MigrationException(
          ErrorCode.NOT_READY,
          "The lag is "
              + replication.lag().time().toMillis()
              + " ms, more than cutover.max_lag allows");
    }
  }

  private Freeze.Result behind(Supplier<List<Subject>> unproven) throws SQLException {
    Freeze.Result result = freeze.run(unproven);
    Lsn end = result.drained().finalLsn();
    if (isReversible()) {
      way.begin();
    }
    open(end);
    freeze.leave();
    CrashPoint.CUTOVER_AFTER_OPEN.pass();
    // One that a rollback left: until now nobody but this program was to write here.
    Fence.lowerLeft(session.control(), session.target(), session.config().name());
    phases.addAll(freeze.phases());
    return result;
  }

  private CutoverReport report(
      Freeze.Result result, Instant frozenAt, long millis, Optional<String> problem) {
    return new CutoverReport(
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
        isReversible(),
        problem);
  }

  /** Opens the target; whatever fails after its commit is no reason to go back. */
  private void open(Lsn end) throws SQLException {
    mayBeOpen = true;
    try {
      freeze.timed(
          StepName.OPEN,
          () -> {
            schema.open(() -> freeze.requireSilence(end));
            return Replicating.Done.DONE;
          });
    } catch (SQLException | RuntimeException e) {
      mayBeOpen =
          freeze.isSettledAfter(
              e,
              StepName.OPEN,
              "The target does not say whether it is open: the source stays read-only until it"
                  + " does");
      if (!mayBeOpen) {
        throw e;
      }
    }
  }
}
