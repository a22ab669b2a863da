package dev.pgportage.state;

import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;

/**
 * Which objects of the schema are on the target already: written in the transaction that makes the
 * object, so that a resumed migration makes each exactly once.
 */
public final class RestoredObjects {
  private final Run run;

  /** The restored objects of one run's migration. */
  public RestoredObjects(Run run) {
    this.run = run;
  }

  /** The keys of all restored objects. */
  public Set<String> read(Connection connection) throws SQLException {
    return new HashSet<>(
        Sql.query(
            connection,
            "SELECT object FROM pgportage.restored_object WHERE migration = ?",
            row -> row.getString(1),
            run.migration()));
  }

  /** Notes others in the place of all, within the transaction that replaces the plan. */
  public void replace(Connection transaction, Set<String> objects) throws SQLException {
    Fencing.check(transaction, run);
    Sql.update(
        transaction, "DELETE FROM pgportage.restored_object WHERE migration = ?", run.migration());
    Sql.update(
        transaction,
        "INSERT INTO pgportage.restored_object (migration, object) SELECT ?, unnest(?::text[])",
        run.migration(),
        objects.toArray(String[]::new));
  }

  /** Notes an object within the transaction that makes it. */
  public void save(Connection transaction, String object) throws SQLException {
    Fencing.check(transaction, run);
    Sql.update(
        transaction,
        """
        INSERT INTO pgportage.restored_object (migration, object) VALUES (?, ?)
        ON CONFLICT DO NOTHING
        """,
        run.migration(),
        object);
  }
}
