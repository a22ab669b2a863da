package dev.pgportage.schema;

import dev.pgportage.schema.CatalogDiff.Depth;
import java.util.List;
import java.util.stream.Stream;

/**
 * One part of the catalog, as a query that tells an object, a part of it and how it is defined.
 *
 * @param depth from which depth on it is compared
 * @param aspect what of the object is told, such as {@code comment on }; empty for the object
 *     itself
 * @param inSchemas whether the objects lie in schemas; the query's {@code n} is their namespace
 * @param since the major version both servers must have
 * @param select selects catalog, object, column number, relation, definition, and an expression
 *     whose text is only comparable within one major version; ends with its condition
 */
record CatalogSection(Depth depth, String aspect, boolean inSchemas, int since, String select) {
  static final List<CatalogSection> ALL =
      Stream.of(
              TableSections.ALL,
              ProgramSections.ALL,
              BehaviourSections.ALL,
              AccessSections.ALL,
              DatabaseSections.ALL)
          .flatMap(List::stream)
          .toList();

  /** Of objects that lie in schemas: those of the user's alone are read. */
  static CatalogSection of(Depth depth, String aspect, String select) {
    return new CatalogSection(depth, aspect, true, 0, select);
  }

  /** Of objects that lie in no schema. */
  static CatalogSection unbound(Depth depth, String aspect, String select) {
    return new CatalogSection(depth, aspect, false, 0, select);
  }

  /** The same, read only where both servers are of a major version or newer. */
  CatalogSection since(int major) {
    return new CatalogSection(depth, aspect, inSchemas, major, select);
  }

  /** The query; what belongs to an extension is not in its answer. */
  String sql() {
    return """
    SELECT i.type || ' ' || i.identity, rn.nspname, r.relname, r.relkind,
           coalesce(q.definition, ''), q.expression, q.class::oid::int8, q.object::int8, q.part,
           q.class = 'pg_class'::regclass AND q.object = q.relation AND q.part = 0
    FROM (%s%s) AS q (class, object, part, relation, definition, expression)
    CROSS JOIN LATERAL pg_identify_object(q.class::oid, q.object, q.part) i
    LEFT JOIN pg_class r ON r.oid = q.relation
    LEFT JOIN pg_namespace rn ON rn.oid = r.relnamespace
    WHERE i.identity IS NOT NULL AND NOT EXISTS (
      SELECT FROM pg_depend e
      WHERE e.deptype = 'e' AND ((e.classid = q.class AND e.objid = q.object)
        OR (e.classid = 'pg_class'::regclass AND e.objid = q.relation)))
    """
        .formatted(select, inSchemas ? "  AND " + CatalogReader.USER_SCHEMAS : "");
  }
}
