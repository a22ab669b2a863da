package dev.pgportage.state;

import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/**
 * The lag as the process that runs a migration last measured it, for those who look from elsewhere:
 * an idle source's position moves on without anything being behind.
 */
public final class LagNote {
  private static final Duration FRESH = Duration.ofSeconds(10);

  private final String migration;

  /** The note of a migration. */
  public LagNote(String migration) {
    this.migration = migration;
  }

  /** Notes a lag. */
  public void write(Connection connection, Duration lag) throws SQLException {
    Sql.update(
        connection,
        """
        INSERT INTO pgportage.lag (migration, millis) VALUES (?, ?)
        ON CONFLICT (migration) DO UPDATE SET millis = excluded.millis, noted_at = now()
        """,
        migration,
        lag.toMillis());
  }

  /** What was noted in the last seconds, by the target's clock. */
  public Optional<Duration> read(Connection connection) throws SQLException {
    return Sql.queryFirst(
        connection,
        """
        SELECT millis FROM pgportage.lag
        WHERE migration = ? AND noted_at > clock_timestamp() - ? * interval '1 second'
        """,
        row -> Duration.ofMillis(row.getLong(1)),
        migration,
        FRESH.toSeconds());
  }
}
