package dev.pgportage.state;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where this program has set the target's sequences: one that stands elsewhere was used by somebody
 * else.
 */
public final class SequencesSet {
  /**
   * Where a sequence stands.
   *
   * @param lastValue its last value, or its first one if it was never called
   * @param called whether the last value was given out
   */
  public record Position(long lastValue, boolean called) {}

  private final String migration;

  /** Those of a migration. */
  public SequencesSet(String migration) {
    this.migration = migration;
  }

  /** Notes where a sequence stands since it was set. */
  public void save(Connection connection, QualifiedName sequence, Position position)
      throws SQLException {
    Sql.update(
        connection,
        """
        INSERT INTO pgportage.sequence_set (migration, schema_name, name, last_value, is_called)
        VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (migration, schema_name, name) DO UPDATE SET
          last_value = excluded.last_value, is_called = excluded.is_called, set_at = now()
        """,
        migration,
        sequence.schema(),
        sequence.name(),
        position.lastValue(),
        position.called());
  }

  /** Forgets all of them: the application has used them since. */
  public void forget(Connection connection) throws SQLException {
    Sql.update(connection, "DELETE FROM pgportage.sequence_set WHERE migration = ?", migration);
  }

  /** Where each was set, if it was. */
  public Map<QualifiedName, Position> all(Connection connection) throws SQLException {
    var set = new TreeMap<QualifiedName, Position>();
    Sql.query(
        connection,
        """
        SELECT schema_name, name, last_value, is_called FROM pgportage.sequence_set
        WHERE migration = ?
        """,
        row ->
            set.put(
                new QualifiedName(row.getString(1), row.getString(2)),
                new Position(row.getLong(3), row.getBoolean(4))),
        migration);
    return set;
  }
}
