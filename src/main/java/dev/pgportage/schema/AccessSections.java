package dev.pgportage.schema;

import dev.pgportage.schema.CatalogDiff.Depth;
import java.util.List;

/** The parts of the catalog about owners, privileges and security labels. */
final class AccessSections {

  private static final CatalogSection SECURITY_LABELS =
      CatalogSection.unbound(
          Depth.WHOLE,
          "security label on ",
          """
          SELECT s.classoid, s.objoid, s.objsubid,
                 CASE WHEN s.classoid = 'pg_class'::regclass THEN s.objoid ELSE 0::oid END,
                 string_agg(s.provider || ': ' || s.label, ', ' ORDER BY s.provider), ''
          FROM pg_seclabel s WHERE s.objoid >= 16384 AND s.classoid <> 'pg_largeobject'::regclass
          GROUP BY s.classoid, s.objoid, s.objsubid
          """);

  private static final CatalogSection OWNERS =
      CatalogSection.of(
          Depth.WHOLE,
          "owner of ",
          """
          SELECT o.class, o.object, 0, o.relation, pg_get_userbyid(o.owner), ''
          FROM (
            SELECT 'pg_namespace'::regclass, oid, 0::oid, oid, nspowner FROM pg_namespace
            UNION ALL SELECT 'pg_class'::regclass, oid, oid, relnamespace, relowner FROM pg_class
              WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND relpersistence <> 't'
            UNION ALL SELECT 'pg_type'::regclass, t.oid, 0::oid, t.typnamespace, t.typowner FROM pg_type t
              WHERE (t.typtype IN ('b', 'd', 'e', 'r')
                     OR (SELECT c.relkind FROM pg_class c WHERE c.oid = t.typrelid) = 'c')
                AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
            UNION ALL SELECT 'pg_proc'::regclass, oid, 0::oid, pronamespace, proowner FROM pg_proc
            UNION ALL SELECT 'pg_operator'::regclass, oid, 0::oid, oprnamespace, oprowner FROM pg_operator
            UNION ALL SELECT 'pg_opclass'::regclass, oid, 0::oid, opcnamespace, opcowner FROM pg_opclass
            UNION ALL SELECT 'pg_opfamily'::regclass, oid, 0::oid, opfnamespace, opfowner FROM pg_opfamily
            UNION ALL SELECT 'pg_collation'::regclass, oid, 0::oid, collnamespace, collowner FROM pg_collation
            UNION ALL SELECT 'pg_conversion'::regclass, oid, 0::oid, connamespace, conowner FROM pg_conversion
            UNION ALL SELECT 'pg_ts_dict'::regclass, oid, 0::oid, dictnamespace, dictowner FROM pg_ts_dict
            UNION ALL SELECT 'pg_ts_config'::regclass, oid, 0::oid, cfgnamespace, cfgowner FROM pg_ts_config
            UNION ALL SELECT 'pg_statistic_ext'::regclass, oid, stxrelid, stxnamespace, stxowner
              FROM pg_statistic_ext
          ) AS o (class, object, relation, schema, owner) JOIN pg_namespace n ON n.oid = o.schema WHERE true
          """);

  private static final CatalogSection OTHER_OWNERS =
      CatalogSection.unbound(
          Depth.WHOLE,
          "owner of ",
          """
          SELECT o.class, o.object, 0, 0::oid, pg_get_userbyid(o.owner), ''
          FROM (
            SELECT 'pg_foreign_data_wrapper'::regclass, oid, fdwowner FROM pg_foreign_data_wrapper
            UNION ALL SELECT 'pg_foreign_server'::regclass, oid, srvowner FROM pg_foreign_server
            UNION ALL SELECT 'pg_publication'::regclass, oid, pubowner FROM pg_publication
              WHERE pubname NOT LIKE 'pgportage\\_%'
            UNION ALL SELECT 'pg_event_trigger'::regclass, oid, evtowner FROM pg_event_trigger
            UNION ALL SELECT 'pg_language'::regclass, oid, lanowner FROM pg_language
          ) AS o (class, object, owner) WHERE o.object >= 16384
          """);

