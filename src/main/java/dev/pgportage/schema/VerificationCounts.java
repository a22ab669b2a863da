package dev.pgportage.schema;

import dev.pgportage.pg.BothAnswers;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * How many tables, sequences and indexes each schema holds on either side, counted over the object
 * set: the first thing a person looks at.
 */
public final class VerificationCounts {
  /**
   * The counts of one schema on one side.
   *
   * @param tables ordinary and partitioned tables, partitions included
   * @param sequences sequences, those of identity columns included
   * @param indexes indexes of these tables
   */
  public record Counts(long tables, long sequences, long indexes) {
    private static final Counts NONE = new Counts(0, 0, 0);

    private Counts plus(Counts other) {
      return new Counts(
          tables + other.tables, sequences + other.sequences, indexes + other.indexes);
    }
  }

  /**
   * One schema on both sides.
   *
   * @param schema its name
   * @param source what the source holds
   * @param target what the target holds
   */
  public record Row(String schema, Counts source, Counts target) {
    /** Whether both sides hold the same. */
    public boolean equal() {
      return source.equals(target);
    }
  }

  private record Relation(QualifiedName name, char kind, Optional<QualifiedName> table) {}

  private VerificationCounts() {}

  /** Counts on both sides; one row for each schema the object set has something in. */
  public static List<Row> between(Connection source, Connection target, ObjectSet set)
      throws SQLException {
    var both = BothAnswers.of(source, target, side -> count(side, set));
    Map<String, Counts> here = both.source();
    Map<String, Counts> there = both.target();
    var schemas = new TreeSet<>(here.keySet());
    schemas.addAll(there.keySet());
    var rows = new ArrayList<Row>();
    for (String schema : schemas) {
      rows.add(
          new Row(
              schema,
              here.getOrDefault(schema, Counts.NONE),
              there.getOrDefault(schema, Counts.NONE)));
    }
    return rows;
  }

  private static Map<String, Counts> count(Connection connection, ObjectSet set)
      throws SQLException {
    Set<QualifiedName> tables =
        set.tables().stream().map(ObjectSet.Member::name).collect(Collectors.toSet());
    Set<QualifiedName> sequences =
        set.sequences().stream().map(Sequence::name).collect(Collectors.toSet());
    var counts = new TreeMap<String, Counts>();
    for (Relation relation : relations(connection)) {
      Counts one =
          switch (relation.kind) {
            case 'S' -> new Counts(0, sequences.contains(relation.name) ? 1 : 0, 0);
            case 'i', 'I' ->
                new Counts(0, 0, relation.table.filter(tables::contains).isPresent() ? 1 : 0);
            default -> new Counts(tables.contains(relation.name) ? 1 : 0, 0, 0);
          };
      if (!one.equals(Counts.NONE)) {
        counts.merge(relation.name.schema(), one, Counts::plus);
      }
    }
    return counts;
  }

  private static List<Relation> relations(Connection connection) throws SQLException {
    return Sql.query(
        connection,
        """
        SELECT n.nspname, c.relname, c.relkind, tn.nspname, t.relname
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_index x ON x.indexrelid = c.oid
        LEFT JOIN pg_class t ON t.oid = x.indrelid
        LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace
        WHERE c.relkind IN ('r', 'p', 'S', 'i', 'I') AND c.relpersistence <> 't' AND %s
        """
            .formatted(CatalogReader.USER_SCHEMAS),
        row ->
            new Relation(
                new QualifiedName(row.getString(1), row.getString(2)),
                row.getString(3).charAt(0),
                row.getString(4) == null
                    ? Optional.empty()
                    : Optional.of(new QualifiedName(row.getString(4), row.getString(5)))));
  }
}
