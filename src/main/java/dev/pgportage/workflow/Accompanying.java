package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.cutover.Fence;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.schema.Sequence;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.Monitor;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

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
   * Cuts over.
   *
   * @param drain returns when the others have carried the last change and do nothing more
   */
  AccompaniedCutover cutover(Runnable drain) throws SQLException {
    Entry.enter(config);
    try (Session session =
        Session.open(config, Databases.of(config), new Supervision(monitor, stop))) {
      if (Fence.lowerLeft(session.control(), session.source(), config.name())) {
        session.monitor().event(lowered("A cutover was left unfinished"));
      }
      new SchemaRun(config, monitor).requireUnchangedBut(session, List.of("*." + OF_OTHERS + "*"));
      Fence fence = Fence.of(config.cutover(), session.source(), session.state(), config.name());
      Instant frozenAt = Instant.now();
      AccompaniedCutover report;
      try {
        fence.raise(session.control());
        session.monitor().event(Event.info("fence.raised", "Writes on the source are stopped"));
        report = behind(session, fence, drain, frozenAt);
      } catch (SQLException | RuntimeException | Error e) {
        lower(session, fence, e);
        throw e;
      }
      fence.leave();
      session.phase(Phases.CUT_OVER);
      return report;
    }
  }

  private AccompaniedCutover behind(Session session, Fence fence, Runnable drain, Instant frozenAt)
      throws SQLException {
    drain.run();
    fence.requireSilent();
    ContentReport content = new ContentComparing(config, monitor, stop).run();
    requireEqual(content);
    int sequences = session.carrySequences(sequences());
    fence.requireSilent();
    if (config.schema().mode() == MigrationConfig.Schema.Mode.MANAGED
        && !new SchemaRun(config, monitor).complete(session)) {
      session
          .monitor()
          .event(
              Event.warning(
                  "schema.foreign",
                  "The schema on the target is not pgportage's: foreign keys and triggers are left"
                      + " as they are"));
    }
    Instant openAt = Instant.now();
    return new AccompaniedCutover(
        config.name(),
        frozenAt,
        openAt,
        openAt.toEpochMilli() - frozenAt.toEpochMilli(),
        content.tables().size(),
        content.rows(),
        sequences);
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
