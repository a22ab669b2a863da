package dev.pgportage.schema;

import dev.pgportage.schema.CatalogDiff.Depth;
import java.util.List;

/** The parts of the catalog about types, functions, operators and languages. */
final class ProgramSections {

  private static final CatalogSection TYPES =
      CatalogSection.of(
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
          """);

  private static final CatalogSection BASE_TYPES =
      CatalogSection.of(
          Depth.WHOLE,
          "",
          """
          SELECT 'pg_type'::regclass, t.oid, 0, 0::oid,
                 concat_ws(' ', t.typlen, CASE WHEN t.typbyval THEN 'by value' END, t.typalign, t.typstorage,
                   t.typcategory, CASE WHEN t.typispreferred THEN 'preferred' END,
                   CASE WHEN NOT t.typisdefined THEN 'shell' END, quote_literal(t.typdelim::text),
                   t.typinput::regproc, t.typoutput::regproc, t.typreceive::regproc, t.typsend::regproc,
                   t.typmodin::regproc, t.typmodout::regproc, t.typanalyze::regproc,
                   to_jsonb(t) ->> 'typsubscript', 'collate ' || nullif(t.typcollation, 0)::regcollation,
                   'of ' || nullif(t.typelem, 0)::regtype), coalesce(t.typdefault, '')
          FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
          WHERE t.typtype IN ('b', 'p') AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
          """);

  private static final CatalogSection TYPE_DETAILS =
      CatalogSection.of(
          Depth.WHOLE,
          "details of ",
          """
          SELECT 'pg_type'::regclass, t.oid, 0, 0::oid,
                 concat_ws(' ', CASE WHEN t.typcollation <> coalesce(b.typcollation, t.typcollation)
                                     THEN 'collate ' || t.typcollation::regcollation END,
                   (SELECT concat_ws(' ', 'opclass ' || (o.type || ' ' || o.identity),
                             'collate ' || nullif(r.rngcollation, 0)::regcollation,
                             r.rngcanonical::regproc, r.rngsubdiff::regproc,
                             'multirange ' || (to_jsonb(r) ->> 'rngmultitypid')::oid::regtype)
                    FROM pg_range r, pg_identify_object('pg_opclass'::regclass, r.rngsubopc, 0) o
                    WHERE r.rngtypid = t.oid),
                   (SELECT string_agg(format('%I collate %s', a.attname, a.attcollation::regcollation), ', '
                                      ORDER BY a.attnum)
                    FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
                    WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
                      AND a.attcollation <> y.typcollation)), ''
          FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
          LEFT JOIN pg_type b ON b.oid = t.typbasetype
          WHERE t.typtype IN ('d', 'r')
             OR (t.typtype = 'c' AND (SELECT c.relkind FROM pg_class c WHERE c.oid = t.typrelid) = 'c')
          """);

  private static final CatalogSection DOMAIN_CONSTRAINTS =
      CatalogSection.of(
          Depth.WHOLE,
          "",
          """
          SELECT 'pg_constraint'::regclass, k.oid, 0, 0::oid,
                 CASE WHEN k.convalidated THEN 'check' ELSE 'check not valid' END, pg_get_constraintdef(k.oid)
          FROM pg_constraint k JOIN pg_type t ON t.oid = k.contypid
          JOIN pg_namespace n ON n.oid = t.typnamespace WHERE k.contype = 'c'
          """);

  private static final CatalogSection FUNCTIONS =
      CatalogSection.of(
          Depth.READY,
          "",
          """
          SELECT 'pg_proc'::regclass, p.oid, 0, 0::oid,
                 concat_ws(' ', p.prokind, pg_get_function_result(p.oid), l.lanname, p.provolatile,
                   p.proparallel, CASE WHEN p.prosecdef THEN 'security definer' END,
                   CASE WHEN p.proisstrict THEN 'strict' END,
                   array_to_string(p.proconfig, ','), md5(p.prosrc)),
                 CASE WHEN p.prokind <> 'a' THEN replace(
                      replace(pg_get_functiondef(p.oid), E'\\n LEAKPROOF\\n', E'\\n'), ' LEAKPROOF', '')
                      ELSE '' END
          FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
          JOIN pg_language l ON l.oid = p.prolang WHERE true
          """);

  private static final CatalogSection FUNCTION_DETAILS =
      CatalogSection.of(
          Depth.WHOLE,
          "details of ",
          """
          SELECT 'pg_proc'::regclass, p.oid, 0, 0::oid,
                 concat_ws(' ', 'cost', p.procost, 'rows', p.prorows, CASE WHEN p.proleakproof THEN 'leakproof' END,
                   'support ' || (SELECT nullif(to_jsonb(p) ->> 'prosupport', '-')), p.probin,
                   'names ' || array_to_string(p.proargnames, ','), 'modes ' || array_to_string(p.proargmodes, ','),
                   'defaults ' || nullif(p.pronargdefaults, 0)), ''
          FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE true
          """);

  private static final CatalogSection AGGREGATES =
      CatalogSection.of(
          Depth.WHOLE,
          "details of ",
          """
          SELECT 'pg_proc'::regclass, p.oid, 0, 0::oid,
                 concat_ws(' ', g.aggkind, g.aggnumdirectargs, g.aggtransfn::regprocedure,
                   g.aggfinalfn::regprocedure, g.aggcombinefn::regprocedure, g.aggserialfn::regprocedure,
                   g.aggdeserialfn::regprocedure, g.aggmtransfn::regprocedure, g.aggminvtransfn::regprocedure,
                   g.aggmfinalfn::regprocedure, g.aggfinalextra, g.aggmfinalextra, g.aggfinalmodify,
                   g.aggmfinalmodify, g.aggsortop::regoperator, g.aggtranstype::regtype, g.aggtransspace,
                   g.aggmtranstype::regtype, g.aggmtransspace, quote_nullable(g.agginitval),
                   quote_nullable(g.aggminitval), p.proparallel), ''
          FROM pg_aggregate g JOIN pg_proc p ON p.oid = g.aggfnoid
          JOIN pg_namespace n ON n.oid = p.pronamespace WHERE true
          """);

  private static final CatalogSection OPERATORS =
      CatalogSection.of(
          Depth.WHOLE,
          "details of ",
          """
          SELECT 'pg_operator'::regclass, o.oid, 0, 0::oid,
                 concat_ws(' ', o.oprkind, o.oprresult::regtype, o.oprcode::regprocedure, o.oprrest::regproc,
                   o.oprjoin::regproc, CASE WHEN o.oprcanhash THEN 'hashes' END,
                   CASE WHEN o.oprcanmerge THEN 'merges' END, 'commutes with ' || nullif(o.oprcom, 0)::regoperator,
                   'negates ' || nullif(o.oprnegate, 0)::regoperator), ''
          FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace WHERE o.oprcode <> 0
          """);

  private static final CatalogSection OPERATOR_CLASSES =
      CatalogSection.of(
          Depth.WHOLE,
          "details of ",
          """
          SELECT 'pg_opclass'::regclass, o.oid, 0, 0::oid,
                 concat_ws(' ', CASE WHEN o.opcdefault THEN 'default' END, 'for ' || o.opcintype::regtype,
                   'storage ' || nullif(o.opckeytype, 0)::regtype, 'family ' || f.opfname), ''
          FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace
          JOIN pg_opfamily f ON f.oid = o.opcfamily WHERE true
          """);

  private static final CatalogSection OPERATOR_FAMILIES =
      CatalogSection.of(
          Depth.WHOLE,
          "members of ",
          """
          SELECT 'pg_opfamily'::regclass, f.oid, 0, 0::oid,
                 concat_ws(' ',
                   (SELECT string_agg(concat_ws(' ', a.amopstrategy, a.amopopr::regoperator, a.amoppurpose,
                              (SELECT s.opfname FROM pg_opfamily s WHERE s.oid = a.amopsortfamily)), ', '
                            ORDER BY a.amopstrategy, a.amopopr::regoperator::text COLLATE "C")
                    FROM pg_amop a WHERE a.amopfamily = f.oid),
                   (SELECT string_agg(concat_ws(' ', a.amprocnum, a.amproclefttype::regtype,
                              a.amprocrighttype::regtype, a.amproc::regprocedure), ', '
                            ORDER BY a.amprocnum, a.amproclefttype::regtype::text COLLATE "C",
                              a.amprocrighttype::regtype::text COLLATE "C")
                    FROM pg_amproc a WHERE a.amprocfamily = f.oid)), ''
          FROM pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace WHERE true
          """);

  private static final CatalogSection CASTS =
      CatalogSection.unbound(
          Depth.WHOLE,
          "",
          """
          SELECT 'pg_cast'::regclass, c.oid, 0, 0::oid,
                 concat_ws(' ', c.castcontext, c.castmethod, nullif(c.castfunc, 0)::regprocedure), ''
          FROM pg_cast c WHERE c.oid >= 16384
          """);

  private static final CatalogSection TRANSFORMS =
      CatalogSection.unbound(
          Depth.WHOLE,
          "",
          """
          SELECT 'pg_transform'::regclass, t.oid, 0, 0::oid,
                 concat_ws(' ', t.trffromsql::regprocedure, t.trftosql::regprocedure), ''
          FROM pg_transform t WHERE t.oid >= 16384
          """);

  private static final CatalogSection LANGUAGES =
      CatalogSection.unbound(
          Depth.WHOLE,
          "",
          """
          SELECT 'pg_language'::regclass, l.oid, 0, 0::oid,
                 concat_ws(' ', CASE WHEN l.lanpltrusted THEN 'trusted' END, l.lanplcallfoid::regprocedure,
                   l.laninline::regprocedure, l.lanvalidator::regprocedure), ''
          FROM pg_language l WHERE l.oid >= 16384
          """);

  private static final CatalogSection ACCESS_METHODS =
      CatalogSection.unbound(
          Depth.WHOLE,
          "",
          """
          SELECT 'pg_am'::regclass, a.oid, 0, 0::oid, concat_ws(' ', a.amtype, a.amhandler::regproc), ''
          FROM pg_am a WHERE a.oid >= 16384
          """);

  private static final CatalogSection OTHERS =
      CatalogSection.of(
          Depth.READY,
          "",
          """
          SELECT o.class, o.object, 0, 0::oid, '', ''
          FROM (
            SELECT 'pg_collation'::regclass, oid, collnamespace FROM pg_collation
            UNION ALL SELECT 'pg_operator'::regclass, oid, oprnamespace FROM pg_operator
              WHERE oprcode <> 0
            UNION ALL SELECT 'pg_opclass'::regclass, oid, opcnamespace FROM pg_opclass
            UNION ALL SELECT 'pg_opfamily'::regclass, oid, opfnamespace FROM pg_opfamily
            UNION ALL SELECT 'pg_ts_config'::regclass, oid, cfgnamespace FROM pg_ts_config
            UNION ALL SELECT 'pg_ts_dict'::regclass, oid, dictnamespace FROM pg_ts_dict
            UNION ALL SELECT 'pg_conversion'::regclass, oid, connamespace FROM pg_conversion
          ) AS o (class, object, schema) JOIN pg_namespace n ON n.oid = o.schema WHERE true
          """);

  /** All of them. */
  static final List<CatalogSection> ALL =
      List.of(
          TYPES,
          BASE_TYPES,
          TYPE_DETAILS,
          DOMAIN_CONSTRAINTS,
          FUNCTIONS,
          FUNCTION_DETAILS,
          AGGREGATES,
          OPERATORS,
          OPERATOR_CLASSES,
          OPERATOR_FAMILIES,
          CASTS,
          TRANSFORMS,
          LANGUAGES,
          ACCESS_METHODS,
          OTHERS);

  private ProgramSections() {}
}
