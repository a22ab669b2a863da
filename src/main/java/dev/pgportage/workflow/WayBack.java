package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.cdc.Replication;
import dev.pgportage.cdc.ReplicationSettings;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.load.LargeObjects;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.Publication;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.ReplicationConnection;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Slots;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.schema.CatalogReader;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.schema.ObjectSets;
import dev.pgportage.schema.ReverseNeeds;
import dev.pgportage.schema.Table;
import dev.pgportage.state.ApplyProgress;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.state.ResourceLedger;
import dev.pgportage.state.StateStore;
import dev.pgportage.telemetry.Event;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What lets changes flow back from the target to the source: a publication and a slot on the
 * target, and on the source a state of its own, because the position is saved where the rows are.
 * Made before the fence, each in the ledger first; nothing flows before the target is open.
 *
 * <p>Rows this program applied to the target never flow back: reading begins at a position taken
 * behind the fence, when all of them are committed.
 */
final class WayBack {
  /** What the state on the source says its migration's type is. */
  static final String TYPE = "reverse";

  /** The ledger's word for the state on the source. */
  static final String STATE = "reverse-state";

  private final Session session;

  /** The way back of a session whose source is the migration's source. */
  WayBack(Session session) {
    this.session = session;
  }

  /**
   * What arming leaves.
   *
   * @param objects the migration's objects as the target has them
   * @param present all tables the target had then, the migration's and others
   */
  record Armed(ObjectSet objects, List<QualifiedName> present) {
    Armed {
      present = List.copyOf(present);
    }
  }

  static String name(MigrationConfig config) {
    return "pgportage_" + config.name() + "_back";
  }

  /** Whether changes flow back, or will once the target is open. */
  static boolean isArmed(Session session) throws SQLException {
    return !session.resources().open(session.control(), STATE).isEmpty();
  }

  /**
   * Makes sure that changes could flow back.
   *
   * @throws MigrationException REVERSE_IMPOSSIBLE with everything that is missing
   */
  void requirePossible(ObjectSet objects) throws SQLException {
    var needs = new ArrayList<ReverseNeeds.Need>();
    try (Connection source = session.source().open("reverse");
        Connection target = session.target().open("reverse")) {
      needs.addAll(ReverseNeeds.ofTarget(target));
      needs.addAll(ReverseNeeds.ofSource(source, objects));
      if (!isArmed(session) && StateStore.find(source, session.config().name()).isPresent()) {
        needs.add(
            new ReverseNeeds.Need(
                Side.SOURCE,
                "The source holds the state of another migration named " + session.config().name(),
                "run 'pgportage cleanup' for that one"));
      }
    }
    if (!needs.isEmpty()) {
      throw new MigrationException(
          ErrorCode.REVERSE_IMPOSSIBLE,
          "Changes could not flow back after the cutover: "
              + String.join("; ", needs.stream().map(ReverseNeeds.Need::toString).toList()));
    }
  }

  /** Makes everything; what a former attempt left is removed first. */
  Armed arm(ObjectSet objects) throws SQLException {
    disarm();
    requirePossible(objects);
    Armed armed = look(objects);
    makeState();
    if (objects.largeObjects()) {
      new LargeObjects(session.reversed().copyRoute(), session.loadLedger()).adopt();
    }
    try (Connection target = session.target().open("reverse")) {
      publish(target, armed.objects());
    }
    makeSlot();
    return armed;
  }

  private Armed look(ObjectSet objects) throws SQLException {
    try (Connection target = session.target().open("reverse")) {
      var catalog = CatalogReader.read(target);
      return new Armed(
          ObjectSets.counterpart(catalog, objects),
          catalog.tables().stream().map(Table::name).toList());
    }
  }

  private void makeState() throws SQLException {
    MigrationConfig config = session.config();
    String undo = "DELETE FROM pgportage.migration WHERE name = '" + config.name() + "'";
    try (Connection source = session.source().open("reverse")) {
      ResourceLedger.Resource entry =
          session.resources().plan(session.control(), Side.SOURCE, STATE, config.name(), undo);
      StateStore.create(source);
      StateStore.enter(source, config.name(), TYPE, "", config.settingsHash());
      StateStore.follow(source, session.source().application() + " reverse-", session.run());
      session.resources().made(session.control(), entry);
    }
    CrashPoint.REVERSE_AFTER_STATE.pass();
  }

  private void publish(Connection target, ObjectSet objects) throws SQLException {
    var publication = new Publication(name(session.config()));
    if (publication.exists(target)) {
      throw new MigrationException(
          ErrorCode.PUBLICATION_TAKEN,
          "The target has a publication " + publication.name() + " of another's");
    }
    ResourceLedger.Resource entry =
        session
            .resources()
            .plan(
                session.control(),
                Side.TARGET,
                SourceObjects.PUBLICATION,
                publication.name(),
                publication.dropSql());
    publication.create(target, SourceObjects.members(objects));
    CrashPoint.REVERSE_AFTER_PUBLICATION.pass();
    session.resources().made(session.control(), entry);
  }

