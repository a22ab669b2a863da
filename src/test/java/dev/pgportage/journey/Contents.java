package dev.pgportage.journey;

import dev.pgportage.pg.Sql;
import dev.pgportage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a database holds, as texts that are equal on two servers if their databases are: definitions
 * of all objects, rows of all tables, large objects. Told by SQL of the tests' own; where two major
 * versions print one definition in two ways, what it is made of is told instead.
 */
final class Contents {
  private static final String USER_SCHEMA =
      """
      AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'pgportage')
      """;

  private static final String NOT_OF_EXTENSION =
      """
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.deptype = 'e'
                        AND d.classid = '%s'::regclass AND d.objid = %s)
      """;

  private static final String RELATIONS =
      """
      SELECT format('%s %I.%I', CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'parted'
                      WHEN 'v' THEN 'view' WHEN 'm' THEN 'matview' WHEN 'S' THEN 'sequence'
                      ELSE c.relkind::text END, n.nspname, c.relname),
             concat_ws(' ', c.relpersistence, c.relreplident, c.relrowsecurity,
               c.relforcerowsecurity, c.reloptions, c.relispopulated, c.relhassubclass,
               pg_get_expr(c.relpartbound, c.oid), pg_get_partkeydef(c.oid),
               (SELECT string_agg(inhparent::regclass::text, ',' ORDER BY inhseqno)
                  FROM pg_inherits WHERE inhrelid = c.oid), nullif(c.reloftype, 0)::regtype,
               obj_description(c.oid, 'pg_class'))
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S')
      """
          + USER_SCHEMA
          + NOT_OF_EXTENSION.formatted("pg_class", "c.oid");

  private static final String COLUMNS =
      """
      SELECT format('column %I.%I.%I', n.nspname, c.relname, a.attname),
             concat_ws(' ', row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum),
               format_type(a.atttypid, a.atttypmod), a.attnotnull,
               CASE WHEN c.relispartition THEN '' ELSE a.attidentity END, a.attgenerated,
               CASE WHEN c.relkind IN ('r', 'p') THEN a.attstorage END, a.attcompression,
               nullif(a.attcollation, t.typcollation)::regcollation,
               pg_get_expr(d.adbin, d.adrelid), nullif(a.attstattarget, -1),
               col_description(c.oid, a.attnum))
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
       WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'c')
      """
          + USER_SCHEMA
          + NOT_OF_EXTENSION.formatted("pg_class", "c.oid");

  // PostgreSQL 18 keeps NOT NULL as constraints, too; the columns tell of them already. And it
  // names what a foreign key is made of on partitions otherwise.
  private static final String CONSTRAINTS =
      """
      SELECT format('constraint %I.%s.%I', n.nspname, coalesce(c.relname, t.typname), k.conname),
             concat_ws(' ', pg_get_constraintdef(k.oid), k.convalidated,
               CASE WHEN k.contype = 'c' THEN k.conislocal END,
               obj_description(k.oid, 'pg_constraint'))
        FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
        LEFT JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_type t ON t.oid = k.contypid
       WHERE k.contype NOT IN ('n', 't') AND NOT (k.contype = 'f' AND k.conparentid <> 0)
      """
          + USER_SCHEMA;

  private static final String INDEXES =
      """
      SELECT format('index %I.%I', n.nspname, c.relname),
             concat_ws(' ', pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisreplident,
               i.indisclustered, i.indisprimary, i.indimmediate,
               obj_description(c.oid, 'pg_class'))
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE true
      """
          + USER_SCHEMA;

  private static final String TRIGGERS =
      """
      SELECT format('trigger %I.%I.%I', n.nspname, c.relname, t.tgname),
             concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled,
               obj_description(t.oid, 'pg_trigger'))
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE NOT t.tgisinternal
      """
          + USER_SCHEMA;

  private static final String RULES =
      """
      SELECT format('rule %I.%I.%I', n.nspname, c.relname, r.rulename),
             concat_ws(' ', r.ev_type, r.ev_enabled, r.is_instead,
               obj_description(r.oid, 'pg_rewrite'))
        FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
        JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE true
      """
          + USER_SCHEMA
          + NOT_OF_EXTENSION.formatted("pg_class", "c.oid");

  private static final String FUNCTIONS =
      """
      SELECT format('function %I.%I(%s)', n.nspname, p.proname,
               pg_get_function_identity_arguments(p.oid)),
             concat_ws(' ', CASE WHEN p.prokind <> 'a' AND p.prosqlbody IS NULL
                 THEN pg_get_functiondef(p.oid) ELSE pg_get_function_arguments(p.oid) END,
               p.prokind, p.provolatile, obj_description(p.oid, 'pg_proc'))
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
       WHERE true
      """
          + USER_SCHEMA
          + NOT_OF_EXTENSION.formatted("pg_proc", "p.oid");

  private static final String TYPES =
      """
      SELECT format('type %I.%I', n.nspname, t.typname),
             concat_ws(' ', t.typtype, t.typcategory, nullif(t.typbasetype, 0)::regtype,
               t.typnotnull, t.typdefault, rngsubtype::regtype,
               (SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder)
                  FROM pg_enum WHERE enumtypid = t.oid), obj_description(t.oid, 'pg_type'))
        FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
        LEFT JOIN pg_range r ON r.rngtypid = t.oid
       WHERE t.typcategory <> 'A'
      """
          + USER_SCHEMA
          + NOT_OF_EXTENSION.formatted("pg_type", "t.oid");

