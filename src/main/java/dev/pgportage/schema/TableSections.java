package dev.pgportage.schema;

import dev.pgportage.schema.CatalogDiff.Depth;
import java.util.List;

/** The parts of the catalog about relations: tables, columns, constraints, indexes, views. */
final class TableSections {

  private static final CatalogSection SCHEMAS =
      CatalogSection.of(
          Depth.READY,
          "",
          """
          SELECT 'pg_namespace'::regclass, n.oid, 0, 0::oid, '', '' FROM pg_namespace n WHERE true
          """);

  private static final CatalogSection TABLES =
      CatalogSection.of(
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
          """);

  private static final CatalogSection COLUMNS =
      CatalogSection.of(
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
          """);

  private static final CatalogSection CONSTRAINTS =
      CatalogSection.of(
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
          """);

  private static final CatalogSection SEQUENCES =
      CatalogSection.of(
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
          """);

  private static final CatalogSection INDEXES =
      CatalogSection.of(
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
          """);

  private static final CatalogSection STATISTICS =
      CatalogSection.of(
          Depth.READY,
          "",
          """
          SELECT 'pg_statistic_ext'::regclass, s.oid, 0, s.stxrelid,
                 array_to_string(s.stxkind, ','), pg_get_statisticsobjdef(s.oid)
          FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE true
          """);

  private static final CatalogSection VIEWS =
      CatalogSection.of(
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
          """);

  private static final CatalogSection FOREIGN_KEYS =
      CatalogSection.of(
          Depth.OPENED,
          "",
          """
          SELECT 'pg_constraint'::regclass, k.oid, 0, k.conrelid, pg_get_constraintdef(k.oid), ''
          FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
          JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE k.contype = 'f' AND k.conparentid = 0
          """);

  private static final CatalogSection TABLE_STORAGE =
      CatalogSection.of(
          Depth.WHOLE,
          "storage of ",
          """
          SELECT 'pg_class'::regclass, c.oid, 0, c.oid,
                 concat_ws(' ', 'of ' || nullif(c.reloftype, 0)::regtype::text,
                   'replica identity ' || nullif(c.relreplident::text, 'd'),
                   (SELECT 'with ' || string_agg(o, ', ' ORDER BY o) FROM unnest(c.reloptions) o),
                   (SELECT 'toast with ' || string_agg(o, ', ' ORDER BY o)
                    FROM pg_class t, unnest(t.reloptions) o WHERE t.oid = c.reltoastrelid)), ''
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't'
          """);

  private static final CatalogSection ACCESS_METHOD =
      CatalogSection.of(
          Depth.WHOLE,
          "access method of ",
          """
          SELECT 'pg_class'::regclass, c.oid, 0, c.oid, m.amname, ''
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          JOIN pg_am m ON m.oid = c.relam
          WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
          """);

  private static final CatalogSection COLUMN_ORDER =
      CatalogSection.of(
          Depth.WHOLE,
          "order of columns of ",
          """
          SELECT 'pg_class'::regclass, c.oid, 0, c.oid,
                 (SELECT string_agg('"' || a.attname || '"', ', ' ORDER BY a.attnum) FROM pg_attribute a
                  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), ''
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'
          """);

  private static final CatalogSection COLUMN_STORAGE =
      CatalogSection.of(
          Depth.WHOLE,
          "storage of ",
          """
          SELECT 'pg_class'::regclass, c.oid, a.attnum, c.oid,
                 concat_ws(' ', 'storage ' || CASE WHEN a.attstorage <> y.typstorage THEN a.attstorage::text END,
                   'compression ' || nullif(to_jsonb(a) ->> 'attcompression', ''),
                   'statistics ' || nullif(to_jsonb(a) ->> 'attstattarget', '-1'),
                   (SELECT 'with ' || string_agg(o, ', ' ORDER BY o) FROM unnest(a.attoptions) o),
                   (SELECT 'options ' || string_agg(o, ', ' ORDER BY o) FROM unnest(a.attfdwoptions) o),
                   CASE WHEN NOT a.attislocal THEN 'not local' END, 'of parents: ' || nullif(a.attinhcount, 0)),
                 ''
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          JOIN pg_type y ON y.oid = a.atttypid
          WHERE c.relkind IN ('r', 'p', 'm', 'f') AND c.relpersistence <> 't'
          """);

  private static final CatalogSection OTHER_COLUMNS =
      CatalogSection.of(
          Depth.WHOLE,
          "",
          """
          SELECT 'pg_class'::regclass, c.oid, a.attnum, c.oid,
                 concat_ws(' ', format_type(a.atttypid, a.atttypmod),
                   CASE WHEN a.attnotnull THEN 'not null' END,
                   CASE WHEN a.attgenerated <> '' THEN 'generated' WHEN d.oid IS NOT NULL THEN 'with default' END,
                   CASE WHEN a.attcollation <> y.typcollation
                        THEN 'collate ' || a.attcollation::regcollation::text END),
                 coalesce(pg_get_expr(d.adbin, d.adrelid), '')
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          JOIN pg_type y ON y.oid = a.atttypid
          LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
          WHERE c.relkind IN ('v', 'm', 'f') AND c.relpersistence <> 't'
          """);

