package dev.pgportage.assess;

import dev.pgportage.ErrorCode;
import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.pg.Side;
import dev.pgportage.profile.Profiles;
import java.sql.SQLException;
import java.util.List;

/** Whether a target that is to get its schema from pgportage is empty. */
final class EmptinessCheck {
  /**
   * Everything a user could have made: what is in user schemas, large objects, and the schemas
   * themselves but for public. What extensions own is theirs; rows' and arrays' types, indexes,
   * TOAST and owned sequences go with their tables.
   */
  private static final String USER_OBJECTS =
      """
      WITH extension AS (
        SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
      ), place AS (
        SELECT oid, nspname FROM pg_namespace n
        WHERE nspname NOT LIKE 'pg\\_%'
          AND nspname NOT IN ('information_schema', 'pgportage') AND NOT %s
          AND NOT EXISTS (SELECT FROM extension x
                           WHERE x.classid = 'pg_namespace'::regclass AND x.objid = n.oid)
      )
      SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
                  WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table' WHEN 'c' THEN 'type'
                  ELSE 'table' END || format(' %I.%I', p.nspname, c.relname)
      FROM pg_class c JOIN place p ON p.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c') AND NOT c.relispartition
        AND NOT EXISTS (SELECT FROM extension x
                         WHERE x.classid = 'pg_class'::regclass AND x.objid = c.oid)
        AND NOT EXISTS (SELECT FROM pg_depend d
                         WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                           AND c.relkind = 'S' AND d.deptype IN ('a', 'i'))
      UNION ALL
      SELECT format('routine %I.%I', p.nspname, f.proname)
      FROM pg_proc f JOIN place p ON p.oid = f.pronamespace
      WHERE NOT EXISTS (SELECT FROM extension x
                         WHERE x.classid = 'pg_proc'::regclass AND x.objid = f.oid)
        -- The constructors of a range type go with it.
        AND NOT EXISTS (SELECT FROM pg_depend d
                         WHERE d.classid = 'pg_proc'::regclass AND d.objid = f.oid
                           AND d.deptype = 'i')
      UNION ALL
      SELECT format('type %I.%I', p.nspname, t.typname)
      FROM pg_type t JOIN place p ON p.oid = t.typnamespace
      WHERE t.typrelid = 0 AND t.typcategory <> 'A' AND t.typtype <> 'm'
        AND NOT EXISTS (SELECT FROM extension x
                         WHERE x.classid = 'pg_type'::regclass AND x.objid = t.oid)
      UNION ALL
      SELECT format('operator %I.%s', p.nspname, o.oprname)
      FROM pg_operator o JOIN place p ON p.oid = o.oprnamespace
      WHERE NOT EXISTS (SELECT FROM extension x
                         WHERE x.classid = 'pg_operator'::regclass AND x.objid = o.oid)
      UNION ALL
      SELECT format('collation %I.%I', p.nspname, c.collname)
      FROM pg_collation c JOIN place p ON p.oid = c.collnamespace
      UNION ALL
      SELECT format('text search configuration %I.%I', p.nspname, c.cfgname)
      FROM pg_ts_config c JOIN place p ON p.oid = c.cfgnamespace
      WHERE NOT EXISTS (SELECT FROM extension x
                         WHERE x.classid = 'pg_ts_config'::regclass AND x.objid = c.oid)
      UNION ALL
      SELECT 'large object ' || oid FROM pg_largeobject_metadata
      UNION ALL
      SELECT format('schema %I', nspname) FROM place WHERE nspname <> 'public'
      LIMIT 1000
      """
          .replace("NOT %s", "NOT " + Profiles.ownSchemaSql("nspname"));

  private EmptinessCheck() {}

  static final Check EMPTY =
      Check.named("target-empty", "Target Is Empty", Side.TARGET)
          .when(Scope.MANAGED_AND_NEW)
          .code(ErrorCode.TARGET_NOT_EMPTY)
          .passes(
              "The target holds nothing but schema public, extensions and what belongs to them,"
                  + " pgportage's state, and PlanetScale's schema pscale_extensions.")
          .why("pgportage makes the whole schema; what is there already would collide or be mixed.")
          .fix(
              "Drop the objects, name another database, or set `schema.mode: existing` if they are"
                  + " the source's schema.")
          .by(EmptinessCheck::empty);

  private static void empty(Examination e) throws SQLException {
    List<String> objects = e.texts(USER_OBJECTS);
    if (!objects.isEmpty()) {
      e.found(
          Severity.BLOCKS,
          objects,
          "The target holds " + Names.some(objects),
          "Drop them, name another database, or set schema.mode: existing if they are the source's"
              + " schema.");
    }
  }
}
