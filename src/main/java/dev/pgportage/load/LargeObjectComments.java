package dev.pgportage.load;

import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The comments on large objects, which pg_dump keeps with their contents. Stateless. */
final class LargeObjectComments {
  private LargeObjectComments() {}

  /** Makes the target's comments those of the source, in the transaction at hand. */
  static void carry(Connection source, Connection target) throws SQLException {
    Map<Long, String> wanted = read(source);
    Map<Long, String> found = read(target);
    var commented = new TreeSet<>(wanted.keySet());
    commented.addAll(found.keySet());
    for (Long oid : commented) {
      String comment = wanted.get(oid);
      if (!Objects.equals(comment, found.get(oid))) {
        Sql.execute(
            target,
            "COMMENT ON LARGE OBJECT "
                + oid
                + " IS "
                + (comment == null ? "NULL" : Quoting.literal(comment)));
      }
    }
  }

  private static Map<Long, String> read(Connection connection) throws SQLException {
    record Comment(long oid, String text) {}
    return Sql.query(
            connection,
            """
            SELECT m.oid::bigint, d.description
            FROM pg_largeobject_metadata m JOIN pg_description d
              ON d.classoid = 'pg_largeobject'::regclass AND d.objoid = m.oid
            """,
            row -> new Comment(row.getLong(1), row.getString(2)))
        .stream()
        .collect(Collectors.toMap(Comment::oid, Comment::text, (one, _) -> one, TreeMap::new));
  }
}
