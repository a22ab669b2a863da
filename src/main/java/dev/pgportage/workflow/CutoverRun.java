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
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
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
  private static final Duration SILENCE_PATIENCE = Duration.ofSeconds(10);

  private final Session session;
  private final Plan plan;
  private final SchemaStage schema;
  private final Replication replication;
  private final List<CutoverReport.Phase> phases = new ArrayList<>();

  /** From the opening's commit on the source must not be written to any more. */
  private boolean mayBeOpen;

  CutoverRun(Session session, Plan plan, SchemaStage schema, Replication replication) {
    this.session = session;
    this.plan = plan;
    this.schema = schema;
    this.replication = replication;
  }

  /** What draining leaves: nothing of the application comes after this position. */
  record Drained(Lsn finalLsn) {}

  /** What copying again leaves. */
  record Recopied(List<String> tables, long largeObjects) {}

  /** What setting sequences leaves. */
  record Set(int sequences) {}

  /** What the proof leaves. */
  record Proven(int tables, long rows) {}

  /**
   * After a process died between fence and open: the source is opened again, and the cutover's
   * steps begin anew.
   */
  static void liftLeftFence(Session session) throws SQLException {
    if (session.isDone(StepName.OPEN)) {
      return;
    }
    if (Fence.lowerLeft(session.control(), session.source(), session.config().name())) {
      session
          .monitor()
          .event(
              Event.warning(
                  "fence.lowered", "A cutover was left unfinished: the source is writable again"));
    }
    for (StepName step :
        List.of(
            StepName.FENCE, StepName.DRAIN, StepName.RECOPY, StepName.SEQUENCES, StepName.PROOF)) {
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
    CrashPoint.CUTOVER_BEFORE_FENCE.pass();
    Fence fence = Fence.of(session.config().cutover(), session.source(), session.config().name());
    Instant frozenAt = Instant.now();
    long began = System.nanoTime();
    CutoverReport report;
    try {
      report = behind(fence, unproven, frozenAt, began);
    } catch (SQLException | RuntimeException | Error e) {
      if (!mayBeOpen) {
        lower(fence, e);
      }
      throw e;
    }
    session
        .monitor()
        .event(
            Event.info(
                "cutover.open",
                "The target is open; the freeze took " + report.freezeMillis() + " ms"));
    return report;
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

  private CutoverReport behind(
      Fence fence, Supplier<List<Subject>> unproven, Instant frozenAt, long began)
      throws SQLException {
    timed(
        StepName.FENCE,
        () -> {
          fence.raise(session.control());
          return Replicating.Done.DONE;
        });
    CrashPoint.CUTOVER_AFTER_FENCE.pass();
    Drained drained = timed(StepName.DRAIN, () -> drain(fence));
    CrashPoint.CUTOVER_AFTER_DRAIN.pass();
    Recopied recopied = timed(StepName.RECOPY, this::recopy);
    CrashPoint.CUTOVER_AFTER_RECOPY.pass();
    Set set = timed(StepName.SEQUENCES, this::setSequences);
    CrashPoint.CUTOVER_AFTER_SEQUENCES.pass();
    Proven proven = timed(StepName.PROOF, () -> prove(unproven.get(), drained.finalLsn()));
    requireSilence(fence, drained.finalLsn());
    CrashPoint.CUTOVER_AFTER_PROOF.pass();
    open(fence, drained.finalLsn());
    long freeze = (System.nanoTime() - began) / 1_000_000;
    CrashPoint.CUTOVER_AFTER_OPEN.pass();
    return new CutoverReport(
        session.config().name(),
        drained.finalLsn().toString(),
        frozenAt,
        Instant.now(),
        freeze,
        phases,
        proven.tables(),
        proven.rows(),
        recopied.tables(),
        recopied.largeObjects(),
        set.sequences());
  }

  private <T> T timed(StepName step, Session.Work<T> work) throws SQLException {
    long began = System.nanoTime();
    T outcome = session.redo(step, work);
    phases.add(new CutoverReport.Phase(step.label(), (System.nanoTime() - began) / 1_000_000));
    return outcome;
  }

  /**
   * A mark sent behind the fence comes after everything committed before it. Changes are known by
   * the end of the batch they came in, so the final LSN is that of the batch that held the mark.
   */
  private Drained drain(Fence fence) throws SQLException {
    Lsn mark = session.mark();
    // A table or partition made since the first look is in no publication: its rows would be lost.
    schema.requireUnchanged();
    awaitApplied(mark);
    fence.requireSilent();
    return new Drained(replication.applied());
  }

  private void awaitApplied(Lsn position) {
    Duration patience = session.config().cutover().drainTimeout();
    if (!replication.awaitApplied(position, patience)) {
      throw new MigrationException(
          ErrorCode.DRAIN_TIMEOUT,
          "The target has not applied "
              + position
              + " after "
              + patience.toSeconds()
              + " s (cutover.drain_timeout); it is at "
              + replication.applied());
    }
  }

  /**
   * Nothing of a table may have come after the final LSN, or somebody wrote behind the fence. While
   * the target is being opened, such a change may have to wait for the opening's own locks.
   */
  private void requireSilence(Fence fence, Lsn end) throws SQLException {
    fence.requireSilent();
    if (!replication.awaitApplied(session.mark(), SILENCE_PATIENCE)) {
      throw new MigrationException(
          ErrorCode.FENCE_BREACHED,
          "Something came after the final LSN " + end + " that the target has not applied");
    }
    var changed = replication.changedSince(end);
    if (!changed.isEmpty()) {
      throw new MigrationException(
          ErrorCode.FENCE_BREACHED, "Changed behind the fence: " + changed);
    }
  }

  /** Opens the target; whatever fails after its commit is no reason to go back. */
  private void open(Fence fence, Lsn end) throws SQLException {
    mayBeOpen = true;
    try {
      timed(
          StepName.OPEN,
          () -> {
            schema.open(() -> requireSilence(fence, end));
            return Replicating.Done.DONE;
          });
    } catch (SQLException | RuntimeException e) {
      mayBeOpen = isOpenAfter(e);
      if (!mayBeOpen) {
        throw e;
      }
    }
  }

  /** A connection may be lost before the answer to a commit: then it is asked for anew. */
  private boolean isOpenAfter(Exception failure) throws SQLException {
    try (Connection fresh = session.target().open("control")) {
      return session.steps().isSettled(fresh, StepName.OPEN.label());
    } catch (SQLException | MigrationException e) {
      failure.addSuppressed(e);
      throw new SQLException(
          "The target does not say whether it is open: the source stays read-only until it does",
          SqlStates.CONNECTION_FAILURE,
          failure);
    }
  }

  private Recopied recopy() {
    return new RecopyStep(session, plan).run();
  }

  private Set setSequences() throws SQLException {
    return new Set(session.carrySequences(plan.objects().sequences()));
  }

  private Proven prove(List<Subject> unproven, Lsn end) {
    ValidationReport report =
        new Proving(session, Proofs.none()).quiet(unproven, Optional.of(end)).orThrow();
    return new Proven(report.tables().size(), report.rows());
  }

  private void lower(Fence fence, Throwable first) {
    try {
      fence.lower(session.control());
      session
          .monitor()
          .event(
              Event.warning("fence.lowered", "The cutover failed: the source is writable again"));
    } catch (MigrationException e) {
      e.addSuppressed(first);
      throw e;
    }
  }
}
