package dev.pgportage.pg;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.WeakHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of the two databases: opens sessions that all speak the same dialect of text.
 *
 * <p>Every session has {@code search_path = pg_catalog}, UTC, ISO dates, hexadecimal bytea, C
 * money, row security off (so that hidden rows are an error, not an absence), no timeouts, and may
 * write even while the database is fenced read-only. Thread-safe; connections are the caller's to
 * close.
 */
public final class Database {
  /** Settings under which two servers print the same value as the same text. */
  private static final String SESSION_SETTINGS =
      """
      SELECT set_config(name, value, false)
      FROM (VALUES
        ('search_path', 'pg_catalog'), ('TimeZone', 'UTC'), ('DateStyle', 'ISO, YMD'),
        ('IntervalStyle', 'postgres'), ('extra_float_digits', '3'), ('bytea_output', 'hex'),
        ('xmloption', 'content'), ('lc_monetary', 'C'), ('row_security', 'off'),
        ('default_transaction_read_only', 'off'),
        ('default_transaction_isolation', 'read committed'),
        ('statement_timeout', '0'), ('lock_timeout', '0'), ('idle_session_timeout', '0'),
        ('idle_in_transaction_session_timeout', '0'), ('transaction_timeout', '0'),
        ('standard_conforming_strings', 'on'), ('quote_all_identifiers', 'off'),
        ('client_min_messages', 'warning'), ('jit', 'off')
      ) AS wanted (name, value)
      JOIN pg_settings USING (name)
      """;

  private static final Logger LOG = LoggerFactory.getLogger(Database.class);
  private static final String NOT_OFFERED = "08004";

  static {
    DerivedKeys.install();
  }

  private final Endpoint endpoint;
  private final String application;

  /** A session of this process. */
  private record Opened(Endpoint endpoint, String application, String purpose) {}

  /** The sessions of this process, as long as anybody refers to them. */
  private static final Map<Connection, Opened> OPENED =
      Collections.synchronizedMap(new WeakHashMap<>());

  /**
   * A database and how this program shows itself there.
   *
   * @param application the start of every session's {@code application_name}; sessions of one
   *     migration are recognised by it
   */
  public Database(Endpoint endpoint, String application) {
    this.endpoint = endpoint;
    this.application = application;
  }

  /** Where this database is. */
  public Endpoint endpoint() {
    return endpoint;
  }

  /** Which of the two this is. */
  public Side side() {
    return endpoint.side();
  }

  /** The start of every session's {@code application_name}. */
  public String application() {
    return application;
  }

  /**
   * Opens a session in auto-commit mode.
   *
   * @param purpose what the session is for, one word: it ends its {@code application_name}
   */
  public Connection open(String purpose) {
    Connection connection = connect(() -> properties(purpose));
    try {
      Sql.query(connection, SESSION_SETTINGS, row -> row.getString(1));
      OPENED.put(connection, new Opened(endpoint, application, purpose));
      return connection;
    } catch (SQLException e) {
      closeAfter(connection, e);
      throw failure(e);
    }
  }

  /** Opens a replication session ({@code replication=database}). */
  public ReplicationConnection openReplication(String purpose) {
    Connection connection = connect(() -> replicationProperties(purpose));
    try {
      ReplicationConnection.prepare(connection);
      OPENED.put(connection, new Opened(endpoint, application, purpose));
      return new ReplicationConnection(connection, endpoint);
    } catch (SQLException e) {
      closeAfter(connection, e);
      throw failure(e);
    }
  }

  /**
   * Cuts sessions that this process opened to this database under this application's name, from
   * another thread, whatever they are doing, even if nothing answers any more: whoever waits for
   * one sees a lost connection.
   *
   * @param purposes of which sessions, as they were opened
   */
  public void abort(Predicate<String> purposes) {
    for (Connection session : sessions(purposes)) {
      OPENED.remove(session);
      // Else the server would work on for nobody; whether it hears of it is not waited for.
      Thread.ofVirtual().start(() -> cancel(session));
      cut(session);
    }
  }

  /**
   * Cuts a session from any thread, whatever it is doing: the server rolls back.
   *
   * @param session null if there is none
   */
  public static void cut(@Nullable Connection session) {
    if (session == null) {
      return;
    }
    try {
      session.abort(Runnable::run);
    } catch (SQLException e) {
      // It is of no use either way; the server ends it when it notices.
      LOG.debug("Cutting a session: {}", SqlFailures.describe(e));
    }
  }

  private List<Connection> sessions(Predicate<String> purposes) {
    synchronized (OPENED) {
      return OPENED.entrySet().stream()
          .filter(e -> e.getValue().endpoint().equals(endpoint))
          .filter(e -> e.getValue().application().equals(application))
          .filter(e -> purposes.test(e.getValue().purpose()))
          .map(Map.Entry::getKey)
          .toList();
    }
  }

  private static void cancel(Connection session) {
    try {
      session.unwrap(PGConnection.class).cancelQuery();
    } catch (SQLException e) {
      LOG.debug("Cancelling a statement: {}", SqlFailures.describe(e));
    }
  }

  private Properties replicationProperties(String purpose) {
    Properties properties = properties(purpose);
    PGProperty.REPLICATION.set(properties, "database");
    PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
    PGProperty.SOCKET_FACTORY_ARG.set(properties, WatchedSockets.STREAM);
    return properties;
  }

  /** Connects; a refused password that may have been changed meanwhile is asked for once more. */
  private Connection connect(Supplier<Properties> properties) {
    try {
      return connect(properties.get());
    } catch (MigrationException e) {
      Secret password = endpoint.password();
      if (e.code() == ErrorCode.AUTHENTICATION_FAILED && password != null && password.renew()) {
        return connect(properties.get());
      }
      throw e;
    }
  }