  private static final CatalogSection PRIVILEGES =
      CatalogSection.of(
          Depth.WHOLE,
          "privileges on ",
          """
          SELECT o.class, o.object, o.part, o.relation,
                 (SELECT string_agg(concat_ws(' ', coalesce(r.rolname, 'PUBLIC'), x.privilege_type,
                           CASE WHEN x.is_grantable THEN 'grantable' END), ', '
                           ORDER BY r.rolname COLLATE "C", x.privilege_type)
                  FROM aclexplode(o.acl) x LEFT JOIN pg_roles r ON r.oid = x.grantee
                  WHERE x.grantee <> o.owner), ''
          FROM (
            SELECT 'pg_namespace'::regclass, oid, 0, 0::oid, oid, nspowner,
                   coalesce(nspacl, acldefault('n', nspowner)) FROM pg_namespace
            UNION ALL SELECT 'pg_class'::regclass, oid, 0, oid, relnamespace, relowner,
                   coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))
              FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND relpersistence <> 't'
            UNION ALL SELECT 'pg_class'::regclass, c.oid, a.attnum, c.oid, c.relnamespace, c.relowner, a.attacl
              FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
              WHERE a.attacl IS NOT NULL AND a.attnum > 0 AND NOT a.attisdropped AND c.relpersistence <> 't'
            UNION ALL SELECT 'pg_type'::regclass, oid, 0, 0::oid, typnamespace, typowner, typacl FROM pg_type
              WHERE typacl IS NOT NULL
            UNION ALL SELECT 'pg_proc'::regclass, oid, 0, 0::oid, pronamespace, proowner,
                   coalesce(proacl, acldefault('f', proowner)) FROM pg_proc
          ) AS o (class, object, part, relation, schema, owner, acl)
          JOIN pg_namespace n ON n.oid = o.schema WHERE true
          """);

  private static final CatalogSection OTHER_PRIVILEGES =
      CatalogSection.unbound(
          Depth.WHOLE,
          "privileges on ",
          """
          SELECT o.class, o.object, 0, 0::oid,
                 (SELECT string_agg(concat_ws(' ', coalesce(r.rolname, 'PUBLIC'), x.privilege_type,
                           CASE WHEN x.is_grantable THEN 'grantable' END), ', '
                           ORDER BY r.rolname COLLATE "C", x.privilege_type)
                  FROM aclexplode(o.acl) x LEFT JOIN pg_roles r ON r.oid = x.grantee
                  WHERE x.grantee <> o.owner), ''
          FROM (
            SELECT 'pg_language'::regclass, oid, lanowner, coalesce(lanacl, acldefault('l', lanowner))
              FROM pg_language WHERE lanpltrusted
            UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, oid, fdwowner, fdwacl
              FROM pg_foreign_data_wrapper WHERE fdwacl IS NOT NULL
            UNION ALL SELECT 'pg_foreign_server'::regclass, oid, srvowner, srvacl
              FROM pg_foreign_server WHERE srvacl IS NOT NULL
          ) AS o (class, object, owner, acl) WHERE o.object >= 16384
          """);

  private static final CatalogSection DEFAULT_PRIVILEGES =
      CatalogSection.unbound(
          Depth.WHOLE,
          "",
          """
          SELECT 'pg_default_acl'::regclass, d.oid, 0, 0::oid,
                 (SELECT string_agg(concat_ws(' ', coalesce(r.rolname, 'PUBLIC'), x.privilege_type,
                           CASE WHEN x.is_grantable THEN 'grantable' END), ', '
                           ORDER BY r.rolname COLLATE "C", x.privilege_type)
                  FROM aclexplode(d.defaclacl) x LEFT JOIN pg_roles r ON r.oid = x.grantee), ''
          FROM pg_default_acl d
          """);

  /** All of them. */
  static final List<CatalogSection> ALL =
      List.of(
          SECURITY_LABELS, OWNERS, OTHER_OWNERS, PRIVILEGES, OTHER_PRIVILEGES, DEFAULT_PRIVILEGES);

  private AccessSections() {}
}
