package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.MigrationConfig.Spool.WhenLost;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.spool.Spool;
import dev.pgportage.spool.SpoolLimits;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.state.SpoolNote;
import dev.pgportage.state.TableState;
import dev.pgportage.telemetry.ApplyCounters;
import dev.pgportage.telemetry.Event;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * A stream's spool on this machine, and the rule by which it is needed: the source has forgotten
 * what lies between the applied position and the slot's confirmed one, so exactly that must be in
 * the spool.
 */
final class StreamSpool {
  private static final List<StepName> AFTER_A_LOAD =
      List.of(
          StepName.LOAD, StepName.RELOAD, StepName.CATCH_UP, StepName.VALIDATION, StepName.READY);

  private final Session session;
  private final MigrationConfig.Spool settings;
  private final SpoolNote note;
  private final int stream;
  private final SpoolLimits limits;

  /**
   * A stream's spool, which may or may not be there.
   *
   * @param streams how many streams share the room there is
   */
  StreamSpool(Session session, int stream, int streams) {
    this.session = session;
    this.stream = stream;
    this.settings = session.config().apply().spool();
    this.note = new SpoolNote(session.config().name(), stream);
    this.limits =
        new SpoolLimits(settings.mostBytes() / streams, settings.keptFree(), settings.beginsAt());
  }

  /** Between the two positions nothing may be missing. */
  record Positions(Lsn applied, Lsn confirmed) {
    boolean needSpool() {
      return applied.isBefore(confirmed);
    }

    boolean areCoveredBy(Spool spool) {
      return !spool.isEmpty()
          && !applied.isBefore(spool.from())
          && !spool.end().isBefore(confirmed);
    }
  }

  /**
   * Opens the spool the state knows, or notes a new one; empty if there is to be none.
   *
   * @throws MigrationException SPOOL_LOST if one is needed and is not here
   */
  Optional<Spool> open(Positions positions) throws SQLException {
    Optional<SpoolNote.Noted> noted = note.read(session.control()).map(SpoolNote.Entry::spool);
    Optional<Spool> here =
        noted.filter(n -> Files.isDirectory(Path.of(n.directory()))).map(this::open);
    if (!positions.needSpool()) {
      return settings.mostBytes() == 0 ? none(here) : here.isPresent() ? here : arm();
    }
    if (here.filter(positions::areCoveredBy).isPresent()) {
      tellFound(here.get());
      return here;
    }
    try {
      MigrationException lost = lost(noted, here, positions);
      if (settings.whenLost() == WhenLost.STOP) {
        throw lost;
      }
      reload(lost, positions.confirmed());
      here.ifPresent(Spool::remove);
    } finally {
      here.ifPresent(Spool::close);
    }
    return arm();
  }

  /** There is to be none any more: one that is not needed goes. */
  private Optional<Spool> none(Optional<Spool> here) throws SQLException {
    if (here.isPresent()) {
      here.get().remove();
      here.get().close();
      note.forget(session.control(), session.run());
    }
    return Optional.empty();
  }

  private Spool open(SpoolNote.Noted noted) {
    return Spool.open(Path.of(noted.directory()), noted.id(), limits);
  }

  private Optional<Spool> arm() throws SQLException {
    if (settings.mostBytes() == 0) {
      return Optional.empty();
    }
    var id = UUID.randomUUID();
    Path directory = Spools.base(settings.directory()).resolve(session.config().name() + "-" + id);
    var noted = new SpoolNote.Noted(id, Spools.host(), directory.toString());
    // Noted first, so that no directory is there that the state does not know.
    note.arm(session.control(), session.run(), noted);
    CrashPoint.SPOOL_AFTER_ARMING.pass();
    try {
      return Optional.of(open(noted));
    } catch (MigrationException e) {
      session
          .monitor()
          .event(
              Event.warning(
                  "spool.unavailable",
                  e.what()
                      + ": there will be no spool, so the source keeps its WAL until it is"
                      + " applied (spool.directory)"));
      return Optional.empty();
    }
  }

  private void tellFound(Spool spool) {
    session
        .monitor()
        .event(
            Event.info(
                "spool.found",
                "Goes on with the spool in "
                    + spool.directory()
                    + ": changes from "
                    + spool.from()
                    + " to "
                    + spool.end()));
  }

  private static MigrationException lost(
      Optional<SpoolNote.Noted> noted, Optional<Spool> here, Positions positions) {
    String missing =
        "Changes between "
            + positions.applied()
            + " and "
            + positions.confirmed()
            + ", which the source has been told to forget, are not on the target, and ";
    if (noted.isEmpty()) {
      return new MigrationException(
          ErrorCode.SPOOL_LOST,
          missing + "no spool is known: somebody else has moved the slot on",
          "Run 'cleanup' and start again, or set 'spool.when_lost: reload'.",
          null);
    }
    String where = "the spool in " + noted.get().directory() + " on " + noted.get().host();
    return new MigrationException(
        ErrorCode.SPOOL_LOST,
        missing
            + (here.isEmpty()
                ? where + " is not here (or somebody else has moved the slot on)"
                : where + " is damaged or cut off: it ends at " + here.get().end()));
  }

  /**
   * Begins all tables anew, under a snapshot that is yet to be taken: what it shows lies behind all
   * that is lost.
   */
  private void reload(MigrationException lost, Lsn confirmed) throws SQLException {
    boolean constrained = session.isDone(StepName.CONSTRAINTS) && !session.replicaRole();
    if (!session.config().type().loads() || constrained) {
      throw new MigrationException(
          lost.code(),
          lost.what()
              + "; and rows cannot be loaded again"
              + (constrained ? " into tables with foreign keys by this role" : " by type cdc"),
          "Run 'cleanup', empty the target, and start again.",
          lost);
    }
    try (Connection transaction = session.target().open("spool")) {
      transaction.setAutoCommit(false);
      for (Map.Entry<QualifiedName, TableState> entry :
          session.loadLedger().tables(transaction).entrySet()) {
        if (entry.getValue() instanceof TableState.Copied copied) {
          session.loadLedger().save(transaction, entry.getKey(), copied.recopying(Lsn.ZERO));
        }
      }
      for (StepName step : AFTER_A_LOAD) {
        session.steps().forget(transaction, session.run(), step.label());
      }
      session.applyProgress().save(transaction, stream, confirmed, ApplyCounters.NONE);
      note.forget(transaction, session.run());
      transaction.commit();
    }
    session
        .monitor()
        .event(Event.warning("spool.lost", lost.what() + "; all tables are loaded again"));
  }
}
