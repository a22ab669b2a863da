package dev.pgportage.state;

import dev.pgportage.pg.Sql;
import dev.pgportage.telemetry.Event;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.List;
import java.util.Locale;

/** The events of a migration, kept for the audit trail. */
public final class EventLog {
  /**
   * An event with its number.
   *
   * @param id grows with every event
   * @param event what happened
   */
  public record Entry(long id, Event event) {}

  private final String migration;

  /** The events of a migration. */
  public EventLog(String migration) {
    this.migration = migration;
  }

  /** Keeps an event. */
  public void append(Connection connection, Event event) throws SQLException {
    Sql.update(
        connection,
        """
        INSERT INTO pgportage.event (migration, at, level, kind, message)
        VALUES (?, ?, ?, ?, ?)
        """,
        migration,
        Timestamp.from(event.at()),
        event.level().name().toLowerCase(Locale.ROOT),
        event.kind(),
        event.message());
  }

  /** The events after a number, the oldest first. */
  public List<Entry> after(Connection connection, long id) throws SQLException {
    return Sql.query(
        connection,
        """
        SELECT id, at, level, kind, message FROM pgportage.event
        WHERE migration = ? AND id > ? ORDER BY id
        """,
        EventLog::entryOf,
        migration,
        id);
  }

  /** The same, but only so many of the newest. */
  public List<Entry> latestAfter(Connection connection, long id, int most) throws SQLException {
    return Sql.query(
            connection,
            """
            SELECT id, at, level, kind, message FROM pgportage.event
            WHERE migration = ? AND id > ? ORDER BY id DESC LIMIT ?
            """,
            EventLog::entryOf,
            migration,
            id,
            most)
        .reversed();
  }

  private static Entry entryOf(ResultSet row) throws SQLException {
    return new Entry(
        row.getLong(1),
        new Event(
            row.getTimestamp(2).toInstant(),
            Event.Level.valueOf(row.getString(3).toUpperCase(Locale.ROOT)),
            row.getString(4),
            row.getString(5)));
  }
}
