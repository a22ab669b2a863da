package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.ExportedSnapshot;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.Publication;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.ReplicationConnection;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Slots;
import dev.pgportage.pg.Snapshot;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.schema.Table;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.state.ResourceLedger;
import dev.pgportage.telemetry.Event;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The one publication and the one slot on the source: their names, and how they are made, each in
 * the ledger before it is there.
 */
final class SourceObjects {
  static final String SLOT = "slot";
  static final String PUBLICATION = "publication";

  private final Session session;
  private final ObjectSet objects;

  SourceObjects(Session session, ObjectSet objects) {
    this.session = session;
    this.objects = objects;
  }

  static String slotName(MigrationConfig config) {
    return config.apply().slot().orElse("pgportage_" + config.name());
  }

  /** The temporary slot that marks a point of the source's history. */
  static String temporarySlotName(MigrationConfig config) {
    return "pgportage_" + config.name() + "_t";
  }

  static String publicationName(MigrationConfig config) {
    return "pgportage_" + config.name();
  }

  /**
   * Makes the publication and the slot.
   *
   * @return the slot's snapshot, kept alive until closed
   * @throws MigrationException PUBLICATION_TAKEN or SLOT_TAKEN if a name is another's
   */
  ExportedSnapshot make() throws SQLException {
    try (Connection source = session.source().open("setup")) {
      dropLeftovers(source);
      publish(source);
    }
    ExportedSnapshot snapshot = makeSlot();
    session.applyProgress().begin(session.control(), snapshot.snapshot().consistentPoint());
    return snapshot;
  }

  /**
   * Makes the slot anew where the publication is there still, for changes to flow forward again.
   */
  void makeSlotAgain() throws SQLException {
    // A slot that somebody else made was never dropped.
    if (session.config().apply().slot().isEmpty()) {
      makeSlot().close();
    }
  }

  private ExportedSnapshot makeSlot() throws SQLException {
    String slot = slotName(session.config());
    ResourceLedger.Resource entry =
        session.resources().plan(session.control(), Side.SOURCE, SLOT, slot, Slots.dropSql(slot));
    CrashPoint.BEFORE_SLOT.pass();
    ExportedSnapshot snapshot;
    try {
      snapshot = begin(slot, false);
    } catch (MigrationException e) {
      if (e.code() == ErrorCode.SLOT_TAKEN) {
        session.resources().undone(session.control(), entry);
      }
      throw e;
    }
    CrashPoint.AFTER_SLOT.pass();
    session.resources().made(session.control(), entry);
    Lsn point = snapshot.snapshot().consistentPoint();
    session.monitor().event(Event.info("slot.made", "Slot " + slot + " begins at " + point));
    return snapshot;
  }

  /** Publishes for a slot that somebody else made; its consistent point is its confirmed LSN. */
  Lsn adopt() throws SQLException {
    String slot = slotName(session.config());
    try (Connection source = session.source().open("setup")) {
      Lsn point =
          Slots.find(source, slot)
              .orElseThrow(
                  () ->
                      new MigrationException(
                          ErrorCode.SLOT_MISSING,
                          "The source has no slot " + slot + " (apply.slot)",
                          "Make it, or leave 'apply.slot' out to begin now.",
                          null))
              .confirmedFlush();
      dropLeftovers(source);
      publish(source);
      session.applyProgress().begin(session.control(), point);
      return point;
    }
  }

  /** A snapshot of now with its LSN, by a slot that is gone when this returns. */
  ExportedSnapshot temporary() {
    return begin(temporarySlotName(session.config()), true);
  }

  private ExportedSnapshot begin(String slot, boolean temporary) {
    try (ReplicationConnection creator = session.source().openReplication("slot")) {
      ReplicationConnection.CreatedSlot made =
          Waiting.forOldTransactions(
              session.source(), session.monitor(), () -> creator.createSlot(slot, temporary));
      return ExportedSnapshot.adopt(session.source(), Snapshot.of(made));
    }
  }

