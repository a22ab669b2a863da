package dev.pgportage.cdc;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.pgoutput.Message.Relation;
import dev.pgportage.pgoutput.Message.RelationColumn;
import dev.pgportage.schema.Column;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.schema.Table;
import dev.pgportage.schema.Table.ReplicaIdentity;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which table an OID of the stream means, and the check that it still looks as it did when the
 * migration was planned. Owns a session on the source, opened when first needed. Not thread-safe.
 */
final class Relations implements AutoCloseable {
  /**
   * A relation as the stream described it.
   *
   * @param table which it is; empty until a change of it was wanted, and it was as planned
   */
  private record Known(Relation relation, Optional<ReplicatedTable> table) {}

  private final Database source;
  private final boolean passesOverNew;
  private final Set<Long> others;
  private final Map<QualifiedName, ReplicatedTable> tables = new HashMap<>();
  private final Map<Long, ReplicatedTable> tablesByOid = new HashMap<>();
  private final Set<QualifiedName> partitioned = new HashSet<>();
  private final Map<Long, Known> known = new HashMap<>();
  private volatile @Nullable RelationChange change;
  private @Nullable Connection session;

  /** The tables that are streamed, each with the consistent point it was loaded at. */
  Relations(ReplicationSettings settings) {
    source = settings.source();
    passesOverNew = settings.passesOverNewTables();
    others = settings.share().others();
    ObjectSet objects = settings.objects();
    for (ObjectSet.Member member : objects.tables()) {
      if (member.table().kind() == Table.Kind.PARTITIONED) {
        partitioned.add(member.name());
      }
    }
    for (Table table : objects.streamed()) {
      Lsn snapshot = settings.snapshots().getOrDefault(table.name(), Lsn.ZERO);
      var streamed = new ReplicatedTable(table, snapshot);
      tables.put(table.name(), streamed);
      tablesByOid.put(table.oid(), streamed);
    }
  }

  /** Takes note of a relation; it is compared with the plan when a change of it is wanted. */
  void learn(Relation relation) {
    Known former = known.get(relation.oid());
    if (former == null || !relation.equals(former.relation)) {
      known.put(relation.oid(), new Known(relation, Optional.empty()));
    }
  }

  /**
   * The table a change is of; empty for a partitioned table, which has no rows of its own, for a
   * change the loaded rows hold already, for a table that is new since the plan was made, and for
   * one that another stream applies.
   *
   * @param commit the commit of the change's transaction
   * @throws MigrationException PROTOCOL_VIOLATION if it was never described; SCHEMA_CHANGED if it
   *     is not as planned
   */
  Optional<ReplicatedTable> find(long oid, Lsn commit) {
    Known found = known.get(oid);
    if (found == null) {
      throw new MigrationException(
          ErrorCode.PROTOCOL_VIOLATION, "A change of a relation that was never described: " + oid);
    }
    if (found.table.isPresent()) {
      // Rows loaded later than this change hold it, whatever the table looked like at the time.
      return commit.isBefore(found.table.get().snapshot()) ? Optional.empty() : found.table;
    }
    Relation relation = found.relation;
    if (partitioned.contains(relation.name()) || others.contains(oid)) {
      return Optional.empty();
    }
    ReplicatedTable table = tablesByOid.getOrDefault(oid, tables.get(relation.name()));
    if (table == null) {
      if (passesOverNew) {
        return Optional.empty();
      }
      throw changed(relation.name(), commit, "it is published but not part of the migration");
    }
    if (commit.isBefore(table.snapshot())) {
      return Optional.empty();
    }
    verify(relation, table, commit);
    var verified = new Known(relation, Optional.of(table));
    known.put(oid, verified);
    return verified.table;
  }

  /** What is not as planned, if that ended the stream. */
  Optional<RelationChange> change() {
    return Optional.ofNullable(change);
  }

  /** Forgets what a stream told, for the next one to tell again. */
  void forget() {
    known.clear();
    change = null;
  }

