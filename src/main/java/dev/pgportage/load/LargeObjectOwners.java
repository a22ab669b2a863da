package dev.pgportage.load;

import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Whose large objects are on the side they are carried to: whatever is made or replaced there is
 * given to whom it belonged, with its grants; new ones to whom the others belong, or to the
 * database's owner.
 */
final class LargeObjectOwners {
  private static final String BEFORE =
      """
      CREATE TEMPORARY TABLE pgportage_owners ON COMMIT PRESERVE ROWS AS
      SELECT oid AS object, lomowner AS owner, lomacl AS acl FROM pg_largeobject_metadata
      """;

  private static final String STATEMENTS =
      """
      WITH usual AS (
        SELECT coalesce(
          (SELECT owner FROM pgportage_owners GROUP BY owner ORDER BY count(*) DESC LIMIT 1),
          (SELECT datdba FROM pg_database WHERE datname = current_database())) AS owner),
      wanted AS (
        SELECT m.oid, m.lomowner, coalesce(o.owner, u.owner) AS owner, o.acl
        FROM pg_largeobject_metadata m CROSS JOIN usual u
        LEFT JOIN pgportage_owners o ON o.object = m.oid
        WHERE o.object IS NULL OR o.owner <> m.lomowner OR o.acl IS DISTINCT FROM m.lomacl)
      SELECT statement FROM (
        SELECT oid, 1, format('GRANT %s ON LARGE OBJECT %s TO %s%s', a.privilege_type, oid,
          CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
          CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
        FROM wanted CROSS JOIN LATERAL aclexplode(acl) a WHERE a.grantee <> owner
        UNION ALL
        SELECT oid, 2, format('ALTER LARGE OBJECT %s OWNER TO %I', oid, pg_get_userbyid(owner))
        FROM wanted WHERE owner <> lomowner AND pg_has_role(owner, 'USAGE')
      ) s (oid, place, statement) ORDER BY oid, place
      """;

  private LargeObjectOwners() {}

  /** Remembers, in the session, whose they are now; commits. */
  static void remember(Connection target) throws SQLException {
    Sql.execute(target, BEFORE);
    target.commit();
  }

  /** Gives back what was remembered, within the transaction at hand. */
  static void restore(Connection target) throws SQLException {
    List<String> statements = Sql.query(target, STATEMENTS, row -> row.getString(1));
    for (String statement : statements) {
      Sql.execute(target, statement);
    }
    Sql.execute(target, "DROP TABLE pg_temp.pgportage_owners");
  }
}
