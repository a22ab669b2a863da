package dev.pgportage.schema;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.pg.SqlStates;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Materialized views that were there before this program came: they hold nothing, or what their
 * tables held when they were last refreshed. Stateless.
 */
public final class Matviews {
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

  private Matviews() {}

  /**
   * What refreshing left.
   *
   * @param views how many were refreshed
   * @param stale those that could not be, each with the reason
   */
  public record Refreshed(int views, List<String> stale) {
    /** Copies the list. */
    public Refreshed {
      stale = List.copyOf(stale);
    }
  }

  /** Something done between two of them. */
  @FunctionalInterface
  public interface Between {
    /** Runs after each. */
    void run() throws SQLException;
  }

  /** Refreshes those that hold rows, in the order they depend; each in a transaction of its own. */
  public static Refreshed refresh(Connection session, Between between) throws SQLException {
    Set<QualifiedName> populated = populated(session);
    var stale = new ArrayList<String>();
    int views = 0;
    for (Present matview : inOrder(session)) {
      if (!populated.contains(matview.name())) {
        continue;
      }
      try {
        Sql.execute(
            session,
            "BEGIN; SET LOCAL row_security = on; REFRESH MATERIALIZED VIEW "
                + matview.name().sql()
                + "; COMMIT");
        views++;
      } catch (SQLException e) {
        if (SqlStates.isConnectionFailure(e)) {
          throw e;
        }
        Sql.execute(session, "ROLLBACK");
        stale.add(matview.name() + ": " + SqlFailures.describe(e));
      }
      between.run();
    }
    return new Refreshed(views, stale);
  }

  private static Set<QualifiedName> populated(Connection session) throws SQLException {
    return new HashSet<>(
        Sql.query(
            session, POPULATED, row -> new QualifiedName(row.getString(1), row.getString(2))));
  }

  private static List<Present> inOrder(Connection session) throws SQLException {
    return Sql.query(
        session,
        IN_ORDER,
        row ->
            new Present(new QualifiedName(row.getString(1), row.getString(2)), row.getBoolean(3)));
  }

  /**
   * Those that hold rows on the source and are on the target, in the order they depend.
   *
   * @throws MigrationException PRIVILEGE_MISSING if the target's role may not refresh one
   */
  static List<QualifiedName> toRefresh(Connection source, Connection target) throws SQLException {
    Set<QualifiedName> populated = populated(source);
    List<Present> present =
        inOrder(target).stream().filter(matview -> populated.contains(matview.name())).toList();
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
