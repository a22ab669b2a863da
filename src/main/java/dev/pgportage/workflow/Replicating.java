package dev.pgportage.workflow;

import dev.pgportage.MigrationException;
import dev.pgportage.cdc.Receiving;
import dev.pgportage.cdc.RelationChange;
import dev.pgportage.cdc.Replication;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.cutover.Move;
import dev.pgportage.load.TouchedKeys;
import dev.pgportage.pg.ExportedSnapshot;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.schema.CatalogReader;
import dev.pgportage.schema.ObjectSets;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.telemetry.Event;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A migration that replicates: from the schema to READY, and on until its cutover. */
final class Replicating {
  private static final Duration POLL = Duration.ofMillis(100);

  private final Session session;
  private final Plan plan;
  private final StopSignal stop;
  private final SchemaStage schema;
  private final Following following;

  Replicating(
      Session session, Plan plan, StopSignal stop, SchemaStage schema, Following following) {
    this.following = following;
    this.session = session;
    this.plan = plan;
    this.stop = stop;
    this.schema = schema;
  }

  /** What the slot's step leaves. */
  record SlotMade(Lsn consistentPoint) {}

  /** What a step leaves that has nothing to say. */
  record Done(boolean done) {
    static final Done DONE = new Done(true);
  }

  /** Runs to the goal; empty if the source's schema changed and the steps begin anew. */
  Optional<Outcome> run(Goal goal) throws SQLException {
    if (!session.isDone(StepName.OPEN)) {
      Optional<Outcome> outcome = replicate(goal);
      if (outcome.filter(o -> o == Outcome.CUT_OVER).isEmpty()) {
        return outcome;
      }
    } else {
      // What a former run did not bring about; the one that cuts over has told everybody itself.
      new Switching(session, Move.Direction.CUTOVER).lead();
    }
    new Finishing(session, schema).run(Phases.CUT_OVER);
    return new ReverseLoop(session, plan, stop, schema).run(goal);
  }

  /** After a rollback, what acts on rows has to rest on the target before they flow there. */
  private void rest() throws SQLException {
    session.step(
        StepName.SHUT,
        Done.class,
        () -> {
          try (Connection target = session.target().open("schema")) {
            Resting.begin(
                session, ObjectSets.counterpart(CatalogReader.read(target), plan.objects()));
          }
          return Done.DONE;
        });
  }

  private Optional<Outcome> replicate(Goal goal) throws SQLException {
    if (session.isDone(StepName.ROLLBACK_OPEN)) {
      if (!session.replicaRole()) {
        session.phase(Phases.ROLLED_BACK);
        return Optional.of(Outcome.ROLLED_BACK);
      }
      rest();
    }
    Optional<RelationChange> change = Optional.empty();
    try (var held = new Held()) {
      session.step(StepName.SLOT, SlotMade.class, () -> makeSlot(held));
      OpenSpools spools = new Spools(session).open();
      held.own(spools);
      load(held, spools);
      held.letGoSnapshot();
      Replication replication = Replications.start(session, plan, following.follows(), spools);
      try (replication) {
        tellBegun();
        Optional<Outcome> outcome = carry(replication, goal);
        if (outcome.isPresent()) {
          return outcome;
        }
      } finally {
        change = replication.relationChange();
      }
      following.reconcile();
      return Optional.empty();
    } catch (MigrationException e) {
      if (session.isDone(StepName.OPEN) || !following.helpsAfter(e, change)) {
        throw e;
      }
      return Optional.empty();
    }
  }

  private void tellBegun() {
    session
        .monitor()
        .event(
            Event.info(
                "replication.begun",
                session.config().type().loads()
                    ? "Every row is loaded, and changes are replicated"
                    : "Changes are replicated"));
  }

