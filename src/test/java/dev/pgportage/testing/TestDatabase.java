package dev.pgportage.testing;

import dev.pgportage.demo.EmbeddedServer;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Secret;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A fresh database with the roles a real migration has, none of them a superuser.
 *
 * <p>Those between which changes may flow back after a cutover have roles of their own: the
 * source's may set {@code session_replication_role}, the target's may replicate, too.
 *
 * <p>A source belongs to {@code app_owner}, who cannot log in; the application logs in as {@code
 * app} and makes everything as {@code app_owner}; the migration logs in as {@code migrator}
 * (REPLICATION, member of {@code app_owner}, {@code pg_signal_backend}, {@code pg_read_all_stats}).
 * A target belongs to {@code target_migrator}, who may set {@code session_replication_role}, or to
 * {@code target_plain}, who may not.
 */
public final class TestDatabase implements AutoCloseable {
  /** The application's role on a source. */
  public static final String APP = "app";

  /** The owner of a source's objects. */
  public static final String APP_OWNER = "app_owner";

  /** The migration's role on a source. */
  public static final String SOURCE_ROLE = "migrator";

  /** The migration's role on a target, which may switch triggers off for its session. */
  public static final String TARGET_ROLE = "target_migrator";

  /** The migration's role on a target that may not. */
  public static final String PLAIN_TARGET_ROLE = "target_plain";

  /** The migration's role on a source to which changes may flow back. */
  public static final String REVERSIBLE_SOURCE_ROLE = "migrator_back";

  /** The migration's role on a target from which changes may flow back. */
  public static final String REVERSIBLE_TARGET_ROLE = "target_back";

  /** The password of every role; it holds characters a URL must escape. */
  public static final String PASSWORD = "p@ss/w:rd %?";

  private static final Set<EmbeddedServer> PREPARED = ConcurrentHashMap.newKeySet();
  private static final AtomicInteger COUNTER = new AtomicInteger();

  private final EmbeddedServer server;
  private final Side side;
  private final String name;
  private final String role;
  private final String writer;

  private TestDatabase(EmbeddedServer server, Side side, String role, String writer) {
    this.server = server;
    this.side = side;
    this.role = role;
    this.writer = writer;
    this.name = side.name().toLowerCase(Locale.ROOT) + "_" + COUNTER.incrementAndGet();
  }

  /** A source on the shared server of a version. */
  public static TestDatabase source(int major) throws SQLException {
    return source(Servers.version(major));
  }

  /** A source on a server. */
  public static TestDatabase source(EmbeddedServer server) throws SQLException {
    return new TestDatabase(server, Side.SOURCE, SOURCE_ROLE, APP).create(APP_OWNER);
  }

  /** A target on the shared server of a version. */
  public static TestDatabase target(int major) throws SQLException {
    return target(Servers.version(major));
  }

  /** A target on a server. */
  public static TestDatabase target(EmbeddedServer server) throws SQLException {
    return new TestDatabase(server, Side.TARGET, TARGET_ROLE, TARGET_ROLE).create(TARGET_ROLE);
  }

  /** A target whose role may not set {@code session_replication_role}. */
  public static TestDatabase plainTarget(int major) throws SQLException {
    return plainTarget(Servers.version(major));
  }

  /** A target on a server whose role may not set {@code session_replication_role}. */
  public static TestDatabase plainTarget(EmbeddedServer server) throws SQLException {
    return new TestDatabase(server, Side.TARGET, PLAIN_TARGET_ROLE, PLAIN_TARGET_ROLE)
        .create(PLAIN_TARGET_ROLE);
  }

  /** A source to which changes may flow back after a cutover. */
  public static TestDatabase reversibleSource(EmbeddedServer server) throws SQLException {
    return new TestDatabase(server, Side.SOURCE, REVERSIBLE_SOURCE_ROLE, APP).create(APP_OWNER);
  }

  /** A target from which changes may flow back after a cutover. */
  public static TestDatabase reversibleTarget(EmbeddedServer server) throws SQLException {
    return new TestDatabase(server, Side.TARGET, REVERSIBLE_TARGET_ROLE, REVERSIBLE_TARGET_ROLE)
        .create(REVERSIBLE_TARGET_ROLE);
  }

  /** The migration's role. */
  public String role() {
    return role;
  }

  /** The database's name. */
  public String name() {
    return name;
  }

  /** The server it is on. */
  public EmbeddedServer server() {
    return server;
  }

  /** The migration's URL, password included. */
  public String url() {
    return server.url(role, PASSWORD, name);
  }

  /** The application's URL on a source, the owner's on a target. */
  public String writerUrl() {
    return server.url(writer, PASSWORD, name);
  }

