package dev.pgportage.testing;

import dev.pgportage.demo.EmbeddedServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/** A real PgBouncer on loopback, between clients and a source; Debian's package. */
public final class Pooler implements AutoCloseable {
  private static final Path PROGRAM = Path.of("/usr/sbin/pgbouncer");
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String SECRET = "admin secret";

  private final Path directory;
  private final int port;
  private final String user;
  private final Process process;

  /** Starts one that leads {@code shop} to a database, for the application's role. */
  public static Pooler before(TestDatabase database, String mode) throws IOException {
    return before(database.server(), database.name(), TestDatabase.APP, mode);
  }

  /** The same, to which only TLS leads, and a login by SCRAM. */
  public static Pooler secured(TestDatabase database, String mode) throws IOException {
    Path directory = directory();
    TlsFiles files = TlsFiles.make(directory, "ip:127.0.0.1");
    if (isRoot()) {
      Files.setOwner(
          files.key(),
          directory
              .getFileSystem()
              .getUserPrincipalLookupService()
              .lookupPrincipalByName("nobody"));
    }
    return before(
        directory,
        database.server(),
        database.name(),
        TestDatabase.APP,
        """
        pool_mode = %s
        auth_type = scram-sha-256
        client_tls_sslmode = require
        client_tls_cert_file = %s
        client_tls_key_file = %s
        """
            .formatted(mode, files.certificate(), files.key()));
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  private static Path directory() throws IOException {
    if (!Files.isExecutable(PROGRAM)) {
      throw new AssertionError("PgBouncer is missing: apt-get install pgbouncer");
    }
    Path directory = Files.createTempDirectory("pgportage-pgbouncer-");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    return directory;
  }

  /**
   * Starts one that leads {@code shop} to a database.
   *
   * @param user the clients' role
   * @param mode PgBouncer's {@code pool_mode}
   */
  public static Pooler before(EmbeddedServer server, String database, String user, String mode)
      throws IOException {
    return before(
        directory(), server, database, user, "pool_mode = " + mode + "\nauth_type = plain");
  }

  private static Pooler before(
      Path directory, EmbeddedServer server, String database, String user, String settings)
      throws IOException {
    int port;
    try (var free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Files.writeString(
        directory.resolve("users.txt"),
        "\"%s\" \"%s\"\n\"boss\" \"%s\"\n".formatted(user, TestDatabase.PASSWORD, SECRET));
    Files.writeString(
        directory.resolve("pgbouncer.ini"),
        """
        %%include %s
        [pgbouncer]
        listen_addr = 127.0.0.1
        listen_port = %d
        unix_socket_dir =
        auth_file = %s
        admin_users = boss
        %s
        default_pool_size = 10
        max_client_conn = 200
        ignore_startup_parameters = extra_float_digits
        server_login_retry = 1
        """
            .formatted(
                directory.resolve("databases.ini"),
                port,
                directory.resolve("users.txt"),
                settings));
    Files.writeString(
        directory.resolve("databases.ini"),
        """
        ; by hand
        [databases]
        other = host=127.0.0.1 port=1 dbname=nowhere
        shop = host=127.0.0.1 port=%d dbname=%s pool_size=8 ; kept
        """
            .formatted(server.port(), database)
            .replace(" ; kept", ""));
    return new Pooler(directory, port, user);
  }

  private Pooler(Path directory, int port, String user) throws IOException {
    this.directory = directory;
    this.port = port;
    this.user = user;
    var command = new ArrayList<>(List.of(PROGRAM.toString()));
    if (isRoot()) {
      command.addAll(List.of("-u", "nobody"));
    }
    command.add(directory.resolve("pgbouncer.ini").toString());
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    await();
  }

  private void await() throws IOException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (console("SHOW VERSION").isEmpty()) {
      if (!process.isAlive() || System.nanoTime() > end) {
        throw new AssertionError(Files.readString(directory.resolve("log")));
      }
    }
  }

  /** What psql prints of a command; empty if nothing answers. */
  private String console(String command) throws IOException {
    var builder =
        new ProcessBuilder("psql", "-XAtq", "-c", command)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder
        .environment()
        .putAll(
            Map.of(
                "PGHOST",
                "127.0.0.1",
                "PGPORT",
                Integer.toString(port),
                "PGUSER",
                "boss",
                "PGPASSWORD",
                SECRET,
                "PGDATABASE",
                "pgbouncer"));
    return new String(builder.start().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  /** What the settings call it: the console's URL and the file. */
  public String setting() {
    return "postgresql://boss:admin%20secret@127.0.0.1:"
        + port
        + "/pgbouncer "
        + directory.resolve("pgbouncer.ini");
  }

  /** The same for one to which only TLS leads. */
  public String verifiedSetting() {
    return setting()
        .replace(
            "/pgbouncer ",
            "/pgbouncer?sslmode=verify-full&sslrootcert=" + directory.resolve("server.crt") + " ");
  }

  /** The same without the file. */
  public String settingWithoutFile() {
    return setting().split(" ", 2)[0];
  }

  /** The file with the databases. */
  public Path databases() {
    return directory.resolve("databases.ini");
  }

  /** A client's connection through it. */
  public Connection connect() throws SQLException {
    var properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("password", TestDatabase.PASSWORD);
    properties.setProperty("preferQueryMode", "simple");
    properties.setProperty("sslmode", "prefer");
    return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/shop", properties);
  }

  /** Whether its clients are kept waiting. */
  public boolean isPaused() throws IOException {
    return console("SHOW DATABASES")
        .lines()
        .map(line -> line.split("\\|", -1))
        .anyMatch(row -> row[0].equals("shop") && !row[row.length - 2].equals("0"));
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }
}