  /** From catching up to the goal; empty if a change of the schema is to be reconciled. */
  private Optional<Outcome> carry(Replication replication, Goal goal) throws SQLException {
    if (following.settle(replication)) {
      return Optional.empty();
    }
    if (!session.isDone(StepName.CATCH_UP)) {
      session.step(StepName.CATCH_UP, Done.class, () -> catchUp(replication));
      // It may have taken long.
      if (following.settle(replication)) {
        return Optional.empty();
      }
    }
    session.step(StepName.CONSTRAINTS, Done.class, () -> constrain(replication));
    return new ReadyLoop(session, plan, stop, schema, replication).run(goal, following);
  }

  private void load(Held held, OpenSpools spools) throws SQLException {
    if (!session.config().type().loads() || !following.isAsPlanned()) {
      return;
    }
    if (following.follows()) {
      new SourceObjects(session, plan.objects()).adjustPublication();
    }
    boolean toReload = following.follows() && !following.unloaded().isEmpty();
    boolean loads = toReload || !session.isDone(StepName.LOAD);
    Map<QualifiedName, TouchedKeys> touched =
        loads
            ? new Continuing(session, plan, stop, following.follows())
                .touched(held.orTemporary().snapshot(), spools)
            : Map.of();
    List<Receiving> receiving =
        loads ? Replications.receive(session, plan, following.follows(), spools) : List.of();
    try {
      var load =
          new LoadStep(
              session, plan, stop, schema, () -> receiving.forEach(Receiving::check), touched);
      load.run(held::orTemporary);
      if (following.follows() && !following.unloaded().isEmpty()) {
        load.again(held::orTemporary, following.unloaded());
      }
    } finally {
      receiving.forEach(Receiving::close);
    }
  }

  private SlotMade makeSlot(Held held) throws SQLException {
    var objects = new SourceObjects(session, plan.objects());
    if (session.config().type() == MigrationConfig.Type.CDC
        && session.config().apply().slot().isPresent()) {
      return new SlotMade(objects.adopt());
    }
    held.hold(objects.make());
    return new SlotMade(held.orTemporary().snapshot().consistentPoint());
  }

  /** Waits until everything the source has committed by now is on the target. */
  static void awaitMark(Session session, Replication replication, StopSignal stop)
      throws SQLException {
    Lsn mark = session.mark();
    while (!replication.awaitApplied(mark, POLL)) {
      session.heartbeat();
      session.monitor().lag(replication.lag());
      stop.pause(Duration.ZERO);
    }
  }

  private Done catchUp(Replication replication) throws SQLException {
    Duration limit = session.config().cutover().maxLag();
    do {
      awaitMark(session, replication, stop);
    } while (replication.lag().time().compareTo(limit) > 0);
    session
        .monitor()
        .event(
            Event.info(
                "catch-up.done",
                "Caught up: the lag is " + replication.lag().time().toMillis() + " ms"));
    return Done.DONE;
  }

  private Done constrain(Replication replication) {
    schema.constrain(replication);
    CrashPoint.CONSTRAINT_AFTER_ADD.pass();
    return Done.DONE;
  }

  /**
   * The load's snapshot: the slot's own, or after an interruption one with a later, known LSN. And
   * the spools.
   */
  private final class Held implements AutoCloseable {
    private Optional<ExportedSnapshot> snapshot = Optional.empty();
    private OpenSpools spools = new OpenSpools();

    void own(OpenSpools opened) {
      spools = opened;
      session.watch(opened);
    }

    void hold(ExportedSnapshot made) {
      snapshot = Optional.of(made);
    }

    ExportedSnapshot orTemporary() {
      if (snapshot.isEmpty()) {
        hold(new SourceObjects(session, plan.objects()).temporary());
      }
      return snapshot.orElseThrow();
    }

    void letGoSnapshot() {
      snapshot.ifPresent(ExportedSnapshot::close);
      snapshot = Optional.empty();
    }

    @Override
    public void close() {
      letGoSnapshot();
      session.watch(new OpenSpools());
      spools.close();
    }
  }
}
