package dev.pgportage.ddl;

/** The queries by which {@link ShapeReader} reads the catalog of PostgreSQL 12 to 18. */
final class ShapeQueries {
  private static final String USER_SCHEMAS =
      """
      n.nspname NOT LIKE 'pg\\_%'
      AND n.nspname NOT IN ('information_schema', 'pgportage', 'pscale_extensions')""";

  static final String TABLES =
      """
      SELECT c.oid::int8, n.nspname, c.relname, c.relkind = 'p',
             coalesce(pg_relation_filenode(c.oid), 0)::int8, pn.nspname, p.relname,
             pg_get_expr(c.relpartbound, c.oid), c.relpersistence = 'u',
             coalesce(c.reloptions, '{}'), concat_ws(' ', c.relkind, pg_get_partkeydef(c.oid)),
             concat_ws(' ', CASE WHEN c.relrowsecurity THEN 'row security' END,
               CASE WHEN c.relforcerowsecurity THEN 'forced' END),
             CASE c.relreplident WHEN 'd' THEN 'DEFAULT' WHEN 'f' THEN 'FULL'
               WHEN 'n' THEN 'NOTHING' ELSE coalesce((
                 SELECT format('USING INDEX %I', i.relname) FROM pg_index x
                 JOIN pg_class i ON i.oid = x.indexrelid
                 WHERE x.indrelid = c.oid AND x.indisreplident), 'NOTHING') END,
             c.relnatts
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_inherits h ON h.inhrelid = c.oid AND h.inhseqno = 1
      LEFT JOIN pg_class p ON p.oid = h.inhparent
      LEFT JOIN pg_namespace pn ON pn.oid = p.relnamespace
      WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
      ORDER BY c.relispartition, c.oid
      """;

  static final String COLUMNS =
      """
      SELECT a.attrelid::int8, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod),
             a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated,
             CASE WHEN a.attcollation <> y.typcollation
                  THEN a.attcollation::regcollation::text END,
             a.xmin::text,
             CASE WHEN a.atthasmissing AND y.typdelim = ',' AND y.typelem = 0
                  THEN (a.attmissingval::text::text[])[1] END,
             a.atthasmissing AND (y.typdelim <> ',' OR y.typelem <> 0),
             a.attinhcount > 0 AND NOT a.attislocal
      FROM pg_attribute a
      JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_type y ON y.oid = a.atttypid
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
        AND a.attnum > 0 AND NOT a.attisdropped
      ORDER BY a.attrelid, a.attnum
      """;

