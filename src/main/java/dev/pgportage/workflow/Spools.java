package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.cdc.Receiving;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.MigrationConfig.Spool.WhenLost;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Slots;
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
 * The migration's spool on this machine, and the rule by which it is needed: the source has
 * forgotten what lies between the applied position and the slot's confirmed one, so exactly that
 * must be in the spool.
 */
final class Spools {
  private static final List<StepName> AFTER_A_LOAD =
      List.of(
          StepName.LOAD, StepName.RELOAD, StepName.CATCH_UP, StepName.VALIDATION, StepName.READY);

  private final Session session;
  private final MigrationConfig.Spool settings;
  private final SpoolNote note;

  Spools(Session session) {
    this.session = session;
    this.settings = session.config().apply().spool();
    this.note = new SpoolNote(session.config().name());
  }

  /** Between the two positions nothing may be missing. */
  private record Positions(Lsn applied, Lsn confirmed) {
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
  Optional<Spool> open() throws SQLException {
    Optional<Positions> positions = positions();
    if (positions.isEmpty()) {
      // Without a slot nothing can be received; whoever reads it says so.
      return Optional.empty();
    }
    Optional<SpoolNote.Noted> noted = note.read(session.control()).map(SpoolNote.Entry::spool);
    Optional<Spool> here =
        noted.filter(n -> Files.isDirectory(Path.of(n.directory()))).map(this::open);
    if (!positions.get().needSpool()) {
      return settings.mostBytes() == 0 ? none(here) : here.isPresent() ? here : arm();
    }
    if (here.filter(positions.get()::areCoveredBy).isPresent()) {
      tellFound(here.get());
      return here;
    }
    try {
      MigrationException lost = lost(noted, here, positions.get());
      if (settings.whenLost() == WhenLost.STOP) {
        throw lost;
      }
      reload(lost, positions.get().confirmed());
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

  /** Receives changes while rows are loaded. */
  Optional<Receiving> receive(Optional<Spool> spool) throws SQLException {
    if (spool.isEmpty() || settings.mostBytes() == 0) {
      return Optional.empty();
    }
    Lsn applied = session.applyProgress().read(session.control()).orElseThrow();
    return Optional.of(
        Receiving.start(
            session.source(),
            SourceObjects.slotName(session.config()),
            SourceObjects.publicationName(session.config()),
            spool.get(),
            applied,
            session.monitor()));
  }

  private Optional<Positions> positions() throws SQLException {
    Optional<Lsn> applied = session.applyProgress().read(session.control());
    try (Connection source = session.source().open("setup")) {
      return Slots.find(source, SourceObjects.slotName(session.config()))
          .filter(_ -> applied.isPresent())
          .map(slot -> new Positions(applied.orElseThrow(), slot.confirmedFlush()));
    }
  }

  private Spool open(SpoolNote.Noted noted) {
    return Spool.open(
        Path.of(noted.directory()),
        noted.id(),
        new SpoolLimits(settings.mostBytes(), settings.keptFree(), settings.beginsAt()));
  }

  private Optional<Spool> arm() throws SQLException {
    if (settings.mostBytes() == 0) {
      return Optional.empty();
    }
    var id = UUID.randomUUID();
    Path directory = base(settings.directory()).resolve(session.config().name() + "-" + id);
    var noted = new SpoolNote.Noted(id, host(), directory.toString());
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

  static Path base(String directory) {
    boolean home = directory.equals("~") || directory.startsWith("~/");
    return home
        ? Path.of(System.getProperty("user.home") + directory.substring(1))
        : Path.of(directory).toAbsolutePath();
  }

  /**
   * Removes a migration's spool from this machine, once nothing needs it.
   *
   * @return where it was; empty if it is not here
   */
  static Optional<String> remove(Connection control, MigrationConfig config) throws SQLException {
    Optional<SpoolNote.Noted> noted =
        new SpoolNote(config.name()).read(control).map(SpoolNote.Entry::spool);
    if (noted.filter(n -> Files.isDirectory(Path.of(n.directory()))).isEmpty()) {
      return Optional.empty();
    }
    try (Spool spool =
        Spool.open(Path.of(noted.get().directory()), noted.get().id(), new SpoolLimits(0, 0, 0))) {
      spool.remove();
    }
    return noted.map(SpoolNote.Noted::directory);
  }

  /** A spool that may lie on another machine, and what to do about it there. */
  static List<String> elsewhere(Connection control, MigrationConfig config) throws SQLException {
    return new SpoolNote(config.name())
            .read(control)
            .map(SpoolNote.Entry::spool)
            .filter(noted -> !noted.host().equals(host()))
            .filter(noted -> !Files.isDirectory(Path.of(noted.directory())))
            .map(
                noted -> "remove " + noted.directory() + " on " + noted.host() + ", if it is there")
            .stream()
            .toList();
  }

  private static String host() {
    return Optional.ofNullable(System.getenv("HOSTNAME")).orElse("this host");
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
      session.applyProgress().save(transaction, confirmed, ApplyCounters.NONE);
      note.forget(transaction, session.run());
      transaction.commit();
    }
    session
        .monitor()
        .event(Event.warning("spool.lost", lost.what() + "; all tables are loaded again"));
  }
}
