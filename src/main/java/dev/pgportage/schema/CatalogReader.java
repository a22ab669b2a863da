package dev.pgportage.schema;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.ServerVersion;
import dev.pgportage.pg.Sql;
import dev.pgportage.profile.Profiles;
import dev.pgportage.schema.Column.Identity;
import dev.pgportage.schema.Table.Kind;
import dev.pgportage.schema.Table.ReplicaIdentity;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Reads tables, columns, keys and sequences from the catalog of PostgreSQL 12 to 18.
 *
 * <p>Needs no privilege on the tables. All queries see one snapshot: with auto-commit on they run
 * in a transaction of their own, otherwise in the caller's, whose isolation then decides. The
 * connection must come from {@link dev.pgportage.pg.Database#open}, whose {@code search_path} makes
 * type names qualified. Source: PostgreSQL manual, "System Catalogs".
 */
public final class CatalogReader {
  /** Schemas whose objects are never the user's; {@code n} is pg_namespace. */
  static final String USER_SCHEMAS =
      """
      n.nspname NOT LIKE 'pg\\_%'
      AND n.nspname NOT IN ('information_schema', 'pgportage') AND NOT"""
          + " "
          + Profiles.ownSchemaSql("n.nspname");

  private record Relation(
      long oid,
      QualifiedName name,
      char kind,
      boolean unlogged,
      char identity,
      Optional<QualifiedName> root,
      boolean rowSecurity,
      boolean forcedRowSecurity,
      long bytes,
      long pages,
      double estimatedRows,
      Optional<String> extension) {}

  private record Attribute(long table, Column column) {}

  private record Index(
      long table, Table.Key key, boolean primary, boolean identity, boolean usableAsKey) {}

  private record SequenceUse(QualifiedName sequence, QualifiedName table) {}

  private CatalogReader() {}

  /** Reads the whole catalog. */
  public static Catalog read(Connection connection) throws SQLException {
    if (!connection.getAutoCommit()) {
      return readNow(connection);
    }
    connection.setAutoCommit(false);
    try {
      Sql.execute(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
      return readNow(connection);
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  private static Catalog readNow(Connection connection) throws SQLException {
    List<Relation> relations = relations(connection);
    Map<Long, List<Attribute>> columns =
        columns(connection).stream().collect(Collectors.groupingBy(Attribute::table));
    Map<Long, List<Index>> indexes =
        indexes(connection).stream().collect(Collectors.groupingBy(Index::table));
    var tables = new ArrayList<Table>();
    var leftOut = new ArrayList<Catalog.LeftOut>();
    for (Relation relation : relations) {
      Optional<String> reason = reasonToLeaveOut(relation);
      if (reason.isPresent()) {
        leftOut.add(new Catalog.LeftOut(relation.name, reason.get()));
      } else {
        tables.add(
            table(
                relation,
                columns.getOrDefault(relation.oid, List.of()),
                indexes.getOrDefault(relation.oid, List.of())));
      }
    }
    return new Catalog(
        ServerVersion.of(connection),
        tables,
        sequences(connection),
        sequenceUsers(connection),
        leftOut,
        Sql.query(
            connection,
            "SELECT extname FROM pg_extension ORDER BY extname",
            row -> row.getString(1)));
  }

  private static Optional<String> reasonToLeaveOut(Relation relation) {
    if (relation.kind == 'f') {
      return Optional.of("is a foreign table: its rows are elsewhere");
    }
    return relation.extension.map(
        extension -> "belongs to the extension " + extension + ", which makes it itself");
  }

  private static List<Relation> relations(Connection connection) throws SQLException {
    return Sql.query(
        connection,
        """
        SELECT c.oid::int8, n.nspname, c.relname, c.relkind, c.relpersistence = 'u',
               c.relreplident, rn.nspname, r.relname, c.relrowsecurity, c.relforcerowsecurity,
               CASE WHEN c.relkind = 'r' THEN pg_table_size(c.oid) ELSE 0 END,
               CASE WHEN c.relkind = 'r'
                    THEN pg_relation_size(c.oid) / current_setting('block_size')::int ELSE 0 END,
               CASE WHEN c.reltuples = 0 AND c.relpages = 0 THEN -1 ELSE c.reltuples END,
               e.extname
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_class r ON c.relispartition AND r.oid = pg_partition_root(c.oid)
        LEFT JOIN pg_namespace rn ON rn.oid = r.relnamespace
        LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
              AND d.objsubid = 0 AND d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
        LEFT JOIN pg_extension e ON e.oid = d.refobjid
        WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't' AND %s
        ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
        """
            .formatted(USER_SCHEMAS),
        row ->
            new Relation(
                row.getLong(1),
                new QualifiedName(row.getString(2), row.getString(3)),
                row.getString(4).charAt(0),
                row.getBoolean(5),
                row.getString(6).charAt(0),
                optionalName(row, 7),
                row.getBoolean(9),
                row.getBoolean(10),
                row.getLong(11),
                row.getLong(12),
                row.getDouble(13),
                Optional.ofNullable(row.getString(14))));
  }

  /**
   * A type counts as built in only if its binary form means the same elsewhere: reg* types are sent
   * as OIDs, and some types have no binary form.
   */
  private static List<Attribute> columns(Connection connection) throws SQLException {
    return Sql.query(
        connection,
        """
        SELECT a.attrelid::int8, a.attname, format_type(a.atttypid, a.atttypmod), t.oid::int8,
               t.oid < 10000 AND t.typsend <> 0 AND t.typreceive <> 0
                 AND coalesce(i.typname, t.typname) NOT LIKE 'reg%%'
                 AND (i.oid IS NULL OR i.typsend <> 0),
               a.attnotnull, a.attgenerated <> '', a.attidentity
        FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_type i ON i.oid = t.typelem AND t.typelem <> 0
        WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND %s
          AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY a.attrelid, a.attnum
        """
            .formatted(USER_SCHEMAS),
        row ->
            new Attribute(
                row.getLong(1),
                new Column(
                    row.getString(2),
                    row.getString(3),
                    row.getLong(4),
                    row.getBoolean(5),
                    row.getBoolean(6),
                    row.getBoolean(7),
                    identityOf(row.getString(8)))));
  }

  private static Identity identityOf(String code) {
    return switch (code) {
      case "a" -> Identity.ALWAYS;
      case "d" -> Identity.BY_DEFAULT;
      default -> Identity.NONE;
    };
  }

  /**
   * All unique indexes that are valid, immediate, not partial and without expressions. PostgreSQL
   * 18 knows NOT NULL constraints that were never checked: such a column may hold NULL.
   */
  private static List<Index> indexes(Connection connection) throws SQLException {
    return Sql.query(
        connection,
        """
        SELECT x.indrelid::int8, i.relname, array_agg(a.attname::text ORDER BY k.place),
               x.indisprimary, x.indisreplident,
               bool_and(a.attnotnull AND NOT EXISTS (
                 SELECT FROM pg_constraint u
                 WHERE u.conrelid = a.attrelid AND u.contype = 'n' AND NOT u.convalidated
                   AND u.conkey = ARRAY[a.attnum]))
        FROM pg_index x
        JOIN pg_class i ON i.oid = x.indexrelid
        JOIN pg_class c ON c.oid = x.indrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL unnest(x.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
        JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum
        WHERE x.indisunique AND x.indisvalid AND x.indisready AND x.indislive AND x.indimmediate
          AND x.indpred IS NULL AND x.indexprs IS NULL AND k.place <= x.indnkeyatts
          AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND %s
        GROUP BY x.indrelid, x.indexrelid, i.relname, x.indisprimary, x.indisreplident
        ORDER BY x.indrelid, count(*), i.relname COLLATE "C"
        """
            .formatted(USER_SCHEMAS),
        row ->
            new Index(
                row.getLong(1),
                new Table.Key(row.getString(2), strings(row.getArray(3)), row.getBoolean(4)),
                row.getBoolean(4),
                row.getBoolean(5),
                row.getBoolean(6)));
  }

  private static Table table(Relation relation, List<Attribute> columns, List<Index> indexes) {
    Optional<Index> primary = indexes.stream().filter(Index::primary).findFirst();
    Optional<Index> chosen = indexes.stream().filter(Index::identity).findFirst();
    Optional<Index> best =
        primary.or(() -> indexes.stream().filter(Index::usableAsKey).findFirst());
    ReplicaIdentity identity =
        switch (relation.identity) {
          case 'f' -> ReplicaIdentity.FULL;
          case 'i' -> chosen.isPresent() ? ReplicaIdentity.KEY : ReplicaIdentity.NOTHING;
          case 'd' -> primary.isPresent() ? ReplicaIdentity.KEY : ReplicaIdentity.NOTHING;
          default -> ReplicaIdentity.NOTHING;
        };
    Optional<Index> key =
        identity == ReplicaIdentity.KEY && relation.identity == 'i' ? chosen : best;
    return new Table(
        relation.oid,
        relation.name,
        relation.kind == 'p' ? Kind.PARTITIONED : Kind.ORDINARY,
        relation.unlogged,
        columns.stream().map(Attribute::column).toList(),
        key.map(Index::key),
        identity,
        relation.root,
        relation.rowSecurity,
        relation.forcedRowSecurity,
        relation.bytes,
        relation.pages,
        relation.estimatedRows);
  }

  private static List<Sequence> sequences(Connection connection) throws SQLException {
    return Sql.query(
        connection,
        """
        SELECT n.nspname, c.relname, format_type(s.seqtypid, NULL), s.seqstart, s.seqmin, s.seqmax,
               s.seqincrement, s.seqcycle, s.seqcache, tn.nspname, t.relname, a.attname,
               o.deptype = 'i'
        FROM pg_sequence s
        JOIN pg_class c ON c.oid = s.seqrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_depend o ON o.classid = 'pg_class'::regclass AND o.objid = c.oid
              AND o.refclassid = 'pg_class'::regclass AND o.refobjsubid > 0
              AND o.deptype IN ('a', 'i')
        LEFT JOIN pg_class t ON t.oid = o.refobjid
        LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace
        LEFT JOIN pg_attribute a ON a.attrelid = o.refobjid AND a.attnum = o.refobjsubid
        WHERE c.relpersistence <> 't' AND %s AND NOT EXISTS (
          SELECT FROM pg_depend e
          WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
        ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
        """
            .formatted(USER_SCHEMAS),
        CatalogReader::sequenceOf);
  }

  private static Sequence sequenceOf(ResultSet row) throws SQLException {
    String column = row.getString(12);
    boolean identity = row.getBoolean(13);
    return new Sequence(
        new QualifiedName(row.getString(1), row.getString(2)),
        row.getString(3),
        row.getLong(4),
        row.getLong(5),
        row.getLong(6),
        row.getLong(7),
        row.getBoolean(8),
        row.getLong(9),
        optionalName(row, 10).map(table -> new Sequence.Owner(table, column, identity)));
  }

  private static Map<QualifiedName, Set<QualifiedName>> sequenceUsers(Connection connection)
      throws SQLException {
    return Sql.query(
            connection,
            """
            SELECT DISTINCT sn.nspname, s.relname, n.nspname, c.relname
            FROM pg_depend d
            JOIN pg_class s ON s.oid = d.refobjid AND s.relkind = 'S'
            JOIN pg_namespace sn ON sn.oid = s.relnamespace
            JOIN pg_attrdef f ON f.oid = d.objid
            JOIN pg_class c ON c.oid = f.adrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass
              AND %s
            """
                .formatted(USER_SCHEMAS),
            row ->
                new SequenceUse(
                    new QualifiedName(row.getString(1), row.getString(2)),
                    new QualifiedName(row.getString(3), row.getString(4))))
        .stream()
        .collect(
            Collectors.groupingBy(
                SequenceUse::sequence,
                Collectors.mapping(SequenceUse::table, Collectors.toUnmodifiableSet())));
  }

  private static Optional<QualifiedName> optionalName(ResultSet row, int column)
      throws SQLException {
    String schema = row.getString(column);
    return schema == null
        ? Optional.empty()
        : Optional.of(new QualifiedName(schema, row.getString(column + 1)));
  }

  private static List<String> strings(Array array) throws SQLException {
    return List.of((String[]) array.getArray());
  }
}
