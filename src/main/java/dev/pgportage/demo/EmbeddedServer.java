package dev.pgportage.demo;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A real PostgreSQL server of this program's own, on loopback, with {@code wal_level=logical}.
 *
 * <p>Its superuser {@code postgres} needs no password; every other role logs in with SCRAM. Without
 * a directory of the user's it lives in a temporary one, and {@link #close} leaves nothing of it.
 * It dies with this program, even with a killed one. Thread-safe.
 */
public final class EmbeddedServer implements AutoCloseable {
  private static final String SUPERUSER = "postgres";
  // Below the ports that Linux hands to outgoing connections, so a stopped server's stays free.
  private static final int FIRST_PORT = 15000;
  private static final int LAST_PORT = 32000;
  private static final int PORT_ATTEMPTS = 5;

  private final Options options;
  private final ServerBinaries binaries;
  private final ServerAccount account;
  private final Path directory;
  private final Path data;
  private final ServerWatch watch;
  private final Thread closer = new Thread(this::close, "embedded-server-closer");
  private Map<String, String> settings;
  private int port;
  private boolean running;
  private boolean closed;

  /**
   * What server to start.
   *
   * @param major PostgreSQL's major version, 15 to 18
   * @param port TCP port, or 0 for a free one
   * @param directory where it keeps its data, reused if there is some, kept on close; null for a
   *     temporary one
   * @param durable whether a committed transaction survives the machine's crash (fsync)
   * @param settings server settings over the defaults
   */
  public record Options(
      int major,
      int port,
      @Nullable Path directory,
      boolean durable,
      Map<String, String> settings) {
    /** Copies the settings. */
    public Options {
      settings = Map.copyOf(settings);
    }

    /** A durable server on a free port in a temporary directory. */
    public static Options version(int major) {
      return new Options(major, 0, null, true, Map.of());
    }

    /** The same on a fixed port. */
    public Options onPort(int fixed) {
      return new Options(major, fixed, directory, durable, settings);
    }

    /** The same with its data in a directory that outlives it. */
    public Options in(Path kept) {
      return new Options(major, port, kept, durable, settings);
    }

    /** The same without fsync: faster, and safe against everything but the machine's crash. */
    public Options notDurable() {
      return new Options(major, port, directory, false, settings);
    }

    /** The same with one more server setting. */
    public Options with(String name, String value) {
      var more = new TreeMap<>(settings);
      more.put(name, value);
      return new Options(major, port, directory, durable, more);
    }
  }

  private EmbeddedServer(Options options) throws IOException {
    this.options = options;
    this.settings = options.settings();
    this.port = options.port();
    binaries = ServerBinaries.of(options.major());
    account = ServerAccount.choose();
    Path kept = options.directory();
    directory =
        kept == null
            ? Files.createTempDirectory("pgportage-pg" + options.major() + "-")
            : Files.createDirectories(kept.toAbsolutePath());
    data = directory.resolve("data");
    watch = new ServerWatch(control("stop", "-m", "immediate"), kept == null ? directory : null);
  }

