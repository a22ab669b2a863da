package dev.pgportage.load;

import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Reads, writes and compares large objects in pieces of {@value #PIECE} bytes, many small ones with
 * one statement. Stateless.
 */
final class LargeObjectPieces {
  static final int PIECE = 4 << 20;

  // Small objects are many: reading them one by one would cost a round trip each.
  private static final int TOGETHER = 8;

  /** An object's piece as seen by a server. */
  private record Hash(String md5, int length) {}

  private LargeObjectPieces() {}

  /** Drops objects, in the transaction at hand. */
  static void unlink(Connection target, List<Long> oids) throws SQLException {
    Sql.query(
        target,
        "SELECT lo_unlink(o::oid) FROM unnest(?::bigint[]) o",
        row -> row.getInt(1),
        array(target, oids));
  }

  /**
   * Creates objects with the source's contents; commits whenever a few are whole.
   *
   * @param replace whether to drop the present ones first
   */
  static void create(Connection source, Connection target, List<Long> oids, boolean replace)
      throws SQLException {
    var small = new ArrayList<Long>();
    var contents = new ArrayList<byte[]>();
    long bytes = 0;
    Map<Long, byte[]> read = Map.of();
    for (int i = 0; i < oids.size(); i++) {
      if (i % TOGETHER == 0) {
        read = beginnings(source, oids.subList(i, Math.min(oids.size(), i + TOGETHER)));
      }
      long oid = oids.get(i);
      byte[] first = Objects.requireNonNull(read.get(oid));
      if (first.length == PIECE) {
        createLarge(source, target, oid, first, replace);
        continue;
      }
      small.add(oid);
      contents.add(first);
      bytes += first.length;
      if (bytes >= PIECE) {
        createSmall(target, small, contents, replace);
        small.clear();
        contents.clear();
        bytes = 0;
      }
    }
    createSmall(target, small, contents, replace);
  }

  /** Those of the given objects, there on both sides, whose contents differ. */
  static List<Long> different(Connection source, Connection target, List<Long> oids)
      throws SQLException {
    var different = new ArrayList<Long>();
    List<Long> equalSoFar = oids;
    for (long offset = 0; !equalSoFar.isEmpty(); offset += PIECE) {
      Map<Long, Hash> wanted = hashes(source, equalSoFar, offset);
      Map<Long, Hash> found = hashes(target, equalSoFar, offset);
      var longer = new ArrayList<Long>();
      for (var entry : wanted.entrySet()) {
        if (!entry.getValue().equals(found.get(entry.getKey()))) {
          different.add(entry.getKey());
        } else if (entry.getValue().length() == PIECE) {
          longer.add(entry.getKey());
        }
      }
      equalSoFar = longer;
    }
    return different;
  }

  private static void createLarge(
      Connection source, Connection target, long oid, byte[] first, boolean replace)
      throws SQLException {
    if (replace) {
      unlink(target, List.of(oid));
    }
    call(target, "SELECT lo_from_bytea(?::bigint::oid, ?)", oid, first);
    byte[] piece = first;
    for (long offset = PIECE; piece.length == PIECE; offset += PIECE) {
      piece = read(source, oid, offset);
      call(target, "SELECT lo_put(?::bigint::oid, " + offset + ", ?)", oid, piece);
    }
    target.commit();
  }

  private static void createSmall(
      Connection target, List<Long> oids, List<byte[]> contents, boolean replace)
      throws SQLException {
    if (oids.isEmpty()) {
      return;
    }
    if (replace) {
      unlink(target, oids);
    }
    Sql.query(
        target,
        """
        SELECT lo_from_bytea(o::oid, content)
        FROM unnest(?::bigint[], ?::bytea[]) AS wanted (o, content)
        """,
        row -> row.getLong(1),
        array(target, oids),
        target.createArrayOf("bytea", contents.toArray(byte[][]::new)));
    target.commit();
  }

  private static Map<Long, byte[]> beginnings(Connection source, List<Long> oids)
      throws SQLException {
    var beginnings = new HashMap<Long, byte[]>();
    Sql.query(
        source,
        "SELECT o, lo_get(o::oid, 0, " + PIECE + ") FROM unnest(?::bigint[]) o",
        row -> beginnings.put(row.getLong(1), row.getBytes(2)),
        array(source, oids));
    return beginnings;
  }

  private static byte[] read(Connection source, long oid, long offset) throws SQLException {
    return Sql.queryFirst(
            source,
            "SELECT lo_get(?::bigint::oid, ?::bigint, " + PIECE + ")",
            row -> row.getBytes(1),
            oid,
            offset)
        .orElseThrow();
  }

  private static Map<Long, Hash> hashes(Connection connection, List<Long> oids, long offset)
      throws SQLException {
    var hashes = new HashMap<Long, Hash>();
    // OFFSET 0 keeps the planner from reading each piece twice.
    Sql.query(
        connection,
        """
        SELECT o, md5(piece), length(piece) FROM unnest(?::bigint[]) o
        CROSS JOIN LATERAL (SELECT lo_get(o::oid, ?::bigint, %d) AS piece OFFSET 0) p
        """
            .formatted(PIECE),
        row -> hashes.put(row.getLong(1), new Hash(row.getString(2), row.getInt(3))),
        array(connection, oids),
        offset);
    return hashes;
  }

  private static java.sql.Array array(Connection connection, List<Long> oids) throws SQLException {
    return connection.createArrayOf("bigint", oids.toArray());
  }

  private static void call(Connection target, String sql, long oid, byte[] content)
      throws SQLException {
    try (PreparedStatement statement = target.prepareStatement(sql)) {
      statement.setLong(1, oid);
      statement.setBytes(2, content);
      statement.execute();
    }
  }
}