  private void publish(Connection source) throws SQLException {
    var publication = new Publication(publicationName(session.config()));
    if (publication.exists(source)) {
      throw new MigrationException(
          ErrorCode.PUBLICATION_TAKEN,
          "The source has a publication " + publication.name() + " of another's");
    }
    ResourceLedger.Resource entry =
        session
            .resources()
            .plan(
                session.control(),
                Side.SOURCE,
                PUBLICATION,
                publication.name(),
                publication.dropSql());
    CrashPoint.LEDGER_BEFORE_PUBLICATION.pass();
    publication.create(source, members());
    CrashPoint.AFTER_PUBLICATION.pass();
    session.resources().made(session.control(), entry);
  }

  /** Published tables whose rows cannot be identified, so that changing them fails. */
  Set<QualifiedName> refusing() throws SQLException {
    List<Table> unidentified = objects.recopied();
    if (unidentified.isEmpty()) {
      return Set.of();
    }
    try (Connection source = session.source().open("setup")) {
      Set<QualifiedName> published =
          new Publication(publicationName(session.config())).tables(source);
      return unidentified.stream()
          .map(Table::name)
          .filter(published::contains)
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  /**
   * Publishes what came into the object set since, and no longer what left it; what is added is
   * published before what replaces it is not any more.
   */
  void adjustPublication() throws SQLException {
    try (Connection source = session.source().open("setup")) {
      var publication = new Publication(publicationName(session.config()));
      Map<Long, Publication.Member> published = publication.members(source);
      var wanted = new TreeMap<Long, Publication.Member>();
      for (Publication.Member member : members()) {
        wanted.put(objects.table(member.name()).orElseThrow().oid(), member);
      }
      boolean changed = false;
      for (Map.Entry<Long, Publication.Member> member : wanted.entrySet()) {
        if (!published.containsKey(member.getKey())) {
          publication.add(source, member.getValue(), member.getKey());
          changed = true;
        }
      }
      for (Map.Entry<Long, Publication.Member> member : published.entrySet()) {
        if (!wanted.containsKey(member.getKey())) {
          publication.remove(source, member.getValue());
          changed = true;
        }
      }
      if (changed) {
        CrashPoint.DDL_AFTER_PUBLICATION.pass();
      }
    }
  }

  /** Wholly published partitioned tables by their roots, all others one by one. */
  List<Publication.Member> members() {
    List<QualifiedName> roots = wholeRoots();
    var members = new ArrayList<Publication.Member>();
    roots.forEach(root -> members.add(new Publication.Member(root, true)));
    objects.streamed().stream()
        .filter(table -> table.partitionRoot().filter(roots::contains).isEmpty())
        .forEach(table -> members.add(new Publication.Member(table.name(), false)));
    return members;
  }

  /**
   * Partitioned tables all of whose leaves can be streamed. Published by the root, partitions made
   * later are published too, and so noticed; but a leaf that cannot be identified must stay out.
   */
  private List<QualifiedName> wholeRoots() {
    var roots = new TreeSet<QualifiedName>();
    var mixed = new TreeSet<QualifiedName>();
    for (ObjectSet.Member member : objects.rowHolders()) {
      boolean streamed = member.replication() == ObjectSet.Replication.STREAMED;
      member.table().partitionRoot().ifPresent(root -> (streamed ? roots : mixed).add(root));
    }
    roots.removeAll(mixed);
    return List.copyOf(roots);
  }

  /** What an attempt made that died before the step was done: nothing was read from it yet. */
  private void dropLeftovers(Connection source) throws SQLException {
    for (ResourceLedger.Resource resource : session.resources().open(session.control())) {
      if (resource.side() != Side.SOURCE) {
        continue;
      }
      boolean slot = resource.kind().equals(SLOT);
      if (slot || resource.kind().equals(PUBLICATION)) {
        if (slot) {
          Slots.drop(source, resource.name(), session.source().application());
        } else {
          new Publication(resource.name()).drop(source);
        }
        session.resources().undone(session.control(), resource);
      }
    }
  }
}
