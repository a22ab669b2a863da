package dev.pgportage.assess;

import dev.pgportage.ErrorCode;
import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.profile.Profiles;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.util.List;
import org.postgresql.PGConnection;

/** Which servers these are, and how they are reached. */
final class ServerChecks {
  private static final int OLDEST = 12;
  private static final int NEWEST = 18;

  /** Sessions beside the workers: stream, apply, state, validation, catalog, monitor. */
  private static final int OTHER_SESSIONS = 6;

  private ServerChecks() {}

  static final Check VERSION =
      Check.named("version", "Database Version Compatibility", Side.SOURCE, Side.TARGET)
          .dms("postgres-check-dbversion")
          .passes(
              "Both servers are PostgreSQL 12 to 18, and the target is not older than the source.")
          .why(
              "Catalog and protocol of other versions are not known; an older target may lack what"
                  + " the schema uses.")
          .fix("Upgrade the server, or choose a newer target.")
          .by(ServerChecks::version);

  static final Check SAME_DATABASE =
      Check.named("same-database", "Source and Target Differ", Side.TARGET)
          .code(ErrorCode.SAME_DATABASE)
          .passes("A lock taken on the source is not seen on the target.")
          .why("A database cannot be migrated onto itself.")
          .fix("Name another database as the target.")
          .by(ServerChecks::sameDatabase);

  static final Check STANDBY =
      Check.named("standby", "Servers Can Be Written To", Side.SOURCE, Side.TARGET)
          .passes("Neither server is a standby (a reader endpoint, a replica).")
          .why(
              "On a standby no publication can be made and, before PostgreSQL 16, no slot; the"
                  + " fence, the lag's marks and the target's rows need writes.")
          .fix("Name the primary's (writer's) host.")
          .by(ServerChecks::standby);

  static final Check POOLER =
      Check.named("pooler", "Direct Connection", Side.SOURCE, Side.TARGET)
          .passes("Sessions keep their backend, and no proxy stands between.")
          .why(
              "A pooler in transaction mode gives each transaction another session: snapshots,"
                  + " settings, locks and replication do not survive that.")
          .fix("Connect to the server itself, usually port 5432.")
          .by(ServerChecks::pooler);

  static final Check ENDPOINT =
      Check.named("endpoint", "Endpoint That Leads to the Server", Side.SOURCE, Side.TARGET)
          .passes(
              "The host and port are no pooler's (port 6432), no reader endpoint, no custom endpoint"
                  + " and no proxy of a known provider.")
          .why(
              "Behind such an endpoint sessions are shared or spread over servers: snapshots, locks"
                  + " and replication do not survive that.")
          .fix("Name the server's own host and port.")
          .by(
              e -> {
                Endpoint endpoint = e.session().database().endpoint();
                Profiles.refusal(endpoint)
                    .ifPresent(
                        refusal ->
                            e.found(
                                Severity.BLOCKS,
                                List.of(endpoint.toString()),
                                "The %s is reached through %s".formatted(e.side(), refusal.what()),
                                refusal.fix()));
              });

  static final Check TLS =
      Check.named("tls", "Protected Connection", Side.SOURCE, Side.TARGET)
          .worst(Severity.WARNS)
          .passes("`sslmode` is `verify-full`, or the host is this machine.")
          .why("Otherwise somebody in between could read the rows and the password.")
          .fix("Set `sslmode=verify-full` and, if needed, `sslrootcert` in the URL.")
          .by(
              e -> {
                Endpoint endpoint = e.session().database().endpoint();
                if (!isProtected(endpoint)) {
                  e.found(
                      Severity.WARNS,
                      List.of(endpoint.toString()),
                      "sslmode is "
                          + endpoint.tls().mode()
                          + " for a host that is not this machine",
                      "Set "
                          + e.session().profile().tls().orElse("sslmode=verify-full")
                          + " in the URL of the "
                          + e.side()
                          + ".");
                }
              });

  static final Check CONNECTIONS =
      Check.named("connections", "Connections Available", Side.SOURCE, Side.TARGET)
          .code(ErrorCode.TOO_MANY_CONNECTIONS)
          .passes(
              "Server, database and role leave enough connections for the workers of load and"
                  + " validation, and a few more.")
          .why("Each worker takes a session on both sides; the application needs its own.")
          .fix(
              "Lower `load.workers`, `load.index_workers`, `validation.workers`; or raise the limit.")
          .by(ServerChecks::connections);

  private static void version(Examination e) {
    var version = e.session().version();
    String name = "PostgreSQL " + version;
    if (!version.isAtLeast(OLDEST)) {
      e.found(
          Severity.BLOCKS,
          List.of(name),
          "The %s is %s; the oldest version that works is %d".formatted(e.side(), name, OLDEST),
          "Upgrade the server to PostgreSQL " + OLDEST + " or newer.");
    } else if (version.major() > NEWEST) {
      e.found(
          Severity.WARNS,
          List.of(name),
          "The %s is %s; the newest version tested is %d".formatted(e.side(), name, NEWEST),
          "Try it with a copy first, or use a newer pgportage.");
    }
    if (e.side() == Side.TARGET && version.major() < e.source().version().major()) {
      e.found(
          Severity.WARNS,
          List.of(name),
          "The target is PostgreSQL %s, older than the source (%s)"
              .formatted(version, e.source().version()),
          "Choose a target of the source's version or newer.");
    }
  }

