package dev.pgportage.schema;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.ServerVersion;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.CatalogDiff.Depth;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * All objects of a database by their names, each with a definition that reads the same on every
 * version of PostgreSQL, and an expression whose text is only comparable within one.
 *
 * @param version the server's version
 * @param objects by kind and name, such as {@code index public.orders_at}
 */
record CatalogInventory(ServerVersion version, Map<String, Entry> objects) {

  /** An object; {@code table} is the table of the object set it is part of, if it is. */
  record Entry(Optional<QualifiedName> table, String definition, String expression) {}

  private record Named(String name, char relationKind, Entry entry) {}

  /** Reads everything to a depth; of tables, what the object set has. */
  static CatalogInventory read(Connection connection, ObjectSet set, Depth depth)
      throws SQLException {
    Set<QualifiedName> tables =
        set.tables().stream().map(ObjectSet.Member::name).collect(Collectors.toSet());
    var objects = new TreeMap<String, Entry>();
    for (Section section : Section.values()) {
      if (section.depth.compareTo(depth) <= 0) {
        for (Named named : Sql.query(connection, section.sql(), CatalogInventory::named)) {
          boolean ofTable = "rpf".indexOf(named.relationKind) >= 0;
          if (!ofTable || named.entry.table.filter(tables::contains).isPresent()) {
            objects.put(named.name, named.entry);
          }
        }
      }
    }
    return new CatalogInventory(ServerVersion.of(connection), objects);
  }

  private static Named named(ResultSet row) throws SQLException {
    String kind = row.getString(4);
    boolean table = kind != null && (kind.equals("r") || kind.equals("p"));
    return new Named(
        row.getString(1),
        kind == null ? ' ' : kind.charAt(0),
        new Entry(
            table
                ? Optional.of(new QualifiedName(row.getString(2), row.getString(3)))
                : Optional.empty(),
            row.getString(5),
            row.getString(6)));
  }