  private static final String THE_REST =
      """
      SELECT format('extension %s', extname), extnamespace::regnamespace::text FROM pg_extension
      UNION ALL
      SELECT format('schema %I', n.nspname), coalesce(obj_description(n.oid, 'pg_namespace'), '')
        FROM pg_namespace n WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pgportage')
         AND n.nspname NOT LIKE 'pg\\_%'
      UNION ALL
      SELECT format('policy %s.%I', p.polrelid::regclass, p.polname),
             concat_ws(' ', p.polcmd, p.polpermissive, pg_get_expr(p.polqual, p.polrelid),
               pg_get_expr(p.polwithcheck, p.polrelid), obj_description(p.oid, 'pg_policy'))
        FROM pg_policy p
      UNION ALL
      SELECT format('statistics %s', s.stxname), concat_ws(' ', pg_get_statisticsobjdef(s.oid),
               obj_description(s.oid, 'pg_statistic_ext'))
        FROM pg_statistic_ext s
      UNION ALL
      SELECT format('operator %s', o.oid::regoperator), o.oprcode::text
        FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
       WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'public'
      UNION ALL
      SELECT format('configuration %s', c.oid::regconfig), string_agg(
               format('%s:%s', m.maptokentype, m.mapdict::regdictionary), ','
               ORDER BY m.maptokentype, m.mapseqno)
        FROM pg_ts_config c JOIN pg_ts_config_map m ON m.mapcfg = c.oid
       WHERE c.cfgnamespace <> 'pg_catalog'::regnamespace GROUP BY c.oid
      UNION ALL
      SELECT format('collation %s', oid::regcollation), concat_ws(' ', collprovider, collcollate)
        FROM pg_collation WHERE collnamespace <> 'pg_catalog'::regnamespace
      """;

  private static final String LARGE_OBJECTS =
      """
      SELECT format('large object %s', m.oid),
             md5(lo_get(m.oid)) || coalesce(obj_description(m.oid, 'pg_largeobject'), '')
        FROM pg_largeobject_metadata m
      """;

  private static final String ROW_HOLDERS =
      """
      SELECT format('%I.%I', n.nspname, c.relname)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE (c.relkind = 'r' OR c.relkind = 'm' AND c.relispopulated)
      """
          + USER_SCHEMA
          + NOT_OF_EXTENSION.formatted("pg_class", "c.oid");

  private Contents() {}

  /**
   * Definitions of all objects outside the product's own schema; privileges and owners left out.
   */
  static Map<String, String> schema(TestDatabase database) throws SQLException {
    try (Connection connection = open(database)) {
      var result = new TreeMap<String, String>();
      for (String query :
          new String[] {
            RELATIONS, COLUMNS, CONSTRAINTS, INDEXES, TRIGGERS, RULES, FUNCTIONS, TYPES, THE_REST
          }) {
        result.putAll(pairs(connection, query));
      }
      return result;
    }
  }

  /**
   * For every table and materialized view how many rows it has itself and a hash over all of them,
   * whatever their order; and for every large object a hash.
   */
  static Map<String, String> rows(TestDatabase database) throws SQLException {
    try (Connection connection = open(database)) {
      var result = new TreeMap<String, String>();
      for (String table : Sql.query(connection, ROW_HOLDERS, row -> row.getString(1))) {
        String hash =
            Sql.queryText(
                    connection,
                    """
                    SELECT count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0)
                      FROM ONLY %s AS t
                    """
                        .formatted(table))
                .orElseThrow();
        result.put("rows of " + table, hash);
      }
      result.putAll(pairs(connection, LARGE_OBJECTS));
      return result;
    }
  }

  /** Every replication slot, publication, role setting and schema of a migration that is there. */
  static Map<String, String> traces(TestDatabase database) throws SQLException {
    try (Connection connection = open(database)) {
      return pairs(
          connection,
          """
          SELECT 'slot ' || slot_name, plugin FROM pg_replication_slots
           WHERE database = current_database()
          UNION ALL
          SELECT 'publication ' || pubname, '' FROM pg_publication
          UNION ALL
          SELECT 'schema ' || nspname, '' FROM pg_namespace WHERE nspname LIKE 'pgportage%'
          UNION ALL
          SELECT 'setting ' || setrole, setconfig::text FROM pg_db_role_setting
           WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
          UNION ALL
          SELECT 'origin ' || roname, '' FROM pg_replication_origin
           WHERE roname LIKE 'pgportage%'
          """);
    }
  }

  /** What the second map lacks, has over, or has otherwise; one line each, shortened. */
  static List<String> differences(Map<String, String> expected, Map<String, String> actual) {
    var names = new TreeSet<>(expected.keySet());
    names.addAll(actual.keySet());
    return names.stream()
        .filter(name -> !Objects.equals(expected.get(name), actual.get(name)))
        .map(name -> name + ": " + brief(expected.get(name)) + " <> " + brief(actual.get(name)))
        .toList();
  }

  private static String brief(@Nullable String text) {
    return text == null ? "nothing" : text.substring(0, Math.min(300, text.length()));
  }

  private static Map<String, String> pairs(Connection connection, String query)
      throws SQLException {
    var result = new TreeMap<String, String>();
    Sql.query(
        connection,
        query,
        row -> result.put(row.getString(1), String.valueOf(row.getString(2)).replace("\n", "⏎")));
    return result;
  }

  private static Connection open(TestDatabase database) throws SQLException {
    Connection connection = database.superuser();
    try {
      Sql.execute(
          connection,
          """
          SET search_path = pg_catalog; SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD';
          SET IntervalStyle = 'postgres'; SET bytea_output = 'hex'; SET extra_float_digits = 1;
          SET lc_monetary = 'C'
          """);
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }
}
