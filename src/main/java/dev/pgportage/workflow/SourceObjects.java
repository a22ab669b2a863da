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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The publication and the slot of each stream on the source: their names, and how they are made,
 * each in the ledger before it is there.
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

  /** The slot of the first stream. */
  static String slotName(MigrationConfig config) {
    return config.apply().slot().orElse("pgportage_" + config.name());
  }

  /** The slot of a stream. */
  static String slotName(MigrationConfig config, int stream) {
    return slotName(config) + suffix(stream);
  }

  /** The slots of all streams there may be, in their order. */
  static List<String> slotNames(MigrationConfig config) {
    return streams(config).mapToObj(stream -> slotName(config, stream)).toList();
  }

  private static IntStream streams(MigrationConfig config) {
    return IntStream.rangeClosed(1, config.apply().streams());
  }

  /** Nothing, for the first, so that one alone is named like the migration. */
  private static String suffix(int stream) {
    return stream == 1 ? "" : "_s" + stream;
  }

  /** The temporary slot that marks a point of the source's history. */
  static String temporarySlotName(MigrationConfig config) {
    return "pgportage_" + config.name() + "_t";
  }

  /** The publication of a stream. */
  static String publicationName(MigrationConfig config, int stream) {
    return "pgportage_" + config.name() + suffix(stream);
  }

  /** The publications of all streams there may be, in their order. */
  static List<String> publicationNames(MigrationConfig config) {
    return streams(config).mapToObj(stream -> publicationName(config, stream)).toList();
  }

  /**
   * Makes the publications and the slots.
   *
   * @return the first slot's snapshot, kept alive until closed; its consistent point is where all
   *     streams begin
   * @throws MigrationException PUBLICATION_TAKEN or SLOT_TAKEN if a name is another's
   */
  ExportedSnapshot make() throws SQLException {
    int streams;
    try (Connection source = session.source().open("setup")) {
      dropLeftovers(source);
      streams = publish(source);
    }
    ExportedSnapshot snapshot = makeSlots(streams);
    session
        .applyProgress()
        .begin(session.control(), snapshot.snapshot().consistentPoint(), streams);
    return snapshot;
  }

  /**
   * Makes the slots anew where the publications are there still, for changes to flow forward again.
   */
  void makeSlotsAgain() throws SQLException {
    // A slot that somebody else made was never dropped.
    if (session.config().apply().slot().isEmpty()) {
      makeSlots(session.applyProgress().streams(session.control()).size()).close();
    }
  }

  /**
   * The first one is made last: its consistent point lies behind those of all others, so that each
   * of them can be read from there on, and has everything that is not in the snapshot.
   */
  private ExportedSnapshot makeSlots(int streams) throws SQLException {
    for (int stream = streams; stream > 1; stream--) {
      makeSlot(stream).close();
      CrashPoint.STREAMS_AFTER_SLOT.pass();
    }
    return makeSlot(1);
  }

  private ExportedSnapshot makeSlot(int stream) throws SQLException {
    String slot = slotName(session.config(), stream);
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
      publish(source, 1, members(objects));
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

  /** Publishes for each stream what goes by it; returns how many streams there are. */
  private int publish(Connection source) throws SQLException {
    List<Publication.Member> members = members(objects);
    if (session.config().apply().streams() == 1) {
      publish(source, 1, members);
      return 1;
    }
    List<List<QualifiedName>> streams = divided(source);
    for (int stream = 1; stream <= streams.size(); stream++) {
      List<QualifiedName> names = streams.get(stream - 1);
      publish(source, stream, members.stream().filter(m -> names.contains(m.name())).toList());
      CrashPoint.STREAMS_AFTER_PUBLICATION.pass();
    }
    return streams.size();
  }

  private List<List<QualifiedName>> divided(Connection source) throws SQLException {
    int wanted = session.config().apply().streams();
    List<List<QualifiedName>> streams =
        new TableTies(objects, session.databases()).divided(source, wanted);
    var parts = new ArrayList<String>();
    for (int stream = 1; stream <= streams.size(); stream++) {
      int tables = streams.get(stream - 1).size();
      parts.add(
          slotName(session.config(), stream)
              + (tables == 1 ? " has 1 table" : " has " + tables + " tables"));
    }
    session
        .monitor()
        .event(
            Event.info(
                "streams.divided",
                "The tables are divided among their writes: " + String.join(", ", parts)));
    if (streams.size() < wanted) {
      session
          .monitor()
          .event(
              Event.warning(
                  "streams.fewer",
                  "apply.streams is "
                      + wanted
                      + ", but the tables cannot be divided further: streams made: "
                      + streams.size()));
    }
    return streams;
  }

  private void publish(Connection source, int stream, List<Publication.Member> members)
      throws SQLException {
    var publication = new Publication(publicationName(session.config(), stream));
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
    publication.create(source, members);
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
      var published = new HashSet<QualifiedName>();
      for (String publication : publicationNames(session.config())) {
        published.addAll(new Publication(publication).tables(source));
      }
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
      var streams =
          StreamTables.read(source, session.config(), session.config().apply().streams(), objects);
      Map<Long, StreamTables.Published> published = streams.published();
      var wanted = new TreeMap<Long, Publication.Member>();
      for (Publication.Member member : members(objects)) {
        wanted.put(objects.table(member.name()).orElseThrow().oid(), member);
      }
      boolean changed = false;
      for (Map.Entry<Long, Publication.Member> member : wanted.entrySet()) {
        if (!published.containsKey(member.getKey())) {
          publication(streams.streamFor(member.getValue()))
              .add(source, member.getValue(), member.getKey());
          changed = true;
        }
      }
      Set<Long> astray = streams.astray();
      for (Map.Entry<Long, StreamTables.Published> member : published.entrySet()) {
        if (!wanted.containsKey(member.getKey()) && !astray.contains(member.getKey())) {
          publication(member.getValue().stream()).remove(source, member.getValue().member());
          changed = true;
        }
      }
      if (changed) {
        CrashPoint.DDL_AFTER_PUBLICATION.pass();
      }
    }
  }

  private Publication publication(int stream) {
    return new Publication(publicationName(session.config(), stream));
  }

  /** Wholly published partitioned tables by their roots, all others one by one. */
  static List<Publication.Member> members(ObjectSet objects) {
    List<QualifiedName> roots = wholeRoots(objects);
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
  private static List<QualifiedName> wholeRoots(ObjectSet objects) {
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
