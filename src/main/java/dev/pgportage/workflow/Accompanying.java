package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.cutover.Fence;
import dev.pgportage.cutover.Move;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.schema.Sequence;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.state.StateStore;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.Monitor;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The cutover where others carried the rows, as AWS DMS does: fence, their last change, proof,
 * sequences, and what of the schema must come after rows. If anything fails before the target is
 * opened, the source is writable again.
 */
final class Accompanying {
  /** What DMS keeps in the databases for itself. */
  private static final String OF_OTHERS = "awsdms_";

  private final MigrationConfig config;
  private final Monitor monitor;
  private final StopSignal stop;

  Accompanying(MigrationConfig config, Monitor monitor, StopSignal stop) {
    this.config = config;
    this.monitor = monitor;
    this.stop = stop;
  }

  /**
   * Cuts over; a cutover that died after it opened the target is only finished.
   *
   * @param drain returns when the others have carried the last change and do nothing more
   */
  AccompaniedCutover cutover(Runnable drain) throws SQLException {
    Entry.enter(config);
    try (Session session = session()) {
      Optional<AccompaniedCutover> former = settle(session);
      if (former.isPresent()) {
        return former.get();
      }
      var schema = new SchemaRun(config, monitor);
      schema.requireUnchangedBut(session, List.of("*." + OF_OTHERS + "*"));
      schema.analyze(session, table -> !table.name().startsWith(OF_OTHERS));
      return move(session, drain);
    }
  }

  /**
   * Brings to an end what a process left that died in a cutover: one that had opened the target is
   * finished; before that the source is writable again.
   */
  Optional<AccompaniedCutover> settle() throws SQLException {
    var target = new Database(config.target(), Databases.application(config.name()));
    try (Connection connection = target.open("status")) {
      if (StateStore.find(connection, config.name()).isEmpty()) {
        return Optional.empty();
      }
    }
    try (Session session = session()) {
      return settle(session);
    }
  }

  private Session session() throws SQLException {
    return Session.open(config, Databases.of(config), new Supervision(monitor, stop));
  }

  private Optional<AccompaniedCutover> settle(Session session) throws SQLException {
    if (session.isDone(StepName.ASSESS)) {
      throw new MigrationException(
          ErrorCode.WRONG_STEP,
          "'pgportage migrate' carries the rows of " + config.name() + ", and cuts over itself");
    }
    Optional<AccompaniedCutover> opened = session.outcome(StepName.OPEN, AccompaniedCutover.class);
    if (opened.isPresent()) {
      return Optional.of(finish(session, opened.get()));
    }
    if (Fence.lowerLeft(session.control(), session.source(), config.name())) {
      session.monitor().event(lowered("A cutover was left unfinished"));
    }
    Switching.resumeLeft(session);
    return Optional.empty();
  }

  private AccompaniedCutover move(Session session, Runnable drain) throws SQLException {
    var switching = new Switching(session, Move.Direction.CUTOVER);
    switching.require();
    Fence fence = Fence.of(config.cutover(), session.source(), session.state(), config.name());
    Instant frozenAt = Instant.now();
    AccompaniedCutover report;
    try {
      switching.pause();
      fence.raise(session.control());
      session.monitor().event(Event.info("fence.raised", "Writes on the source are stopped"));
      CrashPoint.CUTOVER_AFTER_FENCE.pass();
      report = behind(session, fence, drain, frozenAt);
    } catch (SQLException | RuntimeException | Error e) {
      if (!mayBeOpen(session, e)) {
        lower(session, fence, e);
        switching.undo(e);
      }
      throw e;
    }
    fence.leave();
    CrashPoint.CUTOVER_AFTER_OPEN.pass();
    return finish(session, report);
  }

  /** Behind the fence, until the target is open. */
  private AccompaniedCutover behind(Session session, Fence fence, Runnable drain, Instant frozenAt)
      throws SQLException {
    drain.run();
    CrashPoint.CUTOVER_AFTER_DRAIN.pass();
    fence.requireSilent();
    ContentReport content = new ContentComparing(config, monitor, stop).run();
    requireEqual(content);
    int sequences = session.carrySequences(sequences());
    CrashPoint.CUTOVER_AFTER_SEQUENCES.pass();
    return session.redo(
        StepName.OPEN, () -> open(session, fence, () -> report(content, sequences, frozenAt)));
  }

