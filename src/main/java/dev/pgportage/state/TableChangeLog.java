package dev.pgportage.state;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which tables of the target were changed, noted in the transaction that changes them: at the first
 * change after each moment at which both sides are compared. A proof holds as long as no later
 * change than its LSN is noted.
 */
public final class TableChangeLog {
  private final String migration;

  /** The changes of a migration. */
  public TableChangeLog(String migration) {
    this.migration = migration;
  }

  /** Notes tables within the transaction that changes them and leads to a position. */
  public void note(Connection transaction, Collection<QualifiedName> tables, Lsn position)
      throws SQLException {
    if (tables.isEmpty()) {
      return;
    }
    // In one order everywhere, so that two transactions cannot wait for each other.
    List<QualifiedName> sorted = List.copyOf(new TreeSet<>(tables));
    Sql.update(
        transaction,
        """
        INSERT INTO pgportage.table_change (migration, schema_name, table_name, changed_lsn)
        SELECT ?, s, t, ?::pg_lsn FROM unnest(?, ?) AS touched (s, t)
        ON CONFLICT (migration, schema_name, table_name) DO UPDATE
          SET changed_lsn = greatest(table_change.changed_lsn, excluded.changed_lsn)
        """,
        migration,
        position.toString(),
        sorted.stream().map(QualifiedName::schema).toArray(String[]::new),
        sorted.stream().map(QualifiedName::name).toArray(String[]::new));
  }

  /** When each table was last noted as changed. */
  public Map<QualifiedName, Lsn> all(Connection connection) throws SQLException {
    var changes = new TreeMap<QualifiedName, Lsn>();
    Sql.query(
        connection,
        """
        SELECT schema_name, table_name, changed_lsn FROM pgportage.table_change WHERE migration = ?
        """,
        row ->
            changes.put(
                new QualifiedName(row.getString(1), row.getString(2)), Lsn.parse(row.getString(3))),
        migration);
    return changes;
  }
}