  private static final CatalogSection CONSTRAINT_HERITAGE =
      CatalogSection.of(
          Depth.WHOLE,
          "heritage of ",
          """
          SELECT 'pg_constraint'::regclass, k.oid, 0, k.conrelid,
                 concat_ws(' ', CASE WHEN k.conislocal THEN 'local' END, k.coninhcount,
                   CASE WHEN k.condeferrable THEN 'deferrable' END, CASE WHEN k.condeferred THEN 'deferred' END), ''
          FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
          JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE k.contype IN ('c', 'p', 'u', 'x', 'f') AND k.conparentid = 0 AND c.relpersistence <> 't'
          """);

  private static final CatalogSection NOT_NULL_CONSTRAINTS =
      CatalogSection.of(
              Depth.WHOLE,
              "",
              """
          SELECT 'pg_constraint'::regclass, k.oid, 0, k.conrelid,
                 concat_ws(' ', pg_get_constraintdef(k.oid), CASE WHEN k.conislocal THEN 'local' END), ''
          FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
          JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE k.contype = 'n' AND c.relpersistence <> 't'
          """)
          .since(18);

  private static final CatalogSection FOREIGN_KEYS_OF_PARTITIONS =
      CatalogSection.of(
          Depth.WHOLE,
          "",
          """
          SELECT 'pg_constraint'::regclass, k.oid, 0, k.conrelid,
                 pg_get_constraintdef(k.oid) || ' as of its table', ''
          FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
          JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE k.contype = 'f' AND k.conparentid <> 0 AND k.conname NOT LIKE '%\\_fkey%'
          """);

  private static final CatalogSection INDEX_STORAGE =
      CatalogSection.of(
          Depth.WHOLE,
          "storage of ",
          """
          SELECT 'pg_class'::regclass, i.oid, 0, c.oid,
                 concat_ws(' ', CASE WHEN x.indisclustered THEN 'clustered' END,
                   'part of ' || (SELECT h.inhparent::regclass::text FROM pg_inherits h
                                  WHERE h.inhrelid = i.oid),
                   (SELECT 'statistics ' || string_agg(a.attnum || '=' || (to_jsonb(a) ->> 'attstattarget'), ','
                                                       ORDER BY a.attnum)
                    FROM pg_attribute a
                    WHERE a.attrelid = i.oid AND nullif(to_jsonb(a) ->> 'attstattarget', '-1') IS NOT NULL)), ''
          FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
          JOIN pg_class c ON c.oid = x.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't'
          """);

  private static final CatalogSection STATISTICS_TARGETS =
      CatalogSection.of(
          Depth.WHOLE,
          "target of ",
          """
          SELECT 'pg_statistic_ext'::regclass, s.oid, 0, s.stxrelid,
                 coalesce(nullif(to_jsonb(s) ->> 'stxstattarget', '-1'), 'default'), ''
          FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE true
          """);

  private static final CatalogSection SEQUENCE_PERSISTENCE =
      CatalogSection.of(
          Depth.WHOLE,
          "persistence of ",
          """
          SELECT 'pg_class'::regclass, c.oid, 0, coalesce(o.refobjid, 0), c.relpersistence::text, ''
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          LEFT JOIN pg_depend o ON o.classid = 'pg_class'::regclass AND o.objid = c.oid
               AND o.refclassid = 'pg_class'::regclass AND o.refobjsubid > 0 AND o.deptype IN ('a', 'i')
          WHERE c.relkind = 'S' AND c.relpersistence <> 't'
          """);

  private static final CatalogSection FOREIGN_TABLES =
      CatalogSection.of(
          Depth.WHOLE,
          "",
          """
          SELECT 'pg_class'::regclass, c.oid, 0, c.oid,
                 concat_ws(' ', 'server ' || s.srvname, 'options ' || md5(f.ftoptions::text),
                   (SELECT 'inherits ' || string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno)
                    FROM pg_inherits i WHERE i.inhrelid = c.oid)),
                 coalesce(pg_get_expr(c.relpartbound, c.oid), '')
          FROM pg_foreign_table f JOIN pg_class c ON c.oid = f.ftrelid
          JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_foreign_server s ON s.oid = f.ftserver
          WHERE true
          """);

  /** All of them. */
  static final List<CatalogSection> ALL =
      List.of(
          SCHEMAS,
          TABLES,
          COLUMNS,
          CONSTRAINTS,
          SEQUENCES,
          INDEXES,
          STATISTICS,
          VIEWS,
          FOREIGN_KEYS,
          TABLE_STORAGE,
          ACCESS_METHOD,
          COLUMN_ORDER,
          COLUMN_STORAGE,
          OTHER_COLUMNS,
          CONSTRAINT_HERITAGE,
          NOT_NULL_CONSTRAINTS,
          FOREIGN_KEYS_OF_PARTITIONS,
          INDEX_STORAGE,
          STATISTICS_TARGETS,
          SEQUENCE_PERSISTENCE,
          FOREIGN_TABLES);

  private TableSections() {}
}
