package dev.pgportage.validation;

import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * How both servers turn a text into the same digest: SQL expressions of it.
 *
 * <p>MD5, because every server computes it fast and nobody forges rows here; SHA-256 where a server
 * in FIPS mode refuses it. Where the databases' encodings differ, texts are hashed as UTF-8.
 *
 * @param sha256 whether SHA-256 takes the place of MD5
 * @param encoding in which texts are hashed
 * @param sameEncoding whether both databases are in that encoding
 */
record HashFunction(boolean sha256, String encoding, boolean sameEncoding) {

  /** What one server can do. */
  record Ability(String encoding, boolean md5) {
    /** Asks a server, within the session's transaction. */
    static Ability of(Connection connection) throws SQLException {
      String encoding =
          Sql.queryText(connection, "SELECT getdatabaseencoding()::text").orElseThrow();
      var before = connection.setSavepoint();
      try {
        return new Ability(encoding, Sql.queryText(connection, "SELECT md5('')").isPresent());
      } catch (SQLException e) {
        if (Optional.ofNullable(e.getSQLState()).orElse("").startsWith("08")) {
          throw e;
        }
        connection.rollback(before);
        return new Ability(encoding, false);
      }
    }
  }

  /** What both servers can do. */
  static HashFunction common(Ability source, Ability target) {
    boolean same = source.encoding.equals(target.encoding);
    return new HashFunction(!source.md5 || !target.md5, same ? source.encoding : "UTF8", same);
  }

  /** The digest of a text expression, in hexadecimal digits; null of null. */
  String ofText(String text) {
    if (!sha256 && sameEncoding) {
      return "md5(" + text + ")";
    }
    return ofBytes("convert_to(" + text + ", '" + encoding + "')");
  }

  /** The digest of a bytea expression, in hexadecimal digits; null of null. */
  String ofBytes(String bytes) {
    return sha256 ? "encode(sha256(" + bytes + "), 'hex')" : "md5(" + bytes + ")";
  }
}