  /** Opens the target; that it is open is noted in the same transaction, with the record. */
  private AccompaniedCutover open(Session session, Fence fence, Supplier<AccompaniedCutover> record)
      throws SQLException {
    boolean ours =
        new SchemaRun(config, monitor)
            .open(
                session,
                transaction -> {
                  fence.requireSilent();
                  session.done(transaction, StepName.OPEN, record.get());
                });
    if (!ours && config.schema().mode() == MigrationConfig.Schema.Mode.MANAGED) {
      session
          .monitor()
          .event(
              Event.warning(
                  "schema.foreign",
                  "The schema on the target is not pgportage's: foreign keys and triggers are left"
                      + " as they are"));
    }
    return session.outcome(StepName.OPEN, AccompaniedCutover.class).orElseThrow();
  }

  private AccompaniedCutover report(ContentReport content, int sequences, Instant frozenAt) {
    Instant openAt = Instant.now();
    return new AccompaniedCutover(
        config.name(),
        frozenAt,
        openAt,
        openAt.toEpochMilli() - frozenAt.toEpochMilli(),
        content.tables().size(),
        content.rows(),
        sequences,
        Optional.empty());
  }

  /** What follows once the target is open; done again where a process died meanwhile. */
  private AccompaniedCutover finish(Session session, AccompaniedCutover report)
      throws SQLException {
    Optional<String> problem = new Switching(session, Move.Direction.CUTOVER).lead();
    session.step(
        StepName.FINISH,
        Replicating.Done.class,
        () -> {
          new SchemaRun(config, monitor).refresh(session);
          return Replicating.Done.DONE;
        });
    session.phase(Phases.CUT_OVER);
    return report.with(problem);
  }

  /** Whether the opening was committed, or nobody can say that it was not. */
  private boolean mayBeOpen(Session session, Throwable failure) {
    try {
      return session.isSettled(StepName.OPEN);
    } catch (SQLException | MigrationException e) {
      failure.addSuppressed(e);
      session
          .monitor()
          .event(
              Event.warning(
                  "fence.kept",
                  "The target does not say whether it is open: the source stays read-only until it"
                      + " does and the same command is run again"));
      return true;
    }
  }

  private List<Sequence> sequences() throws SQLException {
    return new Assessing(config)
        .resolve().objects().sequences().stream()
            .filter(sequence -> !sequence.name().name().startsWith(OF_OTHERS))
            .toList();
  }

  private static void requireEqual(ContentReport content) {
    var wrong = new ArrayList<String>();
    content.tables().stream()
        .filter(table -> !table.equal())
        .forEach(table -> wrong.add(table.result().table() + " differs"));
    add(wrong, content.missing(), "is not on the target");
    add(wrong, content.otherColumns(), "has other columns on the target");
    add(wrong, content.missingSequences(), "is not on the target");
    if (!wrong.isEmpty()) {
      throw new MigrationException(
          ErrorCode.DATA_DIFFERS,
          "Behind the fence, with nothing left to replicate:\n  " + String.join("\n  ", wrong),
          "See the keys with 'pgportage compare'. The source is writable again.",
          null);
    }
  }

  private static void add(List<String> wrong, List<QualifiedName> names, String what) {
    names.stream()
        .filter(name -> !name.name().startsWith(OF_OTHERS))
        .forEach(name -> wrong.add(name + " " + what));
  }

  private static Event lowered(String why) {
    return Event.warning("fence.lowered", why + ": the source is writable again");
  }

  private static void lower(Session session, Fence fence, Throwable first) {
    try {
      fence.lower(session.control());
      session.monitor().event(lowered("The cutover failed"));
    } catch (MigrationException e) {
      e.addSuppressed(first);
      throw e;
    }
  }
}
