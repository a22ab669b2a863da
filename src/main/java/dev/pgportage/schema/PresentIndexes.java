package dev.pgportage.schema;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.ObjectSet.Member;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The secondary indexes of a schema the user made on the target. One may be dropped while rows are
 * loaded if {@code CREATE INDEX} by the server's own definition brings it back just as it was, and
 * if nothing needs it meanwhile. Stateless.
 */
final class PresentIndexes {
  /** The reasons are the end of a sentence; what is no constraint's is told whether it can go. */
  private static final String INDEXES =
      """
      SELECT n.nspname, c.relname, i.relname, pg_get_indexdef(x.indexrelid),
        CASE
          WHEN i.relkind = 'I' OR i.relispartition THEN 'belongs to a partitioned table'
          WHEN NOT (x.indisvalid AND x.indisready AND x.indislive) THEN 'is not valid'
          WHEN x.indisreplident THEN 'is the replica identity'
          WHEN EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.oid)
            THEN 'a foreign key refers to it'
          WHEN EXISTS (SELECT FROM pg_depend d
                       WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = i.oid)
            THEN 'something depends on it'
          WHEN EXISTS (SELECT FROM pg_depend d
                       WHERE d.classid = 'pg_class'::regclass AND d.objid = i.oid
                         AND d.deptype IN ('e', 'x'))
            THEN 'goes with an extension'
          WHEN x.indisclustered THEN 'is what CLUSTER goes by'
          WHEN obj_description(i.oid, 'pg_class') IS NOT NULL THEN 'has a comment'
          WHEN EXISTS (SELECT FROM pg_attribute a
                       WHERE a.attrelid = i.oid AND coalesce(a.attstattarget, -1) >= 0)
            THEN 'has a statistics target'
          WHEN i.reltablespace <> 0 THEN 'lies in a tablespace of its own'
          WHEN NOT (pg_has_role(c.relowner, 'USAGE') AND has_schema_privilege(n.oid, 'CREATE'))
            THEN 'the role may not make it again'
        END,
        CASE WHEN x.indisunique AND x.indpred IS NULL AND x.indexprs IS NULL THEN
          ARRAY(SELECT a.attname::text
                FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
                JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum
                WHERE k.place <= x.indnkeyatts)
        END
      FROM pg_index x
      JOIN pg_class i ON i.oid = x.indexrelid
      JOIN pg_class c ON c.oid = x.indrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
        AND NOT EXISTS (SELECT FROM pg_constraint k
                        WHERE k.conindid = i.oid AND k.contype IN ('p', 'u', 'x'))
        AND %s
      ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", i.relname COLLATE "C"
      """
          .formatted(CatalogReader.USER_SCHEMAS);

  /**
   * One index.
   *
   * @param table its table
   * @param name its own name
   * @param definition the statement that makes it
   * @param stays why it stays where it is; empty if it can be dropped and made again
   */
  record Index(
      QualifiedName table, QualifiedName name, String definition, Optional<String> stays) {}

  private record Found(Index index, Set<String> uniqueColumns) {}

  private PresentIndexes() {}

  /**
   * The indexes of the set's tables that no constraint owns.
   *
   * @param there the target's tables
   */
  static List<Index> of(Connection target, ObjectSet set, List<Table> there) throws SQLException {
    Map<QualifiedName, Set<String>> keysHere = keys(set.tables().stream().map(Member::table));
    Map<QualifiedName, Set<String>> keysThere = keys(there.stream());
    return Sql.query(target, INDEXES, PresentIndexes::found).stream()
        .filter(found -> keysHere.containsKey(found.index.table()))
        .map(
            found ->
                found.index.stays().isEmpty() && (isKey(found, keysHere) || isKey(found, keysThere))
                    ? staying(found.index)
                    : found.index)
        .toList();
  }

  /** The columns of every table's key; none for a table without one. */
  private static Map<QualifiedName, Set<String>> keys(Stream<Table> tables) {
    return tables.collect(
        Collectors.toMap(
            Table::name,
            table -> table.key().map(key -> Set.copyOf(key.columns())).orElse(Set.of())));
  }

  /** Changes find their row by the key's columns, whatever the index is called. */
  private static boolean isKey(Found found, Map<QualifiedName, Set<String>> keys) {
    return !found.uniqueColumns.isEmpty()
        && found.uniqueColumns.equals(keys.get(found.index.table()));
  }

  private static Index staying(Index index) {
    return new Index(
        index.table, index.name, index.definition, Optional.of("tells the table's rows apart"));
  }

  private static Found found(ResultSet row) throws SQLException {
    String schema = row.getString(1);
    @Nullable Array columns = row.getArray(6);
    return new Found(
        new Index(
            new QualifiedName(schema, row.getString(2)),
            new QualifiedName(schema, row.getString(3)),
            Objects.requireNonNull(row.getString(4)),
            Optional.ofNullable(row.getString(5))),
        columns == null ? Set.of() : Set.of((String[]) columns.getArray()));
  }
}
