package dev.pgportage.schema;

import dev.pgportage.schema.CatalogDiff.Depth;
import java.util.List;

/** The parts of the catalog about triggers, rules and row security, and about text. */
final class BehaviourSections {

  private static final CatalogSection TRIGGERS =
      CatalogSection.of(
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
          """);

  private static final CatalogSection RULES =
      CatalogSection.of(
          Depth.READY,
          "",
          """
          SELECT 'pg_rewrite'::regclass, r.oid, 0, c.oid,
                 concat_ws(' ', r.ev_type, CASE WHEN r.is_instead THEN 'instead' END),
                 pg_get_ruledef(r.oid)
          FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
          JOIN pg_namespace n ON n.oid = c.relnamespace WHERE r.rulename <> '_RETURN'
          """);

  private static final CatalogSection POLICIES =
      CatalogSection.of(
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
          """);

  private static final CatalogSection ROW_SECURITY =
      CatalogSection.of(
          Depth.OPENED,
          "row security of ",
          """
          SELECT 'pg_class'::regclass, c.oid, 0, c.oid,
                 concat_ws(' ', CASE WHEN c.relrowsecurity THEN 'enabled' END,
                   CASE WHEN c.relforcerowsecurity THEN 'forced' END), ''
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
          """);

  private static final CatalogSection TRIGGER_MODES =
      CatalogSection.of(
          Depth.OPENED,
          "mode of ",
          """
          SELECT 'pg_trigger'::regclass, t.oid, 0, c.oid, t.tgenabled::text, ''
          FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
          JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal
          """);

  private static final CatalogSection RULE_MODES =
      CatalogSection.of(
          Depth.OPENED,
          "mode of ",
          """
          SELECT 'pg_rewrite'::regclass, r.oid, 0, c.oid, r.ev_enabled::text, ''
          FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
          JOIN pg_namespace n ON n.oid = c.relnamespace WHERE r.rulename <> '_RETURN'
          """);

  private static final CatalogSection COLLATIONS =
      CatalogSection.of(
          Depth.WHOLE,
          "details of ",
          """
          SELECT 'pg_collation'::regclass, c.oid, 0, 0::oid,
                 concat_ws(' ', c.collprovider, CASE WHEN c.collisdeterministic THEN 'deterministic' END,
                   CASE WHEN c.collprovider = 'c' THEN c.collcollate END,
                   CASE WHEN c.collprovider = 'c' THEN c.collctype END),
                 concat_ws(' ', coalesce(to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'colliculocale'),
                   to_jsonb(c) ->> 'collicurules')
          FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace WHERE true
          """);

  private static final CatalogSection CONVERSIONS =
      CatalogSection.of(
          Depth.WHOLE,
          "details of ",
          """
          SELECT 'pg_conversion'::regclass, c.oid, 0, 0::oid,
                 concat_ws(' ', pg_encoding_to_char(c.conforencoding), 'to', pg_encoding_to_char(c.contoencoding),
                   c.conproc::regproc, CASE WHEN c.condefault THEN 'default' END), ''
          FROM pg_conversion c JOIN pg_namespace n ON n.oid = c.connamespace WHERE true
          """);

  private static final CatalogSection TEXT_SEARCH_CONFIGURATIONS =
      CatalogSection.of(
          Depth.WHOLE,
          "details of ",
          """
          SELECT 'pg_ts_config'::regclass, c.oid, 0, 0::oid,
                 concat_ws(' ', p.prsname, (SELECT string_agg(
                     concat_ws(' ', m.maptokentype, m.mapseqno, m.mapdict::regdictionary), ', '
                     ORDER BY m.maptokentype, m.mapseqno) FROM pg_ts_config_map m WHERE m.mapcfg = c.oid)), ''
          FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace
          JOIN pg_ts_parser p ON p.oid = c.cfgparser WHERE true
          """);

  private static final CatalogSection TEXT_SEARCH_DICTIONARIES =
      CatalogSection.of(
          Depth.WHOLE,
          "details of ",
          """
          SELECT 'pg_ts_dict'::regclass, d.oid, 0, 0::oid, concat_ws(' ', t.tmplname, d.dictinitoption), ''
          FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace
          JOIN pg_ts_template t ON t.oid = d.dicttemplate WHERE true
          """);

  private static final CatalogSection TEXT_SEARCH_PARSERS =
      CatalogSection.of(
          Depth.WHOLE,
          "",
          """
          SELECT 'pg_ts_parser'::regclass, p.oid, 0, 0::oid,
                 concat_ws(' ', p.prsstart, p.prstoken, p.prsend, p.prsheadline, p.prslextype), ''
          FROM pg_ts_parser p JOIN pg_namespace n ON n.oid = p.prsnamespace WHERE true
          """);

  private static final CatalogSection TEXT_SEARCH_TEMPLATES =
      CatalogSection.of(
          Depth.WHOLE,
          "",
          """
          SELECT 'pg_ts_template'::regclass, t.oid, 0, 0::oid, concat_ws(' ', t.tmplinit, t.tmpllexize), ''
          FROM pg_ts_template t JOIN pg_namespace n ON n.oid = t.tmplnamespace WHERE true
          """);

  /** All of them. */
  static final List<CatalogSection> ALL =
      List.of(
          TRIGGERS,
          RULES,
          POLICIES,
          ROW_SECURITY,
          TRIGGER_MODES,
          RULE_MODES,
          COLLATIONS,
          CONVERSIONS,
          TEXT_SEARCH_CONFIGURATIONS,
          TEXT_SEARCH_DICTIONARIES,
          TEXT_SEARCH_PARSERS,
          TEXT_SEARCH_TEMPLATES);

  private BehaviourSections() {}
}