  private Connection connect(Properties properties) {
    String url =
        "jdbc:postgresql://"
            + Endpoint.bracketed(endpoint.host())
            + ":"
            + endpoint.port()
            + "/"
            + java.net.URLEncoder.encode(
                endpoint.database(), java.nio.charset.StandardCharsets.UTF_8);
    try {
      return DriverManager.getConnection(url, properties);
    } catch (SQLException e) {
      throw failure(e);
    }
  }

  private Properties properties(String purpose) {
    var properties = new Properties();
    PGProperty.USER.set(properties, endpoint.user());
    Secret password = endpoint.password();
    // An empty password keeps the driver from looking for a pass file of its own.
    PGProperty.PASSWORD.set(properties, password == null ? "" : password.reveal());
    String name = application + " " + purpose;
    PGProperty.APPLICATION_NAME.set(properties, name.substring(0, Math.min(63, name.length())));
    // Else the driver names the session only after it has begun, and a fence takes it for
    // another's.
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "12");
    int seconds = (int) Math.max(1, endpoint.connectTimeout().toSeconds());
    PGProperty.CONNECT_TIMEOUT.set(properties, seconds);
    PGProperty.LOGIN_TIMEOUT.set(properties, seconds * 2);
    PGProperty.TCP_KEEP_ALIVE.set(properties, true);
    PGProperty.SOCKET_FACTORY.set(properties, WatchedSockets.class.getName());
    PGProperty.STRING_TYPE.set(properties, "unspecified");
    PGProperty.LOG_SERVER_ERROR_DETAIL.set(properties, false);
    PGProperty.GSS_ENC_MODE.set(properties, "disable");
    addTls(properties, endpoint.tls());
    return properties;
  }

  private static void addTls(Properties properties, Endpoint.Tls tls) {
    PGProperty.SSL_MODE.set(properties, tls.mode());
    if (tls.mode().equals("disable")) {
      return;
    }
    String rootCert = tls.rootCert();
    Path usual = Path.of(System.getProperty("user.home", ""), ".postgresql", "root.crt");
    if (rootCert != null && !rootCert.equals("system")) {
      PGProperty.SSL_ROOT_CERT.set(properties, rootCert);
    } else if (rootCert != null || (tls.mode().startsWith("verify") && !Files.exists(usual))) {
      PGProperty.SSL_FACTORY.set(properties, "org.postgresql.ssl.DefaultJavaSSLFactory");
    }
    if (tls.cert() != null) {
      PGProperty.SSL_CERT.set(properties, tls.cert());
    }
    if (tls.key() != null) {
      PGProperty.SSL_KEY.set(properties, tls.key());
    }
    if (tls.direct()) {
      PGProperty.SSL_NEGOTIATION.set(properties, "direct");
    }
  }

  private static void closeAfter(Connection connection, SQLException first) {
    try {
      connection.close();
    } catch (SQLException e) {
      first.addSuppressed(e);
    }
  }

  private MigrationException failure(SQLException error) {
    ErrorCode code = codeOf(error);
    String what = "Cannot connect to the " + side() + " " + endpoint;
    if (NOT_OFFERED.equals(error.getSQLState())) {
      return code == ErrorCode.TLS_FAILED
          ? new MigrationException(
              code,
              what + ": the server does not offer TLS",
              "Turn TLS on there (ssl = on); sslmode=disable is for loopback and networks nobody"
                  + " else is on.",
              error)
          : new MigrationException(code, what + ": " + SqlFailures.describe(error), error);
    }
    return switch (code) {
      case HOST_UNKNOWN, CONNECTION_REFUSED, CONNECTION_TIMEOUT ->
          new MigrationException(code, what + ": " + reason(code), error);
      // Its state says no more than that the connection failed.
      case TLS_FAILED ->
          new MigrationException(code, what + ": " + SqlFailures.describe(error), error);
      default -> SqlFailures.translate(error, code, what);
    };
  }

  private static String reason(ErrorCode code) {
    return switch (code) {
      case HOST_UNKNOWN -> "the host name does not resolve";
      case CONNECTION_TIMEOUT -> "no answer in time";
      default -> "nothing accepts connections there";
    };
  }

  private static ErrorCode codeOf(SQLException error) {
    for (@Nullable Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnknownHostException) {
        return ErrorCode.HOST_UNKNOWN;
      }
      if (cause instanceof SocketTimeoutException) {
        return ErrorCode.CONNECTION_TIMEOUT;
      }
      if (cause instanceof SSLException) {
        return ErrorCode.TLS_FAILED;
      }
      if (cause instanceof ConnectException) {
        return ErrorCode.CONNECTION_REFUSED;
      }
    }
    String state = error.getSQLState() == null ? "" : error.getSQLState();
    return switch (state) {
      case "28P01", "28000" -> ErrorCode.AUTHENTICATION_FAILED;
      case "3D000" -> ErrorCode.DATABASE_UNKNOWN;
      case "53300" -> ErrorCode.TOO_MANY_CONNECTIONS;
      // Without a cause below it, the driver's own login timeout has run out.
      case "08001" ->
          error.getCause() == null ? ErrorCode.CONNECTION_TIMEOUT : ErrorCode.CONNECTION_REFUSED;
      // The driver's own: the server offers no TLS, or wants a password and none is known.
      case NOT_OFFERED ->
          String.valueOf(error.getMessage()).contains("SSL")
              ? ErrorCode.TLS_FAILED
              : ErrorCode.AUTHENTICATION_FAILED;
      default -> ErrorCode.CONNECTION_LOST;
    };
  }
}