  private void makeSlot() throws SQLException {
    String slot = name(session.config());
    ResourceLedger.Resource entry =
        session
            .resources()
            .plan(session.control(), Side.TARGET, SourceObjects.SLOT, slot, Slots.dropSql(slot));
    try (ReplicationConnection creator = session.target().openReplication("slot")) {
      Waiting.forOldTransactions(
          session.target(), session.monitor(), () -> creator.createSlot(slot, false));
    } catch (MigrationException e) {
      if (e.code() == ErrorCode.SLOT_TAKEN) {
        session.resources().undone(session.control(), entry);
      }
      throw e;
    }
    CrashPoint.REVERSE_AFTER_SLOT.pass();
    session.resources().made(session.control(), entry);
  }

  /** Behind the fence: what is committed on the target by now is ours and stays there. */
  void begin() throws SQLException {
    try (Connection source = session.source().open("reverse");
        Connection target = session.target().open("reverse")) {
      new ApplyProgress(session.run()).begin(source, position(target));
    }
    CrashPoint.REVERSE_AFTER_BEGIN.pass();
  }

  static Lsn position(Connection connection) throws SQLException {
    return Lsn.parse(Sql.queryText(connection, "SELECT pg_current_wal_insert_lsn()").orElseThrow());
  }

  /** Replicates from the target to the source, from where the source is. */
  Replication start(Session back, Armed armed) throws SQLException {
    try (Connection source = session.source().open("reverse")) {
      StateStore.follow(source, session.source().application(), session.run());
    }
    MigrationConfig.Apply apply = session.config().apply();
    return Replication.start(
        new ReplicationSettings(
            back.source(),
            back.target(),
            name(session.config()),
            name(session.config()),
            armed.objects(),
            Map.of(),
            false,
            session.run(),
            back.replicaRole(),
            apply.heartbeat(),
            apply.batchRows(),
            apply.batchBytes(),
            Optional.empty(),
            ReplicationSettings.Share.all()),
        session.monitor());
  }

  /**
   * Makes sure that the target's tables look as they did when it was opened, and that there are no
   * others: what only the target has would be left behind.
   *
   * @throws MigrationException SCHEMA_CHANGED naming what is new
   */
  void requireUnchanged(Armed armed) {
    try (Connection target = session.target().open("reverse")) {
      var catalog = CatalogReader.read(target);
      var changed = new ArrayList<String>();
      for (Table table : catalog.tables()) {
        var former = armed.objects().table(table.name());
        if (former.isEmpty()) {
          if (!armed.present().contains(table.name())) {
            changed.add("table " + table.name() + " was made");
          }
        } else if (former.get().oid() != table.oid()) {
          changed.add("table " + table.name() + " was dropped and made anew");
        } else if (!former.get().columns().equals(table.columns())
            || !former.get().key().equals(table.key())) {
          changed.add("columns or key of " + table.name() + " changed");
        }
      }
      var present = catalog.tables().stream().map(Table::name).toList();
      armed.objects().tables().stream()
          .filter(member -> !present.contains(member.name()))
          .forEach(member -> changed.add("table " + member.name() + " is gone"));
      if (!changed.isEmpty()) {
        throw new MigrationException(
            ErrorCode.SCHEMA_CHANGED,
            "The target's schema changed since the cutover: " + String.join("; ", changed),
            "Changes of the schema do not flow back. Undo them on the target, then run the same"
                + " command again; or stay on the target.",
            null);
      }
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Reading the schema of the target");
    }
  }

  /** Removes everything that was made for it, by the ledger. */
  void disarm() throws SQLException {
    for (ResourceLedger.Resource resource : session.resources().open(session.control())) {
      if (isOurs(resource)) {
        remove(session.source(), session.target(), resource);
        session.resources().undone(session.control(), resource);
        session.heartbeat();
      }
    }
  }

  /** Whether an entry of the ledger belongs to it. */
  static boolean isOurs(ResourceLedger.Resource resource) {
    boolean replicates =
        resource.kind().equals(SourceObjects.SLOT)
            || resource.kind().equals(SourceObjects.PUBLICATION);
    return resource.kind().equals(STATE) || (replicates && resource.side() == Side.TARGET);
  }

  /** Removes one part of it; safe if it was never made. */
  static void remove(Database sourceSide, Database targetSide, ResourceLedger.Resource resource)
      throws SQLException {
    if (resource.kind().equals(STATE)) {
      try (Connection source = sourceSide.open("reverse")) {
        removeState(source, resource.name());
      }
      return;
    }
    try (Connection target = targetSide.open("reverse")) {
      if (resource.kind().equals(SourceObjects.SLOT)) {
        Slots.drop(target, resource.name(), targetSide.application());
      } else {
        new Publication(resource.name()).drop(target);
      }
    }
  }

  /** Removes the state on the source; safe if it was never made. */
  static void removeState(Connection source, String migration) throws SQLException {
    if (StateStore.exists(source)) {
      StateStore.remove(source, migration);
    }
  }

  /** The source's own slot holds WAL back that nobody will read any more. */
  void dropForward() throws SQLException {
    Spools.remove(session.control(), session.config());
    for (ResourceLedger.Resource resource :
        session.resources().open(session.control(), SourceObjects.SLOT)) {
      if (resource.side() == Side.SOURCE) {
        try (Connection source = session.source().open("reverse")) {
          Slots.drop(source, resource.name(), session.source().application());
        }
        session.resources().undone(session.control(), resource);
        session
            .monitor()
            .event(
                Event.info(
                    "slot.dropped",
                    "Slot " + resource.name() + " on the source is not needed now"));
      }
    }
  }
}
