package dev.pgportage.schema;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How tables look as far as their rows are concerned: columns, constraints, unique indexes,
 * partition bounds, and the types and enum labels behind them, as texts by name.
 */
final class Structure {
  /** Begins the lines of objects that are left out of the migration, with the reason. */
  static final String LEFT_OUT = "left out: ";

  private record Line(String object, String definition) {}

  private Structure() {}

  /** The definitions of these tables and of all user-defined enums and domains. */
  static SortedMap<String, String> read(Connection connection, Collection<QualifiedName> tables)
      throws SQLException {
    String[] schemas = tables.stream().map(QualifiedName::schema).toArray(String[]::new);
    String[] names = tables.stream().map(QualifiedName::name).toArray(String[]::new);
    var structure = new TreeMap<String, String>();
    for (Line line :
        Sql.query(
            connection,
            TABLES,
            row -> new Line(row.getString(1), row.getString(2)),
            schemas,
            names)) {
      structure.put(line.object, line.definition);
    }
    for (Line line :
        Sql.query(connection, TYPES, row -> new Line(row.getString(1), row.getString(2)))) {
      structure.put(line.object, line.definition);
    }
    return structure;
  }

  /** What a table is called in the structure. */
  static String tableObject(QualifiedName table) {
    return "table " + table.sql();
  }

  private static final String TABLES =
      """
      WITH t AS (
        SELECT c.*, format('"%s"."%s"', replace(n.nspname, '"', '""'),
                           replace(c.relname, '"', '""')) AS name
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN unnest(?::text[], ?::text[]) AS wanted (schema, name)
          ON wanted.schema = n.nspname AND wanted.name = c.relname
        WHERE c.relkind IN ('r', 'p')
      )
      SELECT 'table ' || t.name,
             concat_ws(' ', t.relkind, t.relpersistence, 'replica identity', t.relreplident,
               (SELECT 'in ' || string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno)
                FROM pg_inherits i WHERE i.inhrelid = t.oid),
               pg_get_expr(t.relpartbound, t.oid), pg_get_partkeydef(t.oid))
      FROM t
      UNION ALL
      SELECT format('column %s.%I', t.name, a.attname),
             concat_ws(' ', format_type(a.atttypid, a.atttypmod),
               CASE WHEN a.attnotnull THEN 'not null' END,
               CASE a.attidentity WHEN 'a' THEN 'identity always'
                                  WHEN 'd' THEN 'identity by default' END,
               CASE WHEN a.attgenerated <> '' THEN 'generated' ELSE 'default' END
                 || ' ' || pg_get_expr(d.adbin, d.adrelid),
               CASE WHEN a.attcollation <> y.typcollation
                    THEN 'collate ' || a.attcollation::regcollation::text END)
      FROM t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
      JOIN pg_type y ON y.oid = a.atttypid
      LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
      UNION ALL
      SELECT format('constraint %I on %s', k.conname, t.name), pg_get_constraintdef(k.oid)
      FROM t JOIN pg_constraint k ON k.conrelid = t.oid
      WHERE k.contype IN ('c', 'f', 'p', 'u', 'x')
      UNION ALL
      SELECT format('unique index %I on %s', i.relname, t.name), pg_get_indexdef(i.oid)
      FROM t JOIN pg_index x ON x.indrelid = t.oid AND x.indisunique
      JOIN pg_class i ON i.oid = x.indexrelid
      WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.oid
                        AND k.contype IN ('p', 'u', 'x'))
      """;

  private static final String TYPES =
      """
      SELECT 'enum ' || format_type(t.oid, NULL),
             (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
              FROM pg_enum e WHERE e.enumtypid = t.oid)
      FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
      WHERE t.typtype = 'e' AND %1$s
      UNION ALL
      SELECT 'domain ' || format_type(t.oid, NULL),
             concat_ws(' ', format_type(t.typbasetype, t.typtypmod),
               CASE WHEN t.typnotnull THEN 'not null' END,
               (SELECT string_agg(pg_get_constraintdef(k.oid), ' ' ORDER BY k.conname)
                FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'))
      FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
      WHERE t.typtype = 'd' AND %1$s
      UNION ALL
      SELECT 'type ' || format_type(t.oid, NULL),
             (SELECT string_agg(
                       format('%%I %%s', a.attname, format_type(a.atttypid, a.atttypmod)), ', '
                       ORDER BY a.attnum)
              FROM pg_attribute a
              WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)
      FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
      JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'
      WHERE %1$s
      """
          .formatted(CatalogReader.USER_SCHEMAS);

  /** What changed between two readings: lines for people, none if nothing did. */
  static List<String> changes(Map<String, String> before, Map<String, String> now) {
    var lines = new ArrayList<String>();
    var all = new TreeSet<>(before.keySet());
    all.addAll(now.keySet());
    all.removeIf(object -> object.startsWith(LEFT_OUT));
    for (String object : all) {
      String was = before.get(object);
      String is = now.get(object);
      if (was == null) {
        lines.add(object + " is new: " + is);
      } else if (is == null) {
        lines.add(object + " is gone");
      } else if (!was.equals(is)) {
        lines.add(object + " was: " + was + "; is: " + is);
      }
    }
    return lines;
  }
}
