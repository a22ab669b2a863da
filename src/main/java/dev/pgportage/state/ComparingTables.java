package dev.pgportage.state;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import java.util.TreeSet;

/** Which tables a run is comparing just now, for whoever looks. */
public final class ComparingTables {
  private final Run run;

  /** Those of one run. */
  public ComparingTables(Run run) {
    this.run = run;
  }

  /** A table is being compared. */
  public void begin(Connection connection, QualifiedName table) throws SQLException {
    Sql.update(
        connection,
        """
        INSERT INTO pgportage.comparing (migration, schema_name, table_name, run_epoch)
        VALUES (?, ?, ?, ?)
        ON CONFLICT (migration, schema_name, table_name)
          DO UPDATE SET run_epoch = excluded.run_epoch, since = now()
        """,
        run.migration(),
        table.schema(),
        table.name(),
        run.epoch());
  }

  /** It is not any more. */
  public void end(Connection connection, QualifiedName table) throws SQLException {
    Sql.update(
        connection,
        """
        DELETE FROM pgportage.comparing WHERE migration = ? AND schema_name = ? AND table_name = ?
        """,
        run.migration(),
        table.schema(),
        table.name());
  }

  /** A validation is over, or failed: none is. */
  public void endAll(Connection connection) throws SQLException {
    Sql.update(connection, "DELETE FROM pgportage.comparing WHERE migration = ?", run.migration());
  }

  /** Those that the newest run of a migration is comparing, if it is running. */
  public static Set<QualifiedName> now(Connection connection, String migration)
      throws SQLException {
    return new TreeSet<>(
        Sql.query(
            connection,
            """
            SELECT c.schema_name, c.table_name FROM pgportage.comparing c
            JOIN pgportage.migration m ON m.name = c.migration AND m.run_epoch = c.run_epoch
            WHERE c.migration = ?
            """,
            row -> new QualifiedName(row.getString(1), row.getString(2)),
            migration));
  }
}
