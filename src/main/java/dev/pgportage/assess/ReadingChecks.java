package dev.pgportage.assess;

import dev.pgportage.ErrorCode;
import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.assess.Remedy.Order;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.ObjectSet.Member;
import dev.pgportage.schema.Sequence;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Whether the roles see every row there is. */
final class ReadingChecks {
  private ReadingChecks() {}

  static final Check READ_PRIVILEGES =
      Check.named("source-read-privileges", "Source Database Read Privileges", Side.SOURCE)
          .dms("postgres-check-select-object-privileges")
          .code(ErrorCode.PRIVILEGE_MISSING)
          .passes(
              "The role has USAGE on every schema, SELECT on every table and every sequence of the"
                  + " migration.")
          .why("What the role cannot read would be missing on the target.")
          .fix("`GRANT USAGE ON SCHEMA …`, `GRANT SELECT ON …` to the migration role.")
          .by(ReadingChecks::readPrivileges);

  static final Check LARGE_OBJECTS =
      Check.named("large-objects", "Large Objects", Side.SOURCE)
          .passes("There are no large objects.")
          .why(
              "The WAL does not tell changes of large objects, so all of them are copied once more"
                  + " while the writes are stopped; and each must be readable.")
          .fix(
              "Unreadable ones: `GRANT SELECT ON LARGE OBJECT <oid> TO <migration role>`, or make"
                  + " the role a member of their owner. Remove orphans with `vacuumlo`.")
          .by(ReadingChecks::largeObjects);

  static final Check ROW_SECURITY =
      Check.named("row-security", "Row Security That Hides Rows", Side.SOURCE, Side.TARGET)
          .code(ErrorCode.TABLE_HIDDEN_BY_RLS)
          .passes("Row security applies to the role on no table of the migration.")
          .why("Rows hidden from the role would be missing on the target, or never be compared.")
          .fix(
              "`ALTER ROLE <migration role> BYPASSRLS`; for an owner also `ALTER TABLE … NO FORCE"
                  + " ROW LEVEL SECURITY`.")
          .by(ReadingChecks::rowSecurity);

  private static void readPrivileges(Examination e) throws SQLException {
    List<Member> tables = e.objects().rowHolders();
    NameArrays names = NameArrays.of(tables.stream().map(Member::name).toList());
    var schemas =
        Sql.query(
            e.connection(),
            """
            SELECT DISTINCT w.schema FROM unnest(?::text[], ?::text[]) AS w (schema, name)
            JOIN pg_namespace n ON n.nspname = w.schema
            WHERE NOT has_schema_privilege(n.oid, 'USAGE') ORDER BY 1
            """,
            row -> row.getString(1),
            names.schemas(e.connection()),
            names.names(e.connection()));
    for (String schema : schemas) {
      e.found(
          Severity.BLOCKS,
          List.of(Quoting.identifierIfNeeded(schema)),
          "The role %s has no USAGE on schema %s"
              .formatted(e.roleSql(), Quoting.identifier(schema)),
          List.of(e.grant("USAGE ON SCHEMA " + Quoting.identifier(schema))));
    }
    refuse(e, "table", unreadable(e, "r", names));
    List<QualifiedName> sequences = e.objects().sequences().stream().map(Sequence::name).toList();
    refuse(e, "sequence", unreadable(e, "S", NameArrays.of(sequences)));
  }

  private static void refuse(Examination e, String noun, List<QualifiedName> refused) {
    Map<String, List<QualifiedName>> bySchema =
        refused.stream()
            .collect(
                Collectors.groupingBy(QualifiedName::schema, TreeMap::new, Collectors.toList()));
    bySchema.forEach(
        (schema, names) -> {
          List<String> texts = names.stream().map(QualifiedName::toString).toList();
          e.found(
              Severity.BLOCKS,
              texts,
              "The role %s may not read %s: %s"
                  .formatted(e.roleSql(), Names.count(names.size(), noun), Names.some(texts)),
              names.stream()
                  .map(
                      name ->
                          e.grant(
                              "SELECT ON "
                                  + (noun.equals("sequence") ? "SEQUENCE " : "")
                                  + name.sql()))
                  .toList());
        });
  }

  private static List<QualifiedName> unreadable(Examination e, String kind, NameArrays names)
      throws SQLException {
    // The planner may call the function on a namesake's or neighbour's row before it joins, and
    // has_sequence_privilege fails on what is no sequence.
    String function = kind.equals("S") ? "has_sequence_privilege" : "has_table_privilege";
    return Sql.query(
        e.connection(),
        """
        SELECT n.nspname, c.relname FROM unnest(?::text[], ?::text[]) AS w (schema, name)
        JOIN pg_namespace n ON n.nspname = w.schema
        JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name
        WHERE CASE WHEN c.relkind = ? THEN NOT %s(c.oid, 'SELECT') END ORDER BY 1, 2
        """
            .formatted(function),
        row -> new QualifiedName(row.getString(1), row.getString(2)),
        names.schemas(e.connection()),
        names.names(e.connection()),
        kind);
  }

