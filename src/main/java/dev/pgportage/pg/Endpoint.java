package dev.pgportage.pg;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a database is and how to get in: the resolved form of a connection URL.
 *
 * @param side which of the two databases this is
 * @param host name or address
 * @param port TCP port
 * @param database the database's name
 * @param user the role to log in as; may differ from {@code current_user} behind a proxy
 * @param password its password, asked for anew with each session where it does not stay the same;
 *     or null where the server asks for none
 * @param tls how the connection is protected
 * @param connectTimeout how long to wait for a connection
 */
public record Endpoint(
    Side side,
    String host,
    int port,
    String database,
    String user,
    @Nullable Secret password,
    Tls tls,
    Duration connectTimeout) {

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "::1", "[::1]");

  /**
   * TLS settings, named as in libpq.
   *
   * @param mode {@code disable}, {@code prefer}, {@code require}, {@code verify-ca} or {@code
   *     verify-full}
   * @param rootCert file with the trusted certificates, {@code system} for the platform's, or null
   *     for libpq's default
   * @param cert client certificate file, or null
   * @param key client key file (PKCS-8 DER or PKCS-12), or null
   * @param direct whether TLS starts without a request ({@code sslnegotiation=direct})
   */
  public record Tls(
      String mode,
      @Nullable String rootCert,
      @Nullable String cert,
      @Nullable String key,
      boolean direct) {
    /** No protection; only sensible on loopback. */
    public static Tls disabled() {
      return new Tls("disable", null, null, null, false);
    }
  }

  /** Whether the host is this machine, so that TLS protects nothing. */
  public static boolean isLoopback(String host) {
    return LOOPBACK.contains(host) || host.startsWith("127.");
  }

  /** A host as URLs hold it: an IPv6 address in brackets. */
  public static String bracketed(String host) {
    return host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
  }

  /** {@code user@host:port/database}: for messages, without the password. */
  @Override
  public String toString() {
    return user + "@" + host + ":" + port + "/" + database;
  }
}
