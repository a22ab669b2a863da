package dev.pgportage.schema;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What the classification asks the source's catalog, because the archive does not tell it.
 *
 * @param owners which relation a constraint, index, trigger, rule, default, policy or statistics
 *     object belongs to
 * @param foreignKeys the foreign keys by OID
 * @param modes every trigger and rule on a table, topmost partitioned tables first
 * @param populated the materialized views that hold rows
 * @param policyRoles the roles a policy names, by the policy's OID
 * @param hidden relations outside of the object set that the role may not lock
 * @param onHidden objects that depend on these
 * @param subscriptions the names of the database's subscriptions
 * @param largeObjects how many large objects there are
 */
record SourceFacts(
    Map<ObjectId, QualifiedName> owners,
    Map<Long, ForeignKey> foreignKeys,
    List<FiringMode> modes,
    Set<QualifiedName> populated,
    Map<Long, List<String>> policyRoles,
    List<QualifiedName> hidden,
    Set<ObjectId> onHidden,
    List<String> subscriptions,
    long largeObjects) {

  /** An object's catalog and its OID there. */
  record ObjectId(long classOid, long oid) {}

  /** A foreign key; {@code definition} is what follows its name. */
  record ForeignKey(
      long oid,
      QualifiedName table,
      boolean partitioned,
      QualifiedName referenced,
      boolean referencedPartitioned,
      String name,
      String definition,
      boolean valid) {}

  /** A trigger or rule and when it fires: O origin, A always, R replica, D never. */
  record FiringMode(long oid, QualifiedName table, boolean rule, String name, char mode) {
    /** What sets the mode on the target. */
    String sql() {
      String what = (rule ? " RULE " : " TRIGGER ") + Quoting.identifier(name);
      String verb =
          switch (mode) {
            case 'A' -> " ENABLE ALWAYS";
            case 'R' -> " ENABLE REPLICA";
            case 'D' -> " DISABLE";
            default -> " ENABLE";
          };
      return "ALTER TABLE " + table.sql() + verb + what + ";";
    }

    /** What disables it. */
    String disablingSql() {
      return new FiringMode(oid, table, rule, name, 'D').sql();
    }
  }

  private record Owned(ObjectId object, QualifiedName relation) {}

  private record PolicyRole(long policy, String role) {}

  static SourceFacts read(Connection connection, ObjectSet set) throws SQLException {
    List<QualifiedName> hidden = hidden(connection, set);
    return new SourceFacts(
        owners(connection),
        foreignKeys(connection).stream()
            .collect(Collectors.toMap(ForeignKey::oid, Function.identity())),
        modes(connection),
        new HashSet<>(
            Sql.query(
                connection,
                """
                SELECT n.nspname, c.relname FROM pg_class c
                JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind = 'm' AND c.relispopulated
                """,
                row -> name(row, 1))),
        policyRoles(connection),
        hidden,
        hidden.isEmpty() ? Set.of() : dependents(connection, hidden),
        Sql.query(
            connection,
            """
            SELECT s.subname FROM pg_subscription s
            JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = current_database()
            """,
            row -> row.getString(1)),
        Sql.queryLong(connection, "SELECT count(*) FROM pg_largeobject_metadata"));
  }

  private static Map<ObjectId, QualifiedName> owners(Connection connection) throws SQLException {
    return Sql.query(
            connection,
            """
            SELECT o.class::oid::int8, o.object::int8, n.nspname, c.relname
            FROM (
              SELECT 'pg_constraint'::regclass, oid, conrelid FROM pg_constraint
              UNION ALL SELECT 'pg_class'::regclass, indexrelid, indrelid FROM pg_index
              UNION ALL SELECT 'pg_trigger'::regclass, oid, tgrelid FROM pg_trigger
              UNION ALL SELECT 'pg_rewrite'::regclass, oid, ev_class FROM pg_rewrite
              UNION ALL SELECT 'pg_attrdef'::regclass, oid, adrelid FROM pg_attrdef
              UNION ALL SELECT 'pg_policy'::regclass, oid, polrelid FROM pg_policy
              UNION ALL SELECT 'pg_statistic_ext'::regclass, oid, stxrelid FROM pg_statistic_ext
            ) AS o (class, object, relation)
            JOIN pg_class c ON c.oid = o.relation
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE %s
            """
                .formatted(CatalogReader.USER_SCHEMAS),
            row -> new Owned(new ObjectId(row.getLong(1), row.getLong(2)), name(row, 3)))
        .stream()
        .collect(Collectors.toMap(Owned::object, Owned::relation));
  }

  static List<ForeignKey> foreignKeys(Connection connection) throws SQLException {
    return Sql.query(
        connection,
        """
        SELECT k.oid::int8, n.nspname, c.relname, c.relkind = 'p', rn.nspname, r.relname,
               r.relkind = 'p', k.conname, pg_get_constraintdef(k.oid), k.convalidated
        FROM pg_constraint k
        JOIN pg_class c ON c.oid = k.conrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_class r ON r.oid = k.confrelid
        JOIN pg_namespace rn ON rn.oid = r.relnamespace
        WHERE k.contype = 'f' AND k.conparentid = 0 AND %s
        ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", k.conname COLLATE "C"
        """
            .formatted(CatalogReader.USER_SCHEMAS),
        row ->
            new ForeignKey(
                row.getLong(1),
                name(row, 2),
                row.getBoolean(4),
                name(row, 5),
                row.getBoolean(7),
                row.getString(8),
                row.getString(9),
                row.getBoolean(10)));
  }

  static List<FiringMode> modes(Connection connection) throws SQLException {
    return Sql.query(
        connection,
        """
        SELECT o.object::int8, n.nspname, c.relname, o.rule, o.name, o.mode
        FROM (
          SELECT oid, tgrelid, false, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal
          UNION ALL
          SELECT oid, ev_class, true, rulename, ev_enabled FROM pg_rewrite
          WHERE rulename <> '_RETURN'
        ) AS o (object, relation, rule, name, mode)
        JOIN pg_class c ON c.oid = o.relation AND c.relkind IN ('r', 'p')
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE %s
        ORDER BY (SELECT count(*) FROM pg_partition_ancestors(c.oid)),
                 n.nspname COLLATE "C", c.relname COLLATE "C", o.rule, o.name COLLATE "C"
        """
            .formatted(CatalogReader.USER_SCHEMAS),
        row ->
            new FiringMode(
                row.getLong(1),
                name(row, 2),
                row.getBoolean(4),
                row.getString(5),
                row.getString(6).charAt(0)));
  }

  private static Map<Long, List<String>> policyRoles(Connection connection) throws SQLException {
    return Sql.query(
            connection,
            """
            SELECT p.oid::int8, r.rolname
            FROM pg_policy p JOIN pg_roles r ON r.oid = ANY (p.polroles)
            """,
            row -> new PolicyRole(row.getLong(1), row.getString(2)))
        .stream()
        .collect(
            Collectors.groupingBy(
                PolicyRole::policy, Collectors.mapping(PolicyRole::role, Collectors.toList())));
  }

  private static List<QualifiedName> hidden(Connection connection, ObjectSet set)
      throws SQLException {
    Set<QualifiedName> selected =
        set.tables().stream().map(ObjectSet.Member::name).collect(Collectors.toSet());
    return Sql.query(
            connection,
            """
            SELECT n.nspname, c.relname
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
              AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
              AND NOT (has_table_privilege(c.oid, 'SELECT')
                       AND has_schema_privilege(n.oid, 'USAGE'))
            """,
            row -> name(row, 1))
        .stream()
        .filter(table -> !selected.contains(table))
        .toList();
  }

  /** Views are found through their rules: it is the rule that depends on what a view reads. */
  private static Set<ObjectId> dependents(Connection connection, List<QualifiedName> relations)
      throws SQLException {
    return new HashSet<>(
        Sql.query(
            connection,
            """
            WITH RECURSIVE start AS (
              SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              JOIN unnest(?::text[], ?::text[]) AS h (schema, name)
                ON h.schema = n.nspname AND h.name = c.relname
            ), edge AS (
              SELECT classid, objid, refclassid, refobjid FROM pg_depend
              WHERE deptype IN ('n', 'a', 'i')
              UNION ALL
              SELECT 'pg_class'::regclass, ev_class, 'pg_rewrite'::regclass, oid FROM pg_rewrite
              WHERE rulename = '_RETURN'
            ), found (class, object) AS (
              SELECT 'pg_class'::regclass::oid, oid FROM start
              UNION
              SELECT e.classid, e.objid FROM found
              JOIN edge e ON e.refclassid = found.class AND e.refobjid = found.object
            )
            SELECT class::int8, object::int8 FROM found
            """,
            row -> new ObjectId(row.getLong(1), row.getLong(2)),
            relations.stream().map(QualifiedName::schema).toArray(String[]::new),
            relations.stream().map(QualifiedName::name).toArray(String[]::new)));
  }

  Optional<QualifiedName> ownerOf(TocEntry entry) {
    return Optional.ofNullable(owners.get(new ObjectId(entry.classOid(), entry.oid())));
  }

  private static QualifiedName name(ResultSet row, int column) throws SQLException {
    return new QualifiedName(row.getString(column), row.getString(column + 1));
  }
}
