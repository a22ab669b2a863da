package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.cdc.Replication;
import dev.pgportage.cutover.CutoverReport;
import dev.pgportage.cutover.Fence;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.SqlStates;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.telemetry.Event;
import dev.pgportage.validation.Subject;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The time in which nobody can write, whichever way the writes move: fence, drain, recopy,
 * sequences, proof. Knows only of the direction of the session it is given.
 */
final class Freeze {
  private static final Duration SILENCE_PATIENCE = Duration.ofSeconds(10);

  private final Session session;
  private final Plan plan;
  private final Replication replication;
  private final Runnable requireUnchanged;
  private final Names names;
  private final Fence fence;
  private final List<CutoverReport.Phase> phases = new ArrayList<>();

  /** What the steps are called in one direction. */
  record Names(
      StepName fence, StepName drain, StepName recopy, StepName sequences, StepName proof) {
    static final Names CUTOVER =
        new Names(
            StepName.FENCE, StepName.DRAIN, StepName.RECOPY, StepName.SEQUENCES, StepName.PROOF);
    static final Names ROLLBACK =
        new Names(
            StepName.ROLLBACK_FENCE,
            StepName.ROLLBACK_DRAIN,
            StepName.ROLLBACK_RECOPY,
            StepName.ROLLBACK_SEQUENCES,
            StepName.ROLLBACK_PROOF);

    List<StepName> all() {
      return List.of(fence, drain, recopy, sequences, proof);
    }
  }

  /** What draining leaves: nothing of the application comes after this position. */
  record Drained(Lsn finalLsn) {}

  /** What copying again leaves. */
  record Recopied(List<String> tables, long largeObjects) {}

  /** What setting sequences leaves. */
  record Set(int sequences) {}

  /** What the proof leaves. */
  record Proven(int tables, long rows) {}

  /** All of it. */
  record Result(Drained drained, Recopied recopied, Set set, Proven proven) {}

  /**
   * A freeze not yet begun.
   *
   * @param requireUnchanged fails if the schema is not as planned
   */
  Freeze(
      Session session, Plan plan, Replication replication, Runnable requireUnchanged, Names names) {
    this.session = session;
    this.plan = plan;
    this.replication = replication;
    this.requireUnchanged = requireUnchanged;
    this.names = names;
    this.fence =
        Fence.of(
            session.config().cutover(), session.source(), session.state(), session.config().name());
  }

  /**
   * Stops the writers and brings the other side to the same state, proven.
   *
   * @param unproven asked behind the fence what to compare
   */
  Result run(Supplier<List<Subject>> unproven) throws SQLException {
    timed(
        names.fence,
        () -> {
          fence.raise(session.control());
          return Replicating.Done.DONE;
        });
    CrashPoint.CUTOVER_AFTER_FENCE.pass();
    Drained drained = timed(names.drain, this::drain);
    CrashPoint.CUTOVER_AFTER_DRAIN.pass();
    Recopied recopied = timed(names.recopy, () -> new RecopyStep(session, plan).run());
    CrashPoint.CUTOVER_AFTER_RECOPY.pass();
    Set set =
        timed(names.sequences, () -> new Set(session.carrySequences(plan.objects().sequences())));
    CrashPoint.CUTOVER_AFTER_SEQUENCES.pass();
    Proven proven = timed(names.proof, () -> prove(unproven.get(), drained.finalLsn()));
    requireSilence(drained.finalLsn());
    CrashPoint.CUTOVER_AFTER_PROOF.pass();
    return new Result(drained, recopied, set, proven);
  }

  /** Does a step and notes how long it took. */
  <T> T timed(StepName step, Session.Work<T> work) throws SQLException {
    long began = System.nanoTime();
    T outcome = session.redo(step, work);
    phases.add(new CutoverReport.Phase(step.label(), (System.nanoTime() - began) / 1_000_000));
    return outcome;
  }

  /** How long each step took so far. */
  List<CutoverReport.Phase> phases() {
    return List.copyOf(phases);
  }

  /**
   * A mark sent behind the fence comes after everything committed before it. Changes are known by
   * the end of the batch they came in, so the final LSN is that of the batch that held the mark; of
   * several streams the one that came farthest, and all others come there.
   */
  private Drained drain() throws SQLException {
    Lsn mark = session.mark();
    // A table or partition made since the first look is in no publication: its rows would be lost.
    requireUnchanged.run();
    awaitApplied(mark);
    fence.requireSilent();
    Lsn end = replication.reached();
    awaitApplied(end);
    return new Drained(end);
  }

  private void awaitApplied(Lsn position) {
    Duration patience = session.config().cutover().drainTimeout();
    if (!replication.awaitApplied(position, patience)) {
      throw new MigrationException(
          ErrorCode.DRAIN_TIMEOUT,
          "The "
              + session.target().side()
              + " has not applied "
              + position
              + " after "
              + patience.toSeconds()
              + " s (cutover.drain_timeout); it is at "
              + replication.applied());
    }
  }

  /**
   * Nothing of a table may have come after the final LSN, or somebody wrote behind the fence. While
   * the other side is being opened, such a change may have to wait for the opening's own locks.
   */
  void requireSilence(Lsn end) throws SQLException {
    fence.requireSilent();
    if (!replication.awaitApplied(session.mark(), SILENCE_PATIENCE)) {
      throw new MigrationException(
          ErrorCode.FENCE_BREACHED,
          "Something came after the final LSN "
              + end
              + " that the "
              + session.target().side()
              + " has not applied");
    }
    var changed = replication.changedSince(end);
    if (!changed.isEmpty()) {
      throw new MigrationException(
          ErrorCode.FENCE_BREACHED, "Changed behind the fence: " + changed);
    }
  }

  private Proven prove(List<Subject> unproven, Lsn end) {
    ValidationReport report =
        new Proving(session, Proofs.none()).quiet(unproven, Optional.of(end)).orThrow();
    return new Proven(report.tables().size(), report.rows());
  }

  /**
   * Whether a commit was done whose answer was lost: then the state is asked for anew.
   *
   * @param step which it noted as done
   * @param doubt what is told if the state does not answer
   */
  boolean isSettledAfter(Exception failure, StepName step, String doubt) throws SQLException {
    try {
      return session.isSettled(step);
    } catch (SQLException | MigrationException e) {
      failure.addSuppressed(e);
      throw new SQLException(doubt, SqlStates.CONNECTION_FAILURE, failure);
    }
  }

  /** The other side is open: the fence stays, and nobody here lowers it any more. */
  void leave() {
    fence.leave();
  }

  /** Lets the writers in again after a failure. */
  void lift(Throwable first) {
    try {
      fence.lower(session.control());
      session
          .monitor()
          .event(
              Event.warning(
                  "fence.lowered",
                  "It failed: the " + session.source().side() + " is writable again"));
    } catch (MigrationException e) {
      e.addSuppressed(first);
      throw e;
    }
  }
}
