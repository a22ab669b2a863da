package dev.pgportage.workflow;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Publication;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.schema.Table;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which stream each table goes by: what the publications on the source hold, by OID, so that a
 * rename changes nothing. A partition is of the stream of its root, unless it was published by
 * itself before it became one: then it stays where it was, though its root's stream sends it, too.
 */
final class StreamTables {
  /**
   * A published table.
   *
   * @param stream by which stream
   */
  record Published(int stream, Publication.Member member) {}

  private final Map<Long, Published> published;
  private final ObjectSet objects;
  private final Map<QualifiedName, Long> oids = new HashMap<>();

  private StreamTables(Map<Long, Published> published, ObjectSet objects) {
    this.published = published;
    this.objects = objects;
    objects.tables().forEach(member -> oids.put(member.name(), member.table().oid()));
  }

  /**
   * Reads them.
   *
   * @param streams how many there are
   */
  static StreamTables read(
      Connection source, MigrationConfig config, int streams, ObjectSet objects)
      throws SQLException {
    var published = new TreeMap<Long, Published>();
    for (int stream = streams; stream >= 1; stream--) {
      int number = stream;
      new Publication(SourceObjects.publicationName(config, stream))
          .members(source)
          .forEach((oid, member) -> published.put(oid, new Published(number, member)));
    }
    return new StreamTables(published, objects);
  }

  /** What is published by itself, by OID. */
  Map<Long, Published> published() {
    return published;
  }

  /** The stream that applies a table's changes, if it is published. */
  Optional<Integer> streamOf(Table table) {
    return own(table.oid()).or(() -> table.partitionRoot().map(oids::get).flatMap(this::own));
  }

  /**
   * The stream for a table that is to be published: that of its partitions, or of the others of its
   * root; otherwise the first.
   */
  int streamFor(Publication.Member member) {
    return streamFor(objects.table(member.name()).orElseThrow());
  }

  private int streamFor(Table table) {
    QualifiedName root = table.partitionRoot().orElse(table.name());
    return streamOf(table)
        .or(
            () ->
                objects.streamed().stream()
                    .filter(leaf -> leaf.partitionRoot().filter(root::equals).isPresent())
                    .map(this::streamOf)
                    .flatMap(Optional::stream)
                    .findFirst())
        .orElse(1);
  }

  /**
   * OIDs of partitions that are published by themselves in another stream than their root: what
   * they were before they became its partitions goes on, for a table never changes its stream.
   */
  Set<Long> astray() {
    var astray = new HashSet<Long>();
    for (Table table : objects.streamed()) {
      Optional<Integer> own = own(table.oid());
      Optional<Integer> root =
          own.flatMap(_ -> table.partitionRoot()).flatMap(objects::table).map(this::streamFor);
      if (root.isPresent() && !root.equals(own)) {
        astray.add(table.oid());
      }
    }
    return astray;
  }

  /** OIDs of tables that a stream is not to apply, because another one does. */
  Set<Long> othersThan(int stream) {
    var others = new HashSet<Long>();
    for (ObjectSet.Member member : objects.rowHolders()) {
      streamOf(member.table())
          .filter(owner -> owner != stream)
          .ifPresent(_ -> others.add(member.table().oid()));
    }
    return others;
  }

  private Optional<Integer> own(long oid) {
    return Optional.ofNullable(published.get(oid)).map(Published::stream);
  }
}