  /** The superuser's URL, for what only fixtures may do. */
  public String superuserUrl() {
    return server.superuserUrl(name);
  }

  /** The migration's way in. */
  public Endpoint endpoint() {
    return new Endpoint(
        side,
        "127.0.0.1",
        server.port(),
        name,
        role,
        new Secret(PASSWORD),
        Endpoint.Tls.disabled(),
        Duration.ofSeconds(10));
  }

  /** Connects as the application on a source, as the owner on a target. */
  public Connection writer() throws SQLException {
    return server.connect(writer, PASSWORD, name);
  }

  /** Connects as the migration's role, with the driver's defaults. */
  public Connection migrator() throws SQLException {
    return server.connect(role, PASSWORD, name);
  }

  /** Connects as the superuser, for what only fixtures may do. */
  public Connection superuser() throws SQLException {
    return server.superuser(name);
  }

  /** Runs statements as {@link #writer}; several are one transaction. */
  public TestDatabase execute(String sql) throws SQLException {
    try (var connection = writer()) {
      Sql.execute(connection, sql);
    }
    return this;
  }

  /** Runs statements as the superuser; several are one transaction. */
  public TestDatabase executeAsSuperuser(String sql) throws SQLException {
    try (var connection = superuser()) {
      Sql.execute(connection, sql);
    }
    return this;
  }

  /** The first column of a query's only row as text, read by the superuser; empty if null. */
  public Optional<String> text(String query) throws SQLException {
    try (var connection = superuser()) {
      return Sql.queryText(connection, query);
    }
  }

  /** The first column of a query's only row as a number, read by the superuser. */
  public long number(String query) throws SQLException {
    try (var connection = superuser()) {
      return Sql.queryLong(connection, query);
    }
  }

  /** Ends the program's sessions, as the server does when the network has been silent for long. */
  public void endSessions() throws SQLException {
    number(
        """
        SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name LIKE 'pgportage%'
        """);
  }

  /** Computes a materialized view anew, behind the fence if there is one. */
  public void refresh(String view) throws SQLException {
    executeAsSuperuser(
        "BEGIN; SET TRANSACTION READ WRITE; REFRESH MATERIALIZED VIEW " + view + "; COMMIT");
  }

  /** Ends its sessions, drops its slots, and drops it. The server must be running. */
  @Override
  public void close() throws SQLException {
    try (var connection = server.superuser("postgres")) {
      Sql.query(
          connection,
          """
          SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
           WHERE datname = ? AND pid <> pg_backend_pid()
          """,
          row -> row.getBoolean(1),
          name);
      Sql.query(
          connection,
          """
          SELECT pg_terminate_backend(active_pid, 10000), pg_drop_replication_slot(slot_name)
            FROM pg_replication_slots WHERE database = ?
          """,
          row -> row.getBoolean(1),
          name);
      Sql.execute(connection, "DROP DATABASE " + Quoting.identifier(name) + " WITH (FORCE)");
    }
  }

  private TestDatabase create(String owner) throws SQLException {
    prepare(server);
    try (var connection = server.superuser("postgres")) {
      Sql.execute(
          connection,
          "CREATE DATABASE "
              + Quoting.identifier(name)
              + " TEMPLATE template0 OWNER "
              + Quoting.identifier(owner));
    }
    return this;
  }

  private static void prepare(EmbeddedServer server) throws SQLException {
    synchronized (PREPARED) {
      if (!PREPARED.add(server)) {
        return;
      }
    }
    try (var connection = server.superuser("postgres")) {
      Sql.execute(
          connection,
          """
          CREATE ROLE app_owner;
          CREATE ROLE app LOGIN PASSWORD '%1$s' IN ROLE app_owner;
          ALTER ROLE app SET role = 'app_owner';
          CREATE ROLE migrator LOGIN REPLICATION PASSWORD '%1$s'
            IN ROLE app_owner, pg_signal_backend, pg_read_all_stats;
          CREATE ROLE target_migrator LOGIN PASSWORD '%1$s';
          GRANT SET ON PARAMETER session_replication_role TO target_migrator;
          CREATE ROLE target_plain LOGIN PASSWORD '%1$s';
          CREATE ROLE migrator_back LOGIN REPLICATION PASSWORD '%1$s'
            IN ROLE app_owner, pg_signal_backend, pg_read_all_stats;
          CREATE ROLE target_back LOGIN REPLICATION PASSWORD '%1$s'
            IN ROLE pg_signal_backend, pg_read_all_stats;
          GRANT SET ON PARAMETER session_replication_role TO migrator_back, target_back;
          """
              .formatted(PASSWORD));
    }
  }
}