  /** Starts a server and returns once it answers. */
  public static EmbeddedServer start(Options options) {
    EmbeddedServer server;
    try {
      server = new EmbeddedServer(options);
    } catch (IOException e) {
      throw unavailable(options.major(), e.getMessage(), e);
    }
    try {
      Runtime.getRuntime().addShutdownHook(server.closer);
      server.startFirst();
      return server;
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /** The major version. */
  public int major() {
    return options.major();
  }

  /** The TCP port on 127.0.0.1; the same over restarts. */
  public synchronized int port() {
    return port;
  }

  /** Where the server's data and log lie. */
  public Path directory() {
    return directory;
  }

  /** A connection URL for a role; its parts may hold any character. */
  public String url(String user, @Nullable String password, String database) {
    String login = encode(user) + (password == null ? "" : ":" + encode(password));
    return "postgresql://"
        + login
        + "@127.0.0.1:"
        + port()
        + "/"
        + encode(database)
        + "?sslmode=disable";
  }

  /** A connection URL for the superuser. */
  public String superuserUrl(String database) {
    return url(SUPERUSER, null, database);
  }

  /** Connects as the superuser. */
  public Connection superuser(String database) throws SQLException {
    return connect(SUPERUSER, null, database);
  }

  /** Connects as a role, with the driver's defaults. */
  public Connection connect(String user, @Nullable String password, String database)
      throws SQLException {
    var properties = new Properties();
    properties.setProperty("user", user);
    if (password != null) {
      properties.setProperty("password", password);
    }
    properties.setProperty("sslmode", "disable");
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port() + "/" + encode(database), properties);
  }

  /** Starts the server again on its data and port; nothing happens if it runs. */
  public synchronized void start() {
    if (closed) {
      throw new IllegalStateException("the server is closed");
    }
    if (running) {
      return;
    }
    boolean anyPort = port == 0;
    String failure = "";
    for (int attempt = 0; attempt < (anyPort ? PORT_ATTEMPTS : 1); attempt++) {
      if (anyPort) {
        port = freePort();
      }
      failure = boot();
      if (failure.isEmpty()) {
        running = true;
        return;
      }
    }
    throw unavailable(options.major(), failure, null);
  }

  /** Ends sessions and stops the server in good order; its data is kept. */
  public synchronized void stop() {
    if (running && !control("stop", "-m", "fast", "-t", "30").run().succeeded()) {
      // A replication client that does not answer holds a fast shutdown up for good.
      control("stop", "-m", "immediate").run();
    }
    running = false;
  }

  /** Stops the server as a crash does, so that its next start recovers from WAL. */
  public synchronized void stopImmediately() {
    if (running) {
      control("stop", "-m", "immediate").run();
    }
    running = false;
  }

  /** Stops the server in good order and starts it again. */
  public synchronized void restart() {
    stop();
    start();
  }

  /** Restarts with other settings over the defaults, in place of those given so far. */
  public synchronized void restart(Map<String, String> changed) {
    settings = Map.copyOf(changed);
    restart();
  }

  /** Stops the server and removes everything of it, but for a directory given by the user. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (options.directory() == null) {
      stopImmediately();
    } else {
      stop();
    }
    watch.close();
    forgetCloser();
    if (options.directory() == null) {
      try {
        ServerBinaries.delete(directory);
      } catch (IOException e) {
        throw new MigrationException(
            ErrorCode.DEMO_UNAVAILABLE, "Removing " + directory + " failed", e);
      }
    }
  }

  private void forgetCloser() {
    try {
      Runtime.getRuntime().removeShutdownHook(closer);
    } catch (IllegalStateException _) {
      // The program is ending: the hook runs now and finds the server closed.
    }
  }

  /** Makes the data directory and starts; holds the lock, so that a close waits for its end. */
  private synchronized void startFirst() {
    try {
      if (!closed) {
        account.own(directory);
        initialize();
      }
      start();
    } catch (IOException e) {
      throw unavailable(options.major(), e.getMessage(), e);
    }
  }

  private void initialize() throws IOException {
    if (!Files.exists(data.resolve("PG_VERSION"))) {
      var made =
          Command.of(
                  account.prefix(),
                  binaries.program("initdb"),
                  "--pgdata=" + data,
                  "--username=" + SUPERUSER,
                  "--auth=trust",
                  "--encoding=UTF8",
                  "--no-locale",
                  "--no-sync")
              .run();
      if (!made.succeeded()) {
        throw unavailable(options.major(), made.output(), null);
      }
      Path configuration = data.resolve("postgresql.conf");
      Files.writeString(
          configuration,
          Files.readString(configuration) + "\ninclude_if_exists = 'pgportage.conf'\n");
    }
    Files.writeString(
        data.resolve("pg_hba.conf"),
        """
        host all         postgres 127.0.0.1/32 trust
        host replication postgres 127.0.0.1/32 trust
        host all         all      127.0.0.1/32 scram-sha-256
        host replication all      127.0.0.1/32 scram-sha-256
        """);
  }

  /** Starts the postmaster; returns why it did not start, or an empty text. */
  private String boot() {
    Path log = data.resolve("server.log");
    try {
      Files.writeString(data.resolve("pgportage.conf"), configuration());
      var started = control("start", "--wait", "--timeout=120", "--log=" + log);
      var outcome = started.run();
      return outcome.succeeded() ? "" : outcome.output() + "\n" + tail(log);
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private String configuration() {
    var all = new TreeMap<String, String>();
    all.put("port", String.valueOf(port));
    all.put("listen_addresses", "127.0.0.1");
    all.put("unix_socket_directories", "");
    all.put("wal_level", "logical");
    all.put("max_replication_slots", "20");
    all.put("max_wal_senders", "20");
    all.put("max_connections", "100");
    all.put("timezone", "UTC");
    all.put("log_timezone", "UTC");
    if (!options.durable()) {
      all.put("fsync", "off");
      all.put("full_page_writes", "off");
    }
    all.putAll(settings);
    return all.entrySet().stream()
        .map(e -> e.getKey() + " = '" + e.getValue().replace("'", "''") + "'\n")
        .collect(Collectors.joining());
  }

  private Command control(String... arguments) {
    var prefix = new ArrayList<>(account.prefix());
    prefix.addAll(List.of(binaries.program("pg_ctl"), "--pgdata=" + data));
    return Command.of(prefix, arguments);
  }

  private static String tail(Path log) throws IOException {
    if (!Files.exists(log)) {
      return "";
    }
    List<String> lines = Files.readAllLines(log);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 5), lines.size()));
  }

  private static int freePort() {
    for (int attempt = 0; attempt < 1000; attempt++) {
      int candidate = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
      try (var _ = new ServerSocket(candidate, 1, InetAddress.getLoopbackAddress())) {
        return candidate;
      } catch (IOException _) {
        // Taken: try another.
      }
    }
    throw new MigrationException(ErrorCode.DEMO_UNAVAILABLE, "No free TCP port on loopback");
  }

  private static String encode(String part) {
    return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static MigrationException unavailable(
      int major, @Nullable String why, @Nullable Throwable cause) {
    return new MigrationException(
        ErrorCode.DEMO_UNAVAILABLE,
        "The embedded PostgreSQL " + major + " does not start: " + why,
        "See the server's words above; usual causes are no room on the disk, and a container that"
            + " allows root neither user namespaces nor setpriv (run as another user there).",
        cause);
  }
}
