package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Database;
import dev.pgportage.schema.SchemaPlan;
import dev.pgportage.state.StateStore;
import dev.pgportage.telemetry.Event;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One try at a migration, from wherever the last one ended: takes the lease, lifts a fence that was
 * left, and goes through the steps that are not done.
 */
final class Attempt {
  private final MigrationConfig config;
  private final Supervision supervision;
  private final StopSignal stop;

  /** What was assessed before the migration was entered; once used, the source may differ. */
  private Optional<Assessing.Assessed> assessed = Optional.empty();

  Attempt(MigrationConfig config, Supervision supervision) {
    this.config = config;
    this.supervision = supervision;
    this.stop = supervision.stop();
  }

  /**
   * Runs to the goal.
   *
   * @throws MigrationException why not; where those that watch over it have ended it, their reason
   */
  Outcome run(Goal goal) throws SQLException {
    supervision.beginAttempt();
    try (var _ = Watchdog.over(Databases.unprobed(config), supervision, config.safety())) {
      boolean resumed = enter();
      var databases = Databases.of(config);
      try (Session session = Session.open(config, databases, supervision);
          var _ = SafetyGuard.over(config, databases, supervision)) {
        session.monitor().event(begins(resumed));
        return tellingEnd(session, () -> run(session, goal));
      }
    } catch (SQLException | RuntimeException e) {
      Optional<MigrationException> verdict = supervision.verdict();
      if (verdict.isEmpty() || verdict.get() == e) {
        throw e;
      }
      verdict.get().addSuppressed(e);
      throw verdict.get();
    } finally {
      // The next attempt, or the program's end, may follow on this thread.
      Thread.interrupted();
    }
  }

  private static Outcome tellingEnd(Session session, Session.Work<Outcome> work)
      throws SQLException {
    try {
      return work.run();
    } catch (MigrationException e) {
      session.tellEnd(e);
      throw e;
    }
  }

  private Outcome run(Session session, Goal goal) throws SQLException {
    session
        .requests()
        .withdrawUnfinished(
            session.control(),
            goal instanceof Goal.Answered(long id) ? id : 0,
            Session.write(RequestFailure.of(Asking.gone(config))));
    CutoverRun.liftLeftFence(session);
    var inVain = new AtomicInteger();
    Optional<Outcome> outcome = Optional.empty();
    while (outcome.isEmpty()) {
      outcome = turn(session, goal, inVain);
    }
    return outcome.get();
  }

  /** Goes through the steps; empty if the plan was replaced on the way, or is to be. */
  private Optional<Outcome> turn(Session session, Goal goal, AtomicInteger inVain)
      throws SQLException {
    Optional<SchemaPlan> drafted = assessed.flatMap(Assessing.Assessed::schema);
    Plan plan = session.step(StepName.ASSESS, Plan.class, this::plan);
    try (SchemaStage schema = SchemaStage.prepare(session, plan, drafted)) {
      if (!config.type().replicates()) {
        return Optional.of(new Copying(session, plan, stop, schema).run());
      }
      var turn = new Following.Turn(session, plan, schema, stop, goal, inVain);
      try (var following = new Following(turn)) {
        following.begin();
        return new Replicating(session, plan, stop, schema, following).run(goal);
      }
    }
  }

  private Plan plan() throws SQLException {
    Optional<Assessing.Assessed> before = assessed;
    assessed = Optional.empty();
    return before.isPresent() ? before.get().plan() : new Assessing(config).passed().plan();
  }

  private Event begins(boolean resumed) {
    String way =
        "migration of %s from %s:%d to %s:%d"
            .formatted(
                config.source().database(),
                config.source().host(),
                config.source().port(),
                config.target().host(),
                config.target().port());
    return resumed
        ? Event.info("migration.resumed", "The " + way + " goes on where it was")
        : Event.info("migration.begun", "The " + way + " begins (" + config.type() + ")");
  }

  /** Enters the migration in the state; whether it was begun before. */
  private boolean enter() throws SQLException {
    var target = new Database(config.target(), Databases.application(config.name()));
    boolean begun;
    try (Connection connection = target.open("status")) {
      Optional<StateStore.Migration> entry = StateStore.find(connection, config.name());
      requireNoRowsToMeet(entry);
      begun = Entry.hasBegun(entry);
    }
    if (!begun) {
      assessed = Optional.of(new Assessing(config).passed());
    }
    Entry.enter(config);
    return begun;
  }

  private void requireNoRowsToMeet(Optional<StateStore.Migration> entry) {
    if (entry.isPresent() && entry.get().phase().equals(Phases.STOPPED)) {
      throw new MigrationException(
          ErrorCode.EMERGENCY_STOPPED,
          "Migration " + config.name() + " was stopped by 'pgportage emergency-stop'");
    }
    if (entry.isPresent() && entry.get().phase().equals(Phases.SCHEMA_MADE)) {
      throw new MigrationException(
          ErrorCode.WRONG_STEP,
          "'pgportage schema --post-data' has made the whole schema of "
              + config.name()
              + ": rows would meet its keys and triggers",
          "Run 'pgportage cleanup', then migrate with schema.mode: existing.",
          null);
    }
  }
}
