package dev.pgportage.discovery;

import dev.pgportage.pg.Sql;
import dev.pgportage.profile.Profiles;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Something of PostgreSQL that the source database uses.
 *
 * @param name what it is
 * @param carried what a migration does with it
 * @param count how many there are
 * @param examples the first names, in order; at most five
 */
public record Feature(String name, String carried, long count, List<String> examples) {
  /** Copies the list. */
  public Feature {
    examples = List.copyOf(examples);
  }

  /**
   * A feature to be looked for, as the list holds it.
   *
   * @param name what it is
   * @param carried what a migration does with it
   * @param sql the names of what there is of it
   */
  record Listed(String name, String carried, String sql) {}

  static final List<Listed> LIST = DataFile.read("features.yaml", Listed.class);

  /** The user's own schemas, relations, columns and routines: no system's, no extension's. */
  private static String subjects() {
    return """
      WITH nspc AS (
        SELECT oid, nspname FROM pg_namespace n
        WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND NOT %s),
      rel AS MATERIALIZED (
        SELECT c.*, c.oid::regclass::text AS name FROM pg_class c JOIN nspc ON nspc.oid = relnamespace
        WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                            AND d.objid = c.oid AND d.deptype = 'e')),
      col AS MATERIALIZED (
        SELECT rel.name || '.' || quote_ident(a.attname) AS name, a.attidentity, a.attgenerated,
          a.attcollation, a.atttypmod, t.oid AS typid, t.typname, t.typtype, t.typcategory,
          t.typcollation
        FROM rel JOIN pg_attribute a ON a.attrelid = rel.oid JOIN pg_type t ON t.oid = a.atttypid
        WHERE rel.relkind IN ('r', 'p') AND NOT rel.relispartition
          AND a.attnum > 0 AND NOT a.attisdropped),
      fun AS MATERIALIZED (
        SELECT p.*, p.oid::regprocedure::text AS name
        FROM pg_proc p JOIN nspc ON nspc.oid = p.pronamespace
        WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass
                            AND d.objid = p.oid AND d.deptype = 'e'))
      """
        .formatted(Profiles.ownSchemaSql("nspname"));
  }

  /** Those the database uses, in the list's order: one query for all of them. */
  static List<Feature> usedOn(Site site) throws SQLException {
    String counts =
        IntStream.range(0, LIST.size())
            .mapToObj(Feature::count)
            .collect(Collectors.joining("\nUNION ALL\n"));
    return Sql.query(
        site.connection(),
        subjects()
            + "SELECT * FROM ("
            + counts
            + ") AS found (feature, count, names) WHERE count > 0 ORDER BY feature",
        row -> {
          Listed listed = LIST.get(row.getInt(1));
          return new Feature(
              listed.name(),
              listed.carried(),
              row.getLong(2),
              List.of((String[]) row.getArray(3).getArray()));
        });
  }

  private static String count(int feature) {
    return "SELECT "
        + feature
        + ", count(*), (array_agg(f.name ORDER BY f.name))[1:5] FROM ("
        + LIST.get(feature).sql()
        + ") AS f (name)";
  }
}