  /** A lock proves it; system identifiers do not: a restored copy of a cluster has the same. */
  private static void sameDatabase(Examination e) throws SQLException {
    long key = new SecureRandom().nextLong();
    Sql.query(e.source().connection(), "SELECT pg_advisory_lock(?)", row -> true, key);
    try {
      if (e.holds(
          """
          SELECT EXISTS (
            SELECT FROM pg_locks
            WHERE locktype = 'advisory' AND granted AND objsubid = 1
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND classid::int8 << 32 | objid::int8 = ?::int8)
          """,
          key)) {
        e.found(
            Severity.BLOCKS,
            List.of(e.session().name()),
            "Source and target are the same database",
            "Name another database as the target.");
      }
    } finally {
      Sql.query(e.source().connection(), "SELECT pg_advisory_unlock(?)", row -> true, key);
    }
  }

  private static void standby(Examination e) throws SQLException {
    if (!e.holds("SELECT pg_is_in_recovery()")) {
      return;
    }
    boolean readOnlyUse = e.side() == Side.SOURCE && !e.config().type().replicates();
    e.found(
        readOnlyUse ? Severity.INFORMS : Severity.BLOCKS,
        List.of(e.session().database().endpoint().toString()),
        readOnlyUse
            ? "The source is a standby; replay of WAL may cancel long copies"
            : "The %s is a standby%s"
                .formatted(
                    e.side(),
                    e.side() == Side.TARGET
                        ? ""
                        : e.session().version().isAtLeast(16)
                            ? ": a slot could be made there, a publication and the fence could not"
                            : ": before PostgreSQL 16 it cannot decode its WAL"),
        readOnlyUse
            ? "Raise max_standby_streaming_delay there while the rows are copied."
            : "Name the primary's host (Aurora: the cluster endpoint, not the reader endpoint).");
  }

  private static void pooler(Examination e) throws SQLException {
    Database database = e.session().database();
    var seen = observe(e);
    if (seen.areShared()) {
      e.found(
          Severity.BLOCKS,
          List.of(database.endpoint().toString()),
          "The %s is reached through a pooler that shares sessions".formatted(e.side()),
          "Use the server's own port, usually 5432, in the URL of the " + e.side() + ".");
    } else if (seen.announced() != seen.first()) {
      e.found(
          Severity.WARNS,
          List.of(database.endpoint().toString()),
          "A proxy stands between here and the %s".formatted(e.side()),
          "Make sure that it passes sessions on one to one, replication included.");
    }
  }

  /** What two sessions say of their backends; the second is in a transaction meanwhile. */
  record Backends(int announced, int first, int other, int again) {
    /** Whether one backend served both sessions, or one session had two backends. */
    boolean areShared() {
      return first == other || first != again;
    }
  }

  private static Backends observe(Examination e) throws SQLException {
    String pid = "SELECT pg_backend_pid()";
    int announced = e.connection().unwrap(PGConnection.class).getBackendPID();
    int first = (int) Sql.queryLong(e.connection(), pid);
    try (var second = e.session().database().open("probe")) {
      second.setAutoCommit(false);
      int other = (int) Sql.queryLong(second, pid);
      int again = (int) Sql.queryLong(e.connection(), pid);
      second.rollback();
      return new Backends(announced, first, other, again);
    }
  }

  static boolean isProtected(Endpoint endpoint) {
    return endpoint.tls().mode().equals("verify-full") || Endpoint.isLoopback(endpoint.host());
  }

  /** How many connections every limit leaves free. */
  private static final String FREE_CONNECTIONS =
      """
      WITH reserved AS (
        SELECT sum(setting::int) AS slots FROM pg_settings
        WHERE name IN ('superuser_reserved_connections', 'reserved_connections')
      ), used AS (
        SELECT count(*) AS server,
               count(*) FILTER (WHERE datname = current_database()) AS database,
               count(*) FILTER (WHERE usename = session_user) AS role
        FROM pg_stat_activity WHERE usesysid IS NOT NULL AND pid <> pg_backend_pid()
      )
      SELECT 'max_connections', current_setting('max_connections')::int - slots - server
      FROM reserved, used
      UNION ALL
      SELECT 'the database''s CONNECTION LIMIT', datconnlimit - database
      FROM pg_database, used WHERE datname = current_database() AND datconnlimit >= 0
      UNION ALL
      SELECT 'the role''s CONNECTION LIMIT', rolconnlimit - role
      FROM pg_roles, used WHERE rolname = session_user AND rolconnlimit >= 0
      """;

  private static void connections(Examination e) throws SQLException {
    MigrationConfig config = e.config();
    int workers = Math.max(config.load().workers(), config.validation().workers());
    if (e.side() == Side.TARGET) {
      workers = Math.max(workers, config.load().workers() + config.load().indexWorkers());
    }
    int needed = workers + OTHER_SESSIONS;
    record Limit(String of, long free) {}
    List<Limit> limits =
        Sql.query(
            e.connection(), FREE_CONNECTIONS, row -> new Limit(row.getString(1), row.getLong(2)));
    for (Limit limit : limits) {
      if (limit.free() < needed) {
        e.found(
            Severity.BLOCKS,
            List.of(limit.of()),
            "%s leaves %d connections free on the %s; %d are needed"
                .formatted(limit.of(), Math.max(0, limit.free()), e.side(), needed),
            "Lower load.workers, load.index_workers and validation.workers, or raise "
                + limit.of()
                + ".");
      }
    }
  }
}
