package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.cdc.Replication;
import dev.pgportage.cutover.CutoverReport;
import dev.pgportage.pg.ExportedSnapshot;
import dev.pgportage.pg.Lsn;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.state.RequestKind;
import dev.pgportage.state.Requests;
import dev.pgportage.telemetry.Event;
import dev.pgportage.validation.Subject;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** READY: proves, then replicates on and carries out what is asked for, until the cutover. */
final class ReadyLoop {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final int MOST_ROUNDS = 5;

  /** So many rows are read by their keys in a fraction of a second. */
  private static final int FEW_ROWS = 20_000;

  private final Session session;
  private final Plan plan;
  private final StopSignal stop;
  private final SchemaStage schema;
  private final Replication replication;

  private final Proofs proofs;

  ReadyLoop(
      Session session, Plan plan, StopSignal stop, SchemaStage schema, Replication replication)
      throws SQLException {
    this.session = session;
    this.plan = plan;
    this.stop = stop;
    this.schema = schema;
    this.replication = replication;
    this.proofs = Proofs.read(session, replication);
  }

  /** Runs to the goal; empty if a change of the schema is to be reconciled first. */
  Optional<Outcome> run(Goal goal, Following following) throws SQLException {
    session.step(StepName.VALIDATION, Replicating.Done.class, this::proveOnce);
    session.step(StepName.READY, Replicating.Done.class, () -> Replicating.Done.DONE);
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
      Optional<Requests.Request> request = session.requests().take(session.control());
      if (request.isPresent()) {
        if (carryOut(request.get(), following)) {
          return Optional.of(Outcome.CUT_OVER);
        }
      }
      if (isAnswered(goal)) {
        return Optional.of(Outcome.READY);
      }
      stop.pause(POLL);
    }
  }

  /** A former attempt may have answered and failed after it: nobody would ask a second time. */
  private boolean isAnswered(Goal goal) throws SQLException {
    return goal instanceof Goal.Answered(long id)
        && session.requests().read(session.control(), id).finished();
  }

  /** What a former process proved, and nothing has touched since, is not proven again. */
  private Replicating.Done proveOnce() throws SQLException {
    prove(() -> proofs.unproven(plan.objects().streamed())).orThrow();
    schema.requireUnchanged();
    return Replicating.Done.DONE;
  }

  /** Compares everything that is replicated, at one LSN, while replication goes on. */
  private ValidationReport proveAll() {
    return prove(() -> plan.objects().streamed().stream().map(Subject::whole).toList());
  }

  /**
   * Compares tables at one LSN, while replication goes on.
   *
   * @param wanted asked at that LSN what to compare
   */
  private ValidationReport prove(Supplier<List<Subject>> wanted) {
    // Else a column or table that is gone would fail the comparison, and look like a defect.
    schema.requireUnchanged();
    var objects = new SourceObjects(session, plan.objects());
    try (var both = new BothAtOnePoint(objects, wanted)) {
      ExportedSnapshot source = both.source();
      Lsn point = source.snapshot().consistentPoint();
      ValidationReport report =
          new Proving(session, proofs)
              .compare(source, both.target(), both.subjects(), Optional.of(point));
      tell(report, point);
      return report;
    }
  }

  private void tell(ValidationReport report, Lsn point) {
    String found = report.equal() ? "all equal" : "differences found";
    session
        .monitor()
        .event(
            Event.info(
                "validation.done",
                "Compared " + report.rows() + " rows at " + point + ": " + found));
  }

  /**
   * Carries a request out; a failure is told to who asked, and replication goes on.
   *
   * @return whether the writes have moved
   */
  private boolean carryOut(Requests.Request request, Following following) throws SQLException {
    try {
      String outcome =
          switch (request.kind()) {
            case VALIDATE -> Session.write(proveAll());
            case CUTOVER -> Session.write(cutOver(following));
            case REHEARSE, ROLLBACK, ABANDON -> throw outOfPlace(request.kind());
          };
      session.requests().finish(session.control(), request.id(), outcome, null);
      return request.kind() == RequestKind.CUTOVER;
    } catch (MigrationException e) {
      session
          .requests()
          .finish(session.control(), request.id(), null, Session.write(RequestFailure.of(e)));
      session
          .monitor()
          .event(Event.warning(request.kind().label() + ".failed", e.code() + ": " + e.what()));
      replication.check();
      session.phase(StepName.READY.label());
      return false;
    }
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
    proveChanges();
    return new CutoverRun(session, plan, schema, replication).run(proofs);
  }

  /**
   * Proves what changed, and then what changed meanwhile, as long as that is much and becomes less.
   */
  private void proveChanges() {
    List<Subject> unproven = proofs.unproven(plan.objects().streamed());
    long before = Long.MAX_VALUE;
    for (int round = 0; !unproven.isEmpty() && round < MOST_ROUNDS; round++) {
      long rows = unproven.stream().mapToLong(Subject::estimatedRows).sum();
      if (round > 0 && (rows <= FEW_ROWS || rows > before / 2)) {
        return;
      }
      before = rows;
      prove(() -> proofs.unproven(plan.objects().streamed())).orThrow();
      unproven = proofs.unproven(plan.objects().streamed());
    }
  }

  /** One moment of both sides, held open. */
  private final class BothAtOnePoint implements AutoCloseable {
    private final AtomicReference<@Nullable ExportedSnapshot> source = new AtomicReference<>();
    private final ExportedSnapshot target;
    private List<Subject> subjects = List.of();

    BothAtOnePoint(SourceObjects objects, Supplier<List<Subject>> wanted) {
      try {
        target =
            replication.holdAt(
                () -> {
                  ExportedSnapshot taken = objects.temporary();
                  source.set(taken);
                  return taken.snapshot().consistentPoint();
                },
                () -> {
                  subjects = wanted.get();
                  return ExportedSnapshot.take(session.target());
                });
      } catch (RuntimeException e) {
        closeSource();
        throw e;
      }
    }

    ExportedSnapshot source() {
      return Objects.requireNonNull(source.get());
    }

    ExportedSnapshot target() {
      return target;
    }

    List<Subject> subjects() {
      return subjects;
    }

    private void closeSource() {
      ExportedSnapshot taken = source.get();
      if (taken != null) {
        taken.close();
      }
    }

    @Override
    public void close() {
      try (target) {
        closeSource();
      }
    }
  }
}
