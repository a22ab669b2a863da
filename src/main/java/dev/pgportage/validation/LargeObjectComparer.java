package dev.pgportage.validation;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.state.ValidationResults;
import dev.pgportage.validation.Validator.Options;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;

/**
 * Compares all large objects by OID and content. Source: PostgreSQL manual, "Large Objects".
 *
 * <p>Contents are digested piece by piece within the servers, whatever an object's size.
 */
final class LargeObjectComparer {
  private static final QualifiedName NAME = new QualifiedName("pg_catalog", "pg_largeobject");
  private static final int PIECE_BYTES = 16 << 20;

  private final SessionPair sessions;
  private final HashFunction hash;
  private final Options options;

  LargeObjectComparer(SessionPair sessions, HashFunction hash, Options options) {
    this.sessions = sessions;
    this.hash = hash;
    this.options = options;
  }

  Comparison compare() {
    String what = "Comparing large objects";
    var query = new Query(sql(), List.of());
    var streams = sessions.ask(what, connection -> RowStream.open(connection, query));
    var differences = new Differences(options.listed());
    try {
      differences.merge(streams.source(), streams.target());
    } catch (SQLException e) {
      throw Failures.of(e, what);
    }
    return new Comparison(
        new ValidationResults.Result(
            NAME,
            options.at(),
            streams.source().read(),
            streams.target().read(),
            differences.missing(),
            differences.extra(),
            differences.differing(),
            streams.source().digest(),
            sessions.readAt(),
            Instant.now()),
        List.of("oid"),
        differences.listed().stream()
            .map(found -> new Comparison.Difference(found.kind(), found.name(), List.of()))
            .toList(),
        Comparison.Extent.WHOLE);
  }

  private String sql() {
    return """
        SELECT lpad(o.oid::text, 10, '0') COLLATE "C" AS identity, o.oid::text, %1$s, 1, ''
        FROM pg_largeobject_metadata o
        CROSS JOIN LATERAL (
          WITH RECURSIVE piece (number, digest, bytes) AS (
            SELECT 0::bigint, %2$s, octet_length(content)
            FROM (SELECT lo_get(o.oid, 0, %3$d) AS content OFFSET 0) AS first
            UNION ALL
            SELECT number + 1, %2$s, octet_length(content)
            FROM (
              SELECT number, lo_get(o.oid, (number + 1) * %3$d, %3$d) AS content
              FROM piece WHERE bytes = %3$d OFFSET 0
            ) AS next
          )
          SELECT string_agg(digest, '' ORDER BY number) AS digests FROM piece
        ) AS pieces
        ORDER BY identity
        """
        .formatted(
            hash.ofText("o.oid::text || ':' || digests"), hash.ofBytes("content"), PIECE_BYTES);
  }
}