  /**
   * Columns: OID, type, identity, own name, the plan's name, table, whether a parent's, definition.
   * Definitions are texts that the server writes: not of its own thousands of objects.
   */
  static final String OBJECTS =
      """
      WITH ours AS (SELECT n.oid, n.nspname FROM pg_namespace n WHERE %s),
      o (class, oid, type, name, item, relation, child, definition, schema) AS (
        SELECT 'pg_constraint'::regclass, k.oid,
               CASE k.contype WHEN 'f' THEN 'FOREIGN KEY' WHEN 'c' THEN 'CHECK'
                    ELSE 'CONSTRAINT' END, k.conname,
               format('%%s.%%s %%s', n.nspname, c.relname, k.conname), k.conrelid,
               k.conparentid <> 0 OR NOT k.conislocal, pg_get_constraintdef(k.oid), n.oid
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
        JOIN ours n ON n.oid = c.relnamespace
        WHERE k.contype IN ('c', 'f', 'p', 'u', 'x') AND c.relkind IN ('r', 'p')
        UNION ALL
        SELECT 'pg_class', i.oid, 'INDEX', i.relname, format('%%s.%%s', n.nspname, i.relname), x.indrelid,
               i.relispartition, pg_get_indexdef(i.oid), n.oid
        FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
        JOIN pg_class c ON c.oid = x.indrelid JOIN ours n ON n.oid = c.relnamespace
        WHERE x.indisvalid AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
          AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.oid
                          AND k.contype IN ('p', 'u', 'x'))
        UNION ALL
        SELECT 'pg_trigger', t.oid, 'TRIGGER', t.tgname, format('%%s.%%s %%s', n.nspname, c.relname, t.tgname),
               t.tgrelid, coalesce((to_jsonb(t) ->> 'tgparentid')::oid, 0) <> 0,
               pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text, n.oid
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        JOIN ours n ON n.oid = c.relnamespace
        WHERE NOT t.tgisinternal AND c.relkind IN ('r', 'p')
        UNION ALL
        SELECT 'pg_rewrite', r.oid, 'RULE', r.rulename, format('%%s.%%s %%s', n.nspname, c.relname, r.rulename),
               r.ev_class, false, pg_get_ruledef(r.oid) || ' ' || r.ev_enabled::text, n.oid
        FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
        JOIN ours n ON n.oid = c.relnamespace
        WHERE r.rulename <> '_RETURN' AND c.relkind IN ('r', 'p')
        UNION ALL
        SELECT 'pg_policy', p.oid, 'POLICY', p.polname, format('%%s.%%s %%s', n.nspname, c.relname, p.polname),
               p.polrelid, false,
               concat_ws(' ', p.polcmd, p.polpermissive, p.polroles::text,
                 pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)), n.oid
        FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
        JOIN ours n ON n.oid = c.relnamespace
        UNION ALL
        SELECT 'pg_class', c.oid,
               CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'MATERIALIZED VIEW' END, c.relname,
               format('%%s.%%s', n.nspname, c.relname), 0, false,
               concat_ws(' ', array_to_string(c.reloptions, ','), pg_get_viewdef(c.oid), (
                 SELECT string_agg(pg_get_indexdef(x.indexrelid), ' ' ORDER BY x.indexrelid)
                 FROM pg_index x WHERE x.indrelid = c.oid)), n.oid
        FROM pg_class c JOIN ours n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('v', 'm') AND c.relpersistence <> 't'
        UNION ALL
        SELECT 'pg_class', c.oid, 'SEQUENCE', c.relname, format('%%s.%%s', n.nspname, c.relname),
               coalesce(d.refobjid, 0), coalesce(d.deptype = 'i', false),
               format('AS %%s INCREMENT BY %%s MINVALUE %%s MAXVALUE %%s START WITH %%s CACHE %%s %%s',
                 format_type(s.seqtypid, NULL), s.seqincrement, s.seqmin, s.seqmax, s.seqstart,
                 s.seqcache, CASE WHEN s.seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END), n.oid
        FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
        JOIN ours n ON n.oid = c.relnamespace
        LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
          AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0
          AND d.deptype IN ('a', 'i')
        WHERE c.relpersistence <> 't'
        UNION ALL
        SELECT 'pg_proc', p.oid,
               CASE p.prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' THEN 'AGGREGATE'
                    ELSE 'FUNCTION' END, p.proname,
               format('%%s.%%s(%%s)', n.nspname, p.proname,
                 pg_get_function_identity_arguments(p.oid)), 0, false,
               CASE WHEN p.prokind IN ('f', 'p') THEN pg_get_functiondef(p.oid)
                    ELSE pg_get_function_result(p.oid) END, n.oid
        FROM pg_proc p JOIN ours n ON n.oid = p.pronamespace
        UNION ALL
        SELECT 'pg_type', t.oid, 'ENUM', t.typname, format('%%s.%%s', n.nspname, t.typname), 0, false, (
                 SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
                 FROM pg_enum e WHERE e.enumtypid = t.oid), n.oid
        FROM pg_type t JOIN ours n ON n.oid = t.typnamespace WHERE t.typtype = 'e'
        UNION ALL
        SELECT 'pg_type', t.oid, CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, t.typname,
               format('%%s.%%s', n.nspname, t.typname), 0, false,
               concat_ws(' ', format_type(nullif(t.typbasetype, 0), t.typtypmod), t.typnotnull,
                 t.typdefault,
                 (SELECT string_agg(pg_get_constraintdef(k.oid), ' ' ORDER BY k.conname)
                  FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'),
                 (SELECT string_agg(format('%%I %%s', a.attname,
                    format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum)
                  FROM pg_attribute a
                  WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)), n.oid
        FROM pg_type t JOIN ours n ON n.oid = t.typnamespace
        LEFT JOIN pg_class c ON c.oid = t.typrelid
        WHERE t.typtype IN ('d', 'r') OR (t.typtype = 'c' AND c.relkind = 'c')
        UNION ALL
        SELECT 'pg_statistic_ext', s.oid, 'STATISTICS', s.stxname, format('%%s.%%s', n.nspname, s.stxname),
               s.stxrelid, false, pg_get_statisticsobjdef(s.oid), n.oid
        FROM pg_statistic_ext s JOIN ours n ON n.oid = s.stxnamespace
        UNION ALL
        SELECT 'pg_namespace', n.oid, 'SCHEMA', n.nspname, n.nspname, 0, false, '', n.oid FROM ours n
        UNION ALL
        SELECT 'pg_extension', e.oid, 'EXTENSION', e.extname, e.extname, 0, false, '',
               (SELECT oid FROM pg_namespace WHERE nspname = 'public')
        FROM pg_extension e
      )
      SELECT o.oid::int8, o.type, i.identity, o.name, o.item, o.relation::int8, o.child,
             coalesce(o.definition, '')
      FROM o JOIN ours n ON n.oid = o.schema
      CROSS JOIN LATERAL pg_identify_object(o.class::oid, o.oid, 0) i
      WHERE i.identity IS NOT NULL AND (o.type = 'EXTENSION' OR NOT EXISTS (
        SELECT FROM pg_depend e
        WHERE e.classid = o.class AND e.objid = o.oid AND e.deptype = 'e'))
      """
          .formatted(USER_SCHEMAS);

  private ShapeQueries() {}
}
