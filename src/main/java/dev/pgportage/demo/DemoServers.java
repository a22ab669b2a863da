package dev.pgportage.demo;

import dev.pgportage.pg.Sql;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HexFormat;

/**
 * The demonstration's two servers with a shop's database each, the target's empty, and the roles a
 * real migration has: none is a superuser.
 *
 * @param source has the shop, owned by {@code shop_owner}
 * @param target has an empty database, owned by {@code shop_target}
 * @param password of every role, made for this run
 */
record DemoServers(EmbeddedServer source, EmbeddedServer target, String password)
    implements AutoCloseable {
  static final int SOURCE_MAJOR = 15;
  private static final String DATABASE = "shop";

  /** Starts both, durable as in production, and makes roles and databases. */
  static DemoServers start(int targetMajor) throws SQLException {
    String password = newPassword();
    EmbeddedServer source = EmbeddedServer.start(options(SOURCE_MAJOR));
    try {
      EmbeddedServer target = EmbeddedServer.start(options(targetMajor));
      var servers = new DemoServers(source, target, password);
      try {
        servers.prepare();
        return servers;
      } catch (SQLException | RuntimeException e) {
        target.close();
        throw e;
      }
    } catch (SQLException | RuntimeException e) {
      source.close();
      throw e;
    }
  }

  private static EmbeddedServer.Options options(int major) {
    return EmbeddedServer.Options.version(major)
        .with("max_wal_size", "2GB")
        .with("shared_buffers", "128MB");
  }

  private static String newPassword() {
    byte[] bytes = new byte[16];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private void prepare() throws SQLException {
    try (Connection superuser = source.superuser("postgres")) {
      Sql.execute(
          superuser,
          """
          CREATE ROLE shop_owner;
          CREATE ROLE shop_app LOGIN PASSWORD '%1$s' IN ROLE shop_owner;
          ALTER ROLE shop_app SET role = 'shop_owner';
          CREATE ROLE migrator LOGIN REPLICATION PASSWORD '%1$s'
            IN ROLE shop_owner, pg_signal_backend, pg_read_all_stats;
          GRANT SET ON PARAMETER session_replication_role TO migrator
          """
              .formatted(password));
      Sql.execute(superuser, "CREATE DATABASE shop TEMPLATE template0 OWNER shop_owner");
    }
    try (Connection superuser = target.superuser("postgres")) {
      Sql.execute(
          superuser,
          """
          CREATE ROLE shop_target LOGIN REPLICATION PASSWORD '%1$s'
            IN ROLE pg_signal_backend, pg_read_all_stats;
          GRANT SET ON PARAMETER session_replication_role TO shop_target;
          CREATE ROLE shop_app LOGIN PASSWORD '%1$s' IN ROLE shop_target;
          ALTER ROLE shop_app SET role = 'shop_target'
          """
              .formatted(password));
      Sql.execute(superuser, "CREATE DATABASE shop TEMPLATE template0 OWNER shop_target");
    }
  }

  /** A session of the application on the source. */
  Connection sourceApp() throws SQLException {
    return source.connect("shop_app", password, DATABASE);
  }

  /** A session of the application on the target. */
  Connection targetApp() throws SQLException {
    return target.connect("shop_app", password, DATABASE);
  }

  /** A session on the source that sees everything. */
  Connection sourceSuperuser() throws SQLException {
    return source.superuser(DATABASE);
  }

  /** A session on the target that sees everything. */
  Connection targetSuperuser() throws SQLException {
    return target.superuser(DATABASE);
  }

  /** The migration's settings, as a user would write them. */
  String migrationYaml() {
    return """
        name: demo
        source: "%s"
        target: "%s"
        load:
          workers: 2
        """
        .formatted(
            source.url("migrator", password, DATABASE),
            target.url("shop_target", password, DATABASE));
  }

  @Override
  public void close() {
    try (source) {
      target.close();
    }
  }

  @Override
  public String toString() {
    return "PostgreSQL " + source.major() + " and " + target.major();
  }
}