  /**
   * The parts of the catalog. Each selects: catalog, object, column number, relation, definition,
   * expression; {@code n} must be the namespace.
   */
  private enum Section {
    SCHEMAS(
        Depth.READY,
        "",
        """
        SELECT 'pg_namespace'::regclass, n.oid, 0, 0::oid, '', '' FROM pg_namespace n WHERE true
        """),
    TABLES(
        Depth.ROWS,
        "",
        """
        SELECT 'pg_class'::regclass, c.oid, 0, c.oid,
               concat_ws(' ', CASE c.relpersistence WHEN 'u' THEN 'unlogged' END,
                 CASE WHEN c.relispartition THEN 'partition of ' ELSE 'inherits ' END ||
                 (SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno)
                  FROM pg_inherits i WHERE i.inhrelid = c.oid),
                 'partitioned by ' || pg_get_partkeydef(c.oid)),
               coalesce(pg_get_expr(c.relpartbound, c.oid), '')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
        """),
    COLUMNS(
        Depth.ROWS,
        "",
        """
        SELECT 'pg_class'::regclass, c.oid, a.attnum, c.oid,
               concat_ws(' ', format_type(a.atttypid, a.atttypmod),
                 CASE WHEN a.attnotnull THEN 'not null' END,
                 CASE a.attidentity WHEN 'a' THEN 'identity always'
                                    WHEN 'd' THEN 'identity by default' END,
                 CASE WHEN a.attgenerated = 's' THEN 'generated stored'
                      WHEN a.attgenerated = 'v' THEN 'generated virtual'
                      WHEN d.oid IS NOT NULL THEN 'with default' END,
                 CASE WHEN a.attcollation <> y.typcollation
                      THEN 'collate ' || a.attcollation::regcollation::text END),
               coalesce(pg_get_expr(d.adbin, d.adrelid), '')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        JOIN pg_type y ON y.oid = a.atttypid
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
        """),
    CONSTRAINTS(
        Depth.ROWS,
        "",
        """
        SELECT 'pg_constraint'::regclass, k.oid, 0, k.conrelid,
               CASE WHEN k.contype IN ('p', 'u') THEN pg_get_constraintdef(k.oid)
                    ELSE CASE k.contype WHEN 'c' THEN 'check' ELSE 'exclude' END
                         || CASE WHEN k.convalidated THEN '' ELSE ' not valid' END END,
               pg_get_constraintdef(k.oid)
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE k.contype IN ('c', 'p', 'u', 'x') AND c.relkind IN ('r', 'p')
        """),
    TYPES(
        Depth.ROWS,
        "",
        """
        SELECT 'pg_type'::regclass, t.oid, 0, 0::oid,
               concat_ws(' ', t.typtype, format_type(nullif(t.typbasetype, 0), t.typtypmod),
                 CASE WHEN t.typnotnull THEN 'not null' END,
                 (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
                  FROM pg_enum e WHERE e.enumtypid = t.oid),
                 (SELECT string_agg(format('%I %s', a.attname,
                    format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum)
                  FROM pg_attribute a
                  WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped),
                 (SELECT format_type(r.rngsubtype, NULL) FROM pg_range r WHERE r.rngtypid = t.oid)),
               coalesce(t.typdefault, '') || coalesce(
                 (SELECT string_agg(pg_get_constraintdef(k.oid), ' ' ORDER BY k.conname)
                  FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'), '')
        FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
        WHERE (t.typtype IN ('e', 'd', 'r')
           OR (t.typtype = 'c'
               AND (SELECT c.relkind FROM pg_class c WHERE c.oid = t.typrelid) = 'c'))
        """),
    SEQUENCES(
        Depth.ROWS,
        "",
        """
        SELECT 'pg_class'::regclass, c.oid, 0, coalesce(o.refobjid, 0),
               concat_ws(' ', format_type(s.seqtypid, NULL), 'start', s.seqstart, 'min', s.seqmin,
                 'max', s.seqmax, 'by', s.seqincrement, 'cache', s.seqcache,
                 CASE WHEN s.seqcycle THEN 'cycle' END, 'owned by ' || a.attname),
               ''
        FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_depend o ON o.classid = 'pg_class'::regclass AND o.objid = c.oid
             AND o.refclassid = 'pg_class'::regclass AND o.refobjsubid > 0
             AND o.deptype IN ('a', 'i')
        LEFT JOIN pg_attribute a ON a.attrelid = o.refobjid AND a.attnum = o.refobjsubid
        WHERE c.relpersistence <> 't'
        """),
    EXTENSIONS(
        Depth.READY,
        "",
        """
        SELECT 'pg_extension'::regclass, e.oid, 0, 0::oid, 'in schema ' || x.nspname, ''
        FROM pg_extension e JOIN pg_namespace x ON x.oid = e.extnamespace
        JOIN pg_namespace n ON n.nspname = 'public' OR n.oid = e.extnamespace
        WHERE true
        """),
    INDEXES(
        Depth.READY,
        "",
        """
        SELECT 'pg_class'::regclass, i.oid, 0, c.oid,
               CASE WHEN x.indexprs IS NULL AND x.indpred IS NULL THEN pg_get_indexdef(i.oid)
                    WHEN x.indisunique THEN 'unique, computed' ELSE 'computed' END
                 || CASE WHEN x.indisvalid THEN '' ELSE ', invalid' END
                 || CASE WHEN x.indisreplident THEN ', replica identity' ELSE '' END,
               pg_get_indexdef(i.oid)
        FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
        JOIN pg_class c ON c.oid = x.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't'
        """),
    STATISTICS(
        Depth.READY,
        "",
        """
        SELECT 'pg_statistic_ext'::regclass, s.oid, 0, s.stxrelid,
               array_to_string(s.stxkind, ','), pg_get_statisticsobjdef(s.oid)
        FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE true
        """),
    VIEWS(
        Depth.READY,
        "",
        """
        SELECT 'pg_class'::regclass, c.oid, 0, c.oid,
               concat_ws(' ', array_to_string(c.reloptions, ','),
                 (SELECT string_agg(format('%I %s', a.attname,
                    format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum)
                  FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0)),
               pg_get_viewdef(c.oid)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('v', 'm') AND c.relpersistence <> 't'
        """),
    FUNCTIONS(
        Depth.READY,
        "",
        """
        SELECT 'pg_proc'::regclass, p.oid, 0, 0::oid,
               concat_ws(' ', p.prokind, pg_get_function_result(p.oid), l.lanname, p.provolatile,
                 p.proparallel, CASE WHEN p.prosecdef THEN 'security definer' END,
                 CASE WHEN p.proisstrict THEN 'strict' END,
                 array_to_string(p.proconfig, ','), md5(p.prosrc)),
               CASE WHEN p.prokind = 'a' THEN '' ELSE pg_get_functiondef(p.oid) END
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        JOIN pg_language l ON l.oid = p.prolang WHERE true
        """),
    TRIGGERS(
        Depth.READY,
        "",
        """
        SELECT 'pg_trigger'::regclass, t.oid, 0, c.oid,
               concat_ws(' ', t.tgtype, t.tgfoid::regprocedure::text,
                 CASE WHEN t.tgdeferrable THEN 'deferrable' END,
                 CASE WHEN t.tginitdeferred THEN 'deferred' END),
               pg_get_triggerdef(t.oid)
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE NOT t.tgisinternal AND coalesce(to_jsonb(t) ->> 'tgparentid', '0') = '0'
        """),
    RULES(
        Depth.READY,
        "",
        """
        SELECT 'pg_rewrite'::regclass, r.oid, 0, c.oid,
               concat_ws(' ', r.ev_type, CASE WHEN r.is_instead THEN 'instead' END),
               pg_get_ruledef(r.oid)
        FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE r.rulename <> '_RETURN'
        """),
    OTHERS(
        Depth.READY,
        "",
        """
        SELECT o.class, o.object, 0, 0::oid, '', ''
        FROM (
          SELECT 'pg_collation'::regclass, oid, collnamespace FROM pg_collation
          UNION ALL SELECT 'pg_operator'::regclass, oid, oprnamespace FROM pg_operator
          UNION ALL SELECT 'pg_opclass'::regclass, oid, opcnamespace FROM pg_opclass
          UNION ALL SELECT 'pg_opfamily'::regclass, oid, opfnamespace FROM pg_opfamily
          UNION ALL SELECT 'pg_ts_config'::regclass, oid, cfgnamespace FROM pg_ts_config
          UNION ALL SELECT 'pg_ts_dict'::regclass, oid, dictnamespace FROM pg_ts_dict
          UNION ALL SELECT 'pg_conversion'::regclass, oid, connamespace FROM pg_conversion
        ) AS o (class, object, schema) JOIN pg_namespace n ON n.oid = o.schema WHERE true
        """),
    COMMENTS(
        Depth.READY,
        "comment on ",
        """
        SELECT d.classoid, d.objoid, d.objsubid, coalesce(c.oid, 0), d.description, ''
        FROM pg_description d
        LEFT JOIN pg_constraint k ON d.classoid = 'pg_constraint'::regclass AND k.oid = d.objoid
        LEFT JOIN pg_trigger g ON d.classoid = 'pg_trigger'::regclass AND g.oid = d.objoid
        LEFT JOIN pg_index x ON d.classoid = 'pg_class'::regclass AND x.indexrelid = d.objoid
        LEFT JOIN pg_class c ON c.oid = coalesce(k.conrelid, g.tgrelid, x.indrelid,
          CASE WHEN d.classoid = 'pg_class'::regclass THEN d.objoid END)
        LEFT JOIN pg_type t ON d.classoid = 'pg_type'::regclass AND t.oid = d.objoid
        LEFT JOIN pg_proc p ON d.classoid = 'pg_proc'::regclass AND p.oid = d.objoid
        JOIN pg_namespace n ON n.oid = coalesce(c.relnamespace, t.typnamespace, p.pronamespace,
          CASE WHEN d.classoid = 'pg_namespace'::regclass THEN d.objoid END)
        WHERE NOT (d.classoid = 'pg_namespace'::regclass AND n.nspname = 'public')
          AND k.contype IS DISTINCT FROM 'f'
        """),
    FOREIGN_KEYS(
        Depth.OPENED,
        "",
        """
        SELECT 'pg_constraint'::regclass, k.oid, 0, k.conrelid, pg_get_constraintdef(k.oid), ''
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE k.contype = 'f' AND k.conparentid = 0
        """),
    FOREIGN_KEY_COMMENTS(
        Depth.OPENED,
        "comment on ",
        """
        SELECT d.classoid, d.objoid, 0, k.conrelid, d.description, ''
        FROM pg_description d
        JOIN pg_constraint k ON d.classoid = 'pg_constraint'::regclass AND k.oid = d.objoid
        JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE k.contype = 'f'
        """),
    POLICIES(
        Depth.OPENED,
        "",
        """
        SELECT 'pg_policy'::regclass, p.oid, 0, c.oid,
               concat_ws(' ', p.polcmd, CASE WHEN p.polpermissive THEN 'permissive' END,
                 (SELECT string_agg(r.rolname, ', ' ORDER BY r.rolname) FROM pg_roles r
                  WHERE r.oid = ANY (p.polroles))),
               concat_ws(' / ', pg_get_expr(p.polqual, p.polrelid),
                 pg_get_expr(p.polwithcheck, p.polrelid))
        FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE true
        """),
    ROW_SECURITY(
        Depth.OPENED,
        "row security of ",
        """
        SELECT 'pg_class'::regclass, c.oid, 0, c.oid,
               concat_ws(' ', CASE WHEN c.relrowsecurity THEN 'enabled' END,
                 CASE WHEN c.relforcerowsecurity THEN 'forced' END), ''
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
        """),
    TRIGGER_MODES(
        Depth.OPENED,
        "mode of ",
        """
        SELECT 'pg_trigger'::regclass, t.oid, 0, c.oid, t.tgenabled::text, ''
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal
        """),
    RULE_MODES(
        Depth.OPENED,
        "mode of ",
        """
        SELECT 'pg_rewrite'::regclass, r.oid, 0, c.oid, r.ev_enabled::text, ''
        FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE r.rulename <> '_RETURN'
        """);

    private final Depth depth;
    private final String aspect;
    private final String select;

    Section(Depth depth, String aspect, String select) {
      this.depth = depth;
      this.aspect = aspect;
      this.select = select;
    }

    String sql() {
      return """
      SELECT '%s' || i.type || ' ' || i.identity, rn.nspname, r.relname, r.relkind,
             q.definition, q.expression
      FROM (%s AND %s) AS q (class, object, part, relation, definition, expression)
      CROSS JOIN LATERAL pg_identify_object(q.class::oid, q.object, q.part) i
      LEFT JOIN pg_class r ON r.oid = q.relation
      LEFT JOIN pg_namespace rn ON rn.oid = r.relnamespace
      WHERE NOT EXISTS (
        SELECT FROM pg_depend e
        WHERE e.classid = q.class AND e.objid = q.object AND e.deptype = 'e')
      """
          .formatted(aspect, select, CatalogReader.USER_SCHEMAS);
    }
  }
}