  private void verify(Relation relation, ReplicatedTable table, Lsn commit) {
    List<String> differences = new ArrayList<>();
    if (!relation.name().equals(table.name())) {
      differences.add("its name is " + relation.name());
    } else if (relation.oid() != table.table().oid()) {
      differences.add("it was dropped and made anew");
    }
    differences.addAll(differences(relation, table));
    if (!differences.isEmpty()) {
      change =
          new RelationChange(
              table.name(),
              relation.name(),
              commit,
              relation.columns().stream().map(RelationColumn::name).toList(),
              types(relation));
      throw changed(table.name(), commit, String.join("; ", differences));
    }
  }

  private List<String> differences(Relation relation, ReplicatedTable table) {
    List<String> planned = table.columns().stream().map(Column::name).toList();
    List<String> sent = relation.columns().stream().map(RelationColumn::name).toList();
    var differences = new ArrayList<String>();
    if (!planned.equals(sent)) {
      differences.add("columns were (" + list(planned) + ") and are (" + list(sent) + ")");
      return differences;
    }
    List<String> types = types(relation);
    for (int i = 0; i < planned.size(); i++) {
      String type = table.columns().get(i).type();
      if (!type.equals(types.get(i))) {
        differences.add(
            "column " + list(List.of(planned.get(i))) + " was " + type + " and is " + types.get(i));
      }
    }
    keyDifference(relation, table).ifPresent(differences::add);
    return differences;
  }

  private static Optional<String> keyDifference(Relation relation, ReplicatedTable table) {
    if (table.table().replicaIdentity() == ReplicaIdentity.FULL) {
      return relation.identity() == 'f'
          ? Optional.empty()
          : Optional.of("the replica identity was FULL and is not any more");
    }
    if (relation.identity() == 'f') {
      return Optional.of("the replica identity has become FULL");
    }
    var planned = new TreeSet<String>();
    table.key().forEach(i -> planned.add(table.columns().get(i).name()));
    var sent = new TreeSet<String>();
    relation.columns().stream().filter(RelationColumn::key).forEach(c -> sent.add(c.name()));
    return planned.equals(sent)
        ? Optional.empty()
        : Optional.of("the key was (" + list(planned) + ") and is (" + list(sent) + ")");
  }

  /** The types as the source names them: OIDs alone would miss a change of length. */
  private List<String> types(Relation relation) {
    List<RelationColumn> columns = relation.columns();
    if (columns.isEmpty()) {
      return List.of();
    }
    String oids =
        columns.stream().map(c -> Long.toString(c.typeOid())).collect(Collectors.joining(","));
    String modifiers =
        columns.stream()
            .map(c -> Integer.toString(c.typeModifier()))
            .collect(Collectors.joining(","));
    try {
      if (session == null) {
        session = source.open("types");
      }
      return Sql.query(
          session,
          """
          SELECT format_type(oid, modifier)
          FROM unnest(?::oid[], ?::int4[]) WITH ORDINALITY AS t (oid, modifier, place)
          ORDER BY place
          """,
          row -> row.getString(1),
          "{" + oids + "}",
          "{" + modifiers + "}");
    } catch (SQLException e) {
      throw SqlFailures.translate(
          e, ErrorCode.SQL_FAILED, "Reading the types of " + relation.name() + " on the source");
    }
  }

  private static MigrationException changed(QualifiedName table, Lsn at, String what) {
    return new MigrationException(
        ErrorCode.SCHEMA_CHANGED,
        "Table " + table + " was changed on the source before the commit at " + at + ": " + what);
  }

  private static String list(Iterable<String> names) {
    var quoted = new ArrayList<String>();
    names.forEach(name -> quoted.add(Quoting.identifierIfNeeded(name)));
    return String.join(", ", quoted);
  }

  @Override
  public void close() {
    if (session == null) {
      return;
    }
    try {
      session.close();
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.CONNECTION_LOST, "Closing a session on the source");
    }
  }
}
