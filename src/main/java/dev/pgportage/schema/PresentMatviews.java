package dev.pgportage.schema;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The materialized views of a schema the user made on the target: they hold nothing, or what their
 * tables held before. Stateless.
 */
final class PresentMatviews {
  private static final String POPULATED =
      """
      SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'm' AND c.relispopulated
      """;

  /** One that reads another comes after it, also where views lie between them. */
  private static final String IN_ORDER =
      """
      WITH RECURSIVE uses (reader, read) AS (
        SELECT DISTINCT r.ev_class, d.refobjid
        FROM pg_rewrite r JOIN pg_depend d
          ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
            AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class
      ), depth (relation, level) AS (
        SELECT c.oid, 0 FROM pg_class c WHERE c.relkind IN ('v', 'm')
        UNION
        SELECT u.reader, d.level + 1 FROM depth d JOIN uses u ON u.read = d.relation
      )
      SELECT n.nspname, c.relname, pg_has_role(c.relowner, 'USAGE')
      FROM depth d JOIN pg_class c ON c.oid = d.relation
      JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'm'
      GROUP BY 1, 2, 3 ORDER BY max(d.level), 1, 2
      """;

  private record Present(QualifiedName name, boolean owned) {}

  private PresentMatviews() {}

  /**
   * Those that hold rows on the source and are on the target, in the order they depend.
   *
   * @throws MigrationException PRIVILEGE_MISSING if the target's role may not refresh one
   */
  static List<QualifiedName> toRefresh(Connection source, Connection target) throws SQLException {
    Set<QualifiedName> populated =
        new HashSet<>(
            Sql.query(
                source, POPULATED, row -> new QualifiedName(row.getString(1), row.getString(2))));
    List<Present> present =
        Sql.query(
                target,
                IN_ORDER,
                row ->
                    new Present(
                        new QualifiedName(row.getString(1), row.getString(2)), row.getBoolean(3)))
            .stream()
            .filter(matview -> populated.contains(matview.name()))
            .toList();
    List<QualifiedName> others =
        present.stream().filter(matview -> !matview.owned()).map(Present::name).toList();
    if (!others.isEmpty()) {
      throw new MigrationException(
          ErrorCode.PRIVILEGE_MISSING,
          "The target's role may not refresh materialized views: " + others,
          "Make it a member of their owner's role.",
          null);
    }
    return present.stream().map(Present::name).toList();
  }
}
