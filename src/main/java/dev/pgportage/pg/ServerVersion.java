package dev.pgportage.pg;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * A server's version as {@code server_version_num} gives it.
 *
 * @param number such as 150018 for 15.18
 */
public record ServerVersion(int number) implements Comparable<ServerVersion> {
  /** Asks a server. */
  public static ServerVersion of(Connection connection) throws SQLException {
    return new ServerVersion((int) Sql.queryLong(connection, "SHOW server_version_num"));
  }

  /** The major version, such as 15. */
  public int major() {
    return number / 10_000;
  }

  /** Whether the server is of this major version or a newer one. */
  public boolean isAtLeast(int majorVersion) {
    return major() >= majorVersion;
  }

  @Override
  public int compareTo(ServerVersion other) {
    return Integer.compare(number, other.number);
  }

  @Override
  public String toString() {
    return major() + "." + number % 10_000;
  }
}