  private static void largeObjects(Examination e) throws SQLException {
    LargeObjects found = LargeObjects.of(e.connection());
    if (found.count() == 0) {
      return;
    }
    String count = Names.count((int) Math.min(found.count(), Integer.MAX_VALUE), "large object");
    if (!e.objects().largeObjects()) {
      e.found(
          Severity.WARNS,
          List.of("pg_largeobject"),
          count + " exist and are not part of the migration",
          "Nothing to do if no row on the target refers to them.");
      return;
    }
    e.found(
        e.config().type().replicates() ? Severity.WARNS : Severity.INFORMS,
        List.of("pg_largeobject"),
        "%s, about %s".formatted(count, Names.bytes(found.bytes()))
            + (e.config().type().replicates() ? ", copied again during the freeze" : ""),
        "Remove orphans with vacuumlo, or move them into a bytea column.");
    if (found.unreadable() > 0) {
      e.found(
          Severity.BLOCKS,
          ErrorCode.PRIVILEGE_MISSING,
          List.of("pg_largeobject"),
          "The role %s may not read %d of them".formatted(e.roleSql(), found.unreadable()),
          List.of(
              e.remedy(
                  Order.PRIVILEGES,
                  """
                  DO $$ DECLARE o oid; BEGIN
                    FOR o IN SELECT oid FROM pg_largeobject_metadata LOOP
                      EXECUTE format('GRANT SELECT ON LARGE OBJECT %%s TO %s', o);
                    END LOOP; END $$;"""
                      .formatted(e.roleSql()))));
    }
  }

  private static void rowSecurity(Examination e) throws SQLException {
    NameArrays names = NameArrays.of(e.objects().rowHolders().stream().map(Member::name).toList());
    record Hidden(QualifiedName name, boolean owned) {}
    List<Hidden> hidden =
        Sql.query(
            e.connection(),
            """
            SELECT n.nspname, c.relname, pg_has_role(c.relowner, 'USAGE')
            FROM unnest(?::text[], ?::text[]) AS w (schema, name)
            JOIN pg_namespace n ON n.nspname = w.schema
            JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name
            WHERE c.relrowsecurity AND row_security_active(c.oid) ORDER BY 1, 2
            """,
            row ->
                new Hidden(
                    new QualifiedName(row.getString(1), row.getString(2)), row.getBoolean(3)),
            names.schemas(e.connection()),
            names.names(e.connection()));
    if (hidden.isEmpty()) {
      return;
    }
    List<String> texts = hidden.stream().map(h -> h.name().toString()).toList();
    String bypass = "ALTER ROLE " + e.roleSql() + " BYPASSRLS";
    List<Remedy> fix =
        hidden.stream().allMatch(Hidden::owned)
            ? hidden.stream()
                .map(h -> "ALTER TABLE " + h.name().sql() + " NO FORCE ROW LEVEL SECURITY;")
                .map(sql -> e.remedy(Order.OBJECTS, sql).noting("or: " + bypass))
                .toList()
            : List.of(e.remedy(Order.ROLES, bypass + ";"));
    e.found(
        Severity.BLOCKS,
        texts,
        "Row security applies to the role " + e.roleSql() + " on " + Names.some(texts),
        fix);
  }

  /**
   * Large objects as the source has them.
   *
   * @param count how many
   * @param unreadable how many of them the role may not read
   * @param bytes size on disk of all
   */
  record LargeObjects(long count, long unreadable, long bytes) {
    /** What is copied again for them: nothing if there are none, whatever the catalog's size. */
    long carried() {
      return count == 0 ? 0 : bytes;
    }

    static LargeObjects of(Connection connection) throws SQLException {
      return Sql.queryFirst(
              connection,
              """
              SELECT coalesce(sum(n), 0),
                     coalesce(sum(n) FILTER (WHERE NOT pg_has_role(lomowner, 'USAGE')
                       AND current_setting('lo_compat_privileges') = 'off'
                       AND NOT EXISTS (
                         SELECT FROM aclexplode(acl::aclitem[]) a
                         WHERE a.privilege_type = 'SELECT'
                           AND (a.grantee = 0 OR pg_has_role(a.grantee, 'USAGE')))), 0),
                     pg_table_size('pg_largeobject')
              FROM (SELECT lomowner, lomacl::text AS acl, count(*) AS n
                    FROM pg_largeobject_metadata GROUP BY 1, 2) AS owned
              """,
              row -> new LargeObjects(row.getLong(1), row.getLong(2), row.getLong(3)))
          .orElseThrow();
    }
  }
}
