package dev.pgportage.schema;

import dev.pgportage.schema.CatalogDiff.Depth;
import java.util.List;

/** The parts of the catalog about a database as a whole: extensions, comments, other servers. */
final class DatabaseSections {

  private static final CatalogSection EXTENSIONS =
      CatalogSection.unbound(
          Depth.READY,
          "",
          """
          SELECT 'pg_extension'::regclass, e.oid, 0, 0::oid, 'in schema ' || x.nspname, ''
          FROM pg_extension e JOIN pg_namespace x ON x.oid = e.extnamespace
          """);

  private static final CatalogSection EXTENSION_VERSIONS =
      CatalogSection.unbound(
          Depth.WHOLE,
          "version of ",
          """
          SELECT 'pg_extension'::regclass, e.oid, 0, 0::oid, e.extversion, '' FROM pg_extension e
          """);

  private static final CatalogSection COLLATION_VERSIONS =
      CatalogSection.of(
          Depth.WHOLE,
          "version of ",
          """
          SELECT 'pg_collation'::regclass, c.oid, 0, 0::oid, coalesce(c.collversion, 'none'), ''
          FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace WHERE true
          """);

  private static final CatalogSection COMMENTS =
      CatalogSection.of(
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
          """);

  private static final CatalogSection FOREIGN_KEY_COMMENTS =
      CatalogSection.of(
          Depth.OPENED,
          "comment on ",
          """
          SELECT d.classoid, d.objoid, 0, k.conrelid, d.description, ''
          FROM pg_description d
          JOIN pg_constraint k ON d.classoid = 'pg_constraint'::regclass AND k.oid = d.objoid
          JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE k.contype = 'f'
          """);

  private static final CatalogSection OTHER_COMMENTS =
      CatalogSection.unbound(
          Depth.WHOLE,
          "comment on ",
          """
          SELECT d.classoid, d.objoid, d.objsubid,
                 coalesce((SELECT r.ev_class FROM pg_rewrite r
                           WHERE d.classoid = 'pg_rewrite'::regclass AND r.oid = d.objoid),
                          (SELECT p.polrelid FROM pg_policy p
                           WHERE d.classoid = 'pg_policy'::regclass AND p.oid = d.objoid), 0::oid),
                 d.description, ''
          FROM pg_description d
          WHERE d.objoid >= 16384
            AND d.classoid NOT IN ('pg_class'::regclass, 'pg_trigger'::regclass, 'pg_type'::regclass,
              'pg_proc'::regclass, 'pg_namespace'::regclass, 'pg_largeobject'::regclass)
            AND (d.classoid <> 'pg_constraint'::regclass
                 OR EXISTS (SELECT FROM pg_constraint k WHERE k.oid = d.objoid AND k.conrelid = 0))
          """);

  private static final CatalogSection PUBLICATIONS =
      CatalogSection.unbound(
          Depth.WHOLE,
          "",
          """
          SELECT 'pg_publication'::regclass, p.oid, 0, 0::oid,
                 concat_ws(' ', to_jsonb(p) - 'oid' - 'pubname' - 'pubowner' - 'pubgencols',
                   (SELECT string_agg(r.prrelid::regclass::text || coalesce(' '
                             || (to_jsonb(r) ->> 'prattrs'), ''), ', ' ORDER BY r.prrelid::regclass::text COLLATE "C")
                    FROM pg_publication_rel r WHERE r.prpubid = p.oid)), ''
          FROM pg_publication p WHERE p.pubname NOT LIKE 'pgportage\\_%'
          """);

  private static final CatalogSection SUBSCRIPTIONS =
      CatalogSection.unbound(
          Depth.WHOLE,
          "",
          """
          SELECT 'pg_subscription'::regclass, s.oid, 0, 0::oid,
                 concat_ws(' ', s.subenabled, array_to_string(s.subpublications, ',')), ''
          FROM pg_subscription s
          WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
          """);

  private static final CatalogSection EVENT_TRIGGERS =
      CatalogSection.unbound(
          Depth.WHOLE,
          "",
          """
          SELECT 'pg_event_trigger'::regclass, e.oid, 0, 0::oid,
                 concat_ws(' ', e.evtevent, e.evtfoid::regprocedure, e.evtenabled,
                   array_to_string(e.evttags, ',')), ''
          FROM pg_event_trigger e
          """);

  private static final CatalogSection FOREIGN_DATA_WRAPPERS =
      CatalogSection.unbound(
          Depth.WHOLE,
          "",
          """
          SELECT 'pg_foreign_data_wrapper'::regclass, w.oid, 0, 0::oid,
                 concat_ws(' ', nullif(w.fdwhandler, 0)::regprocedure, nullif(w.fdwvalidator, 0)::regprocedure,
                   'options ' || md5(w.fdwoptions::text)), ''
          FROM pg_foreign_data_wrapper w
          """);

  private static final CatalogSection SERVERS =
      CatalogSection.unbound(
          Depth.WHOLE,
          "",
          """
          SELECT 'pg_foreign_server'::regclass, s.oid, 0, 0::oid,
                 concat_ws(' ', w.fdwname, s.srvtype, s.srvversion, 'options ' || md5(s.srvoptions::text)), ''
          FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
          """);

  private static final CatalogSection USER_MAPPINGS =
      CatalogSection.unbound(
          Depth.WHOLE,
          "",
          """
          SELECT 'pg_user_mapping'::regclass, u.umid, 0, 0::oid, '', '' FROM pg_user_mappings u
          """);

  private static final CatalogSection TABLESPACES =
      CatalogSection.of(
          Depth.WHOLE,
          "tablespace of ",
          """
          SELECT 'pg_class'::regclass, c.oid, 0, coalesce(x.indrelid, c.oid), t.spcname, ''
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          JOIN pg_tablespace t ON t.oid = c.reltablespace
          LEFT JOIN pg_index x ON x.indexrelid = c.oid
          WHERE c.relkind IN ('r', 'p', 'm', 'i', 'I') AND c.relpersistence <> 't'
          """);

  /** All of them. */
  static final List<CatalogSection> ALL =
      List.of(
          EXTENSIONS,
          EXTENSION_VERSIONS,
          COLLATION_VERSIONS,
          COMMENTS,
          FOREIGN_KEY_COMMENTS,
          OTHER_COMMENTS,
          PUBLICATIONS,
          SUBSCRIPTIONS,
          EVENT_TRIGGERS,
          FOREIGN_DATA_WRAPPERS,
          SERVERS,
          USER_MAPPINGS,
          TABLESPACES);

  private DatabaseSections() {}
}
