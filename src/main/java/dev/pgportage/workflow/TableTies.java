package dev.pgportage.workflow;

import static java.util.stream.Collectors.toSet;

import dev.pgportage.pg.Publication;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.schema.Table;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is known of the published tables before they are divided among streams: how much is written
 * to each, and which must not be separated. Partitions and heirs stay with their parents; where
 * foreign keys are checked while changes are applied, both their ends stay together, too.
 */
final class TableTies {
  private final ObjectSet objects;
  private final Databases databases;

  TableTies(ObjectSet objects, Databases databases) {
    this.objects = objects;
    this.databases = databases;
  }

  /**
   * The tables of each stream.
   *
   * @param most how many streams there are at most
   */
  List<List<QualifiedName>> divided(Connection source, int most) throws SQLException {
    List<QualifiedName> published =
        SourceObjects.members(objects).stream().map(Publication.Member::name).toList();
    List<List<QualifiedName>> streams =
        Grouping.divide(units(source, published), ties(source), most);
    return streams.isEmpty() ? List.of(List.of()) : streams;
  }

  /** How much is written to each, and how large it is, by OID. */
  private record Weight(long writes, long bytes) {
    Weight plus(Weight other) {
      return new Weight(writes + other.writes, bytes + other.bytes);
    }
  }

  private List<Grouping.Unit> units(Connection source, List<QualifiedName> members)
      throws SQLException {
    var weights = new HashMap<Long, Weight>();
    Sql.query(
        source,
        """
        SELECT c.oid::int8, coalesce(s.n_tup_ins + s.n_tup_upd + s.n_tup_del, 0),
          greatest(c.relpages, 0)::int8 * current_setting('block_size')::int8
        FROM pg_class c LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid
        WHERE c.relkind = 'r'
        """,
        row -> weights.put(row.getLong(1), new Weight(row.getLong(2), row.getLong(3))));
    var sums = new LinkedHashMap<QualifiedName, Weight>();
    members.forEach(member -> sums.put(member, new Weight(0, 0)));
    for (Table table : objects.streamed()) {
      Weight weight = weights.getOrDefault(table.oid(), new Weight(0, 0));
      QualifiedName unit = table.partitionRoot().filter(sums::containsKey).orElse(table.name());
      sums.computeIfPresent(unit, (_, sum) -> sum.plus(weight));
    }
    return sums.entrySet().stream()
        .map(
            sum -> new Grouping.Unit(sum.getKey(), sum.getValue().writes(), sum.getValue().bytes()))
        .toList();
  }

  private List<Grouping.Tie> ties(Connection source) throws SQLException {
    var names = new HashMap<Long, QualifiedName>();
    objects.tables().forEach(member -> names.put(member.table().oid(), member.name()));
    var ties = new ArrayList<Grouping.Tie>();
    for (Table table : objects.streamed()) {
      table.partitionRoot().ifPresent(root -> ties.add(new Grouping.Tie(root, table.name())));
    }
    ties(source, names, "SELECT inhrelid::int8, inhparent::int8 FROM pg_inherits", ties);
    if (!databases.targetMayReplicate()) {
      String keys = "SELECT conrelid::int8, confrelid::int8 FROM pg_constraint WHERE contype = 'f'";
      ties(source, names, keys, ties);
      try (Connection target = databases.target().open("setup")) {
        ties(target, named(target), keys, ties);
      }
    }
    return ties;
  }

  /** The target's tables that are called as those of the migration. */
  private Map<Long, QualifiedName> named(Connection target) throws SQLException {
    var names = new HashMap<Long, QualifiedName>();
    Sql.query(
        target,
        """
        SELECT c.oid::int8, n.nspname, c.relname
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p')
        """,
        row -> names.put(row.getLong(1), new QualifiedName(row.getString(2), row.getString(3))));
    names
        .values()
        .retainAll(objects.tables().stream().map(ObjectSet.Member::name).collect(toSet()));
    return names;
  }

  private static void ties(
      Connection connection, Map<Long, QualifiedName> names, String pairs, List<Grouping.Tie> ties)
      throws SQLException {
    Sql.query(
        connection,
        pairs,
        row -> {
          QualifiedName one = names.get(row.getLong(1));
          QualifiedName other = names.get(row.getLong(2));
          return one != null && other != null && ties.add(new Grouping.Tie(one, other));
        });
  }
}
