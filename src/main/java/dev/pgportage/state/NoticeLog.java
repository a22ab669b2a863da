package dev.pgportage.state;

import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What people were told of a migration, so that a resumed run does not tell it again, and how the
 * channels fare.
 */
public final class NoticeLog {
  /**
   * Something that was told on a channel and has not ended.
   *
   * @param channel the channel's name
   * @param topic what it was about
   */
  public record Told(String channel, String topic) {}

  /**
   * How a channel fares.
   *
   * @param name its name
   * @param sent how many messages it took
   * @param sentAt when it took the last one
   * @param failingSince since when it takes none, if it does not
   * @param failure why not; no secrets
   */
  public record Channel(
      String name,
      long sent,
      Optional<Instant> sentAt,
      Optional<Instant> failingSince,
      Optional<String> failure) {}

  private final String migration;

  /** What was told of a migration. */
  public NoticeLog(String migration) {
    this.migration = migration;
  }

  /** All that was told and has not ended. */
  public List<Told> open(Connection connection) throws SQLException {
    return Sql.query(
        connection,
        "SELECT channel, topic FROM pgportage.notice WHERE migration = ?",
        row -> new Told(row.getString(1), row.getString(2)),
        migration);
  }

  /** Notes that a channel took a message about a topic. */
  public void sent(Connection connection, Told told, String kind, String headline)
      throws SQLException {
    Sql.update(
        connection,
        """
        INSERT INTO pgportage.notice (migration, channel, topic, kind, headline)
        VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (migration, channel, topic) DO UPDATE
          SET kind = excluded.kind, headline = excluded.headline, sent_at = now()
        """,
        migration,
        told.channel(),
        told.topic(),
        kind,
        headline);
  }

  /** Notes that a topic has ended, so that it is told again when it comes again. */
  public void ended(Connection connection, Told told) throws SQLException {
    Sql.update(
        connection,
        "DELETE FROM pgportage.notice WHERE migration = ? AND channel = ? AND topic = ?",
        migration,
        told.channel(),
        told.topic());
  }

  /** Notes that a channel took a message. */
  public void works(Connection connection, String channel) throws SQLException {
    Sql.update(
        connection,
        """
        INSERT INTO pgportage.channel (migration, name, sent, sent_at) VALUES (?, ?, 1, now())
        ON CONFLICT (migration, name) DO UPDATE
          SET sent = channel.sent + 1, sent_at = now(), failing_since = NULL, failure = NULL
        """,
        migration,
        channel);
  }

  /** Notes that a channel does not take messages, and why. */
  public void fails(Connection connection, String channel, String why) throws SQLException {
    Sql.update(
        connection,
        """
        INSERT INTO pgportage.channel (migration, name, failing_since, failure)
        VALUES (?, ?, now(), ?)
        ON CONFLICT (migration, name) DO UPDATE
          SET failing_since = coalesce(channel.failing_since, now()), failure = excluded.failure
        """,
        migration,
        channel,
        why);
  }

  /** All channels that were ever used, by name. */
  public List<Channel> channels(Connection connection) throws SQLException {
    return Sql.query(
        connection,
        """
        SELECT name, sent, sent_at, failing_since, failure FROM pgportage.channel
        WHERE migration = ? ORDER BY name
        """,
        row ->
            new Channel(
                row.getString(1),
                row.getLong(2),
                Optional.ofNullable(row.getTimestamp(3)).map(Timestamp::toInstant),
                Optional.ofNullable(row.getTimestamp(4)).map(Timestamp::toInstant),
                Optional.ofNullable(row.getString(5))),
        migration);
  }
}
