package dev.pgportage.state;

import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is done with the source's schema, decided once and kept: the statements of every object, and
 * how the source's tables looked then. A resumed migration goes on from here and not from a source
 * that may have changed meanwhile.
 */
public final class SchemaScript {
  /**
   * One object's line.
   *
   * @param position its place in the order
   * @param kind what it is
   * @param name its name for people
   * @param tableSchema the schema of the table it belongs to, or null
   * @param tableName the table it belongs to, or null
   * @param decision what is done with it
   * @param stage when
   * @param reason why
   * @param sql what is run
   */
  public record Line(
      int position,
      String kind,
      String name,
      @Nullable String tableSchema,
      @Nullable String tableName,
      String decision,
      String stage,
      String reason,
      String sql) {}

  private final Run run;

  /** The script of one run's migration. */
  public SchemaScript(Run run) {
    this.run = run;
  }

  /** The lines in their order; none if nothing was decided yet. */
  public List<Line> read(Connection connection) throws SQLException {
    return Sql.query(
        connection,
        """
        SELECT position, kind, name, table_schema, table_name, decision, stage, reason, sql
        FROM pgportage.schema_item WHERE migration = ? ORDER BY position
        """,
        row ->
            new Line(
                row.getInt(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                row.getString(6),
                row.getString(7),
                row.getString(8),
                row.getString(9)),
        run.migration());
  }

  /** How the source's tables looked when it was decided: definitions by object. */
  public SortedMap<String, String> structure(Connection connection) throws SQLException {
    var structure = new TreeMap<String, String>();
    Sql.query(
        connection,
        "SELECT object, definition FROM pgportage.source_structure WHERE migration = ?",
        row -> structure.put(row.getString(1), row.getString(2)),
        run.migration());
    return structure;
  }

  /** Keeps a script; the caller's transaction holds it together. Replaces what was there. */
  public void save(Connection transaction, List<Line> lines, Map<String, String> structure)
      throws SQLException {
    Fencing.check(transaction, run);
    Sql.update(
        transaction, "DELETE FROM pgportage.schema_item WHERE migration = ?", run.migration());
    Sql.update(
        transaction, "DELETE FROM pgportage.source_structure WHERE migration = ?", run.migration());
    saveLines(transaction, lines);
    try (var statement =
        transaction.prepareStatement("INSERT INTO pgportage.source_structure VALUES (?, ?, ?)")) {
      for (var object : structure.entrySet()) {
        statement.setString(1, run.migration());
        statement.setString(2, object.getKey());
        statement.setString(3, object.getValue());
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  private void saveLines(Connection transaction, List<Line> lines) throws SQLException {
    try (var statement =
        transaction.prepareStatement(
            "INSERT INTO pgportage.schema_item VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
      for (Line line : lines) {
        statement.setString(1, run.migration());
        statement.setInt(2, line.position());
        statement.setString(3, line.kind());
        statement.setString(4, line.name());
        statement.setString(5, line.tableSchema());
        statement.setString(6, line.tableName());
        statement.setString(7, line.decision());
        statement.setString(8, line.stage());
        statement.setString(9, line.reason());
        statement.setString(10, line.sql());
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }
}
