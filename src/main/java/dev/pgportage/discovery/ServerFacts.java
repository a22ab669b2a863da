package dev.pgportage.discovery;

import dev.pgportage.pg.Sql;
import dev.pgportage.profile.Profiles;
import java.sql.SQLException;
import java.time.Instant;

/**
 * A server and the database on it.
 *
 * @param endpoint where, without the password
 * @param role {@code current_user}
 * @param provider whose server it is
 * @param version such as 15.18
 * @param encoding the database's
 * @param collation provider, collation and character type, as the database has them
 * @param standby whether it is a standby
 * @param startedAt when the server started
 * @param databaseBytes the whole database's size on disk
 * @param connections how many there are
 */
public record ServerFacts(
    String endpoint,
    String role,
    String provider,
    String version,
    String encoding,
    String collation,
    boolean standby,
    Instant startedAt,
    Reading<Long> databaseBytes,
    Connections connections) {

  /**
   * Connections of clients to a server.
   *
   * @param most the server's limit
   * @param reserved how many of those are kept for others than the migration
   * @param open how many there are now, on all databases, those of this report left out
   * @param active how many of those run a statement
   */
  public record Connections(int most, int reserved, int open, Reading<Integer> active) {
    /** How many more an ordinary role can have. */
    public int free() {
      return Math.max(0, most - reserved - open);
    }
  }

  private static final String SERVER =
      """
      SELECT pg_encoding_to_char(d.encoding),
        CASE to_jsonb(d) ->> 'datlocprovider' WHEN 'i' THEN 'icu ' WHEN 'b' THEN 'builtin '
          ELSE 'libc ' END
          || coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale', d.datcollate)
          || CASE WHEN d.datctype <> d.datcollate THEN ' / ' || d.datctype ELSE '' END,
        pg_is_in_recovery(), extract(epoch FROM pg_postmaster_start_time())::bigint
      FROM pg_database d WHERE d.datname = current_database()
      """;

  private static final String LIMITS =
      """
      SELECT current_setting('max_connections')::int,
        current_setting('superuser_reserved_connections')::int
          + coalesce(current_setting('reserved_connections', true), '0')::int,
        greatest(0, (SELECT sum(numbackends) FROM pg_stat_database)::int - ?)
      """;

  static ServerFacts of(Site site, int ownSessions) throws SQLException {
    var connection = site.connection();
    Reading<Long> bytes =
        Reading.ask(
            connection,
            site.grant("pg_read_all_stats"),
            () -> Sql.queryLong(connection, "SELECT pg_database_size(current_database())"));
    Connections connections = connections(site, ownSessions);
    String provider = Profiles.of(site.database().endpoint(), connection).title();
    return Sql.queryFirst(
            connection,
            SERVER,
            row ->
                new ServerFacts(
                    site.database().endpoint().toString(),
                    site.role(),
                    provider,
                    site.version().toString(),
                    row.getString(1),
                    row.getString(2),
                    row.getBoolean(3),
                    Instant.ofEpochSecond(row.getLong(4)),
                    bytes,
                    connections))
        .orElseThrow();
  }

  private static Connections connections(Site site, int ownSessions) throws SQLException {
    Reading<Integer> active =
        site.hasPrivilegesOf("pg_read_all_stats")
            ? new Reading.Known<>(
                (int)
                    Sql.queryLong(
                        site.connection(),
                        """
                        SELECT count(*) FROM pg_stat_activity
                        WHERE backend_type = 'client backend' AND state = 'active'
                          AND pid <> pg_backend_pid()
                        """))
            : new Reading.Unread<>(
                "the role does not see what other roles' sessions do",
                site.grant("pg_read_all_stats"));
    return Sql.queryFirst(
            site.connection(),
            LIMITS,
            row -> new Connections(row.getInt(1), row.getInt(2), row.getInt(3), active),
            ownSessions)
        .orElseThrow();
  }
}
