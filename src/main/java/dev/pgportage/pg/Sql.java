package dev.pgportage.pg;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Short forms for JDBC: run a statement, map its rows, close what was opened. */
public final class Sql {
  private Sql() {}

  /** Makes a value of the row a result set stands on. */
  @FunctionalInterface
  public interface RowMapper<T> {
    /** Reads the current row; must not move the cursor. */
    T map(ResultSet row) throws SQLException;
  }

  /** Runs one or several statements without parameters. */
  public static void execute(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Runs a statement and returns how many rows it changed. */
  public static int update(Connection connection, String sql, @Nullable Object... parameters)
      throws SQLException {
    try (var statement = prepare(connection, sql, parameters)) {
      return statement.executeUpdate();
    }
  }

  /** Runs a query and maps every row. */
  public static <T> List<T> query(
      Connection connection, String sql, RowMapper<T> mapper, @Nullable Object... parameters)
      throws SQLException {
    try (var statement = prepare(connection, sql, parameters);
        var rows = statement.executeQuery()) {
      var result = new ArrayList<T>();
      while (rows.next()) {
        result.add(mapper.map(rows));
      }
      return result;
    }
  }

  /** Runs a query and maps its first row, if it has one. */
  public static <T> Optional<T> queryFirst(
      Connection connection, String sql, RowMapper<T> mapper, @Nullable Object... parameters)
      throws SQLException {
    try (var statement = prepare(connection, sql, parameters);
        var rows = statement.executeQuery()) {
      return rows.next() ? Optional.ofNullable(mapper.map(rows)) : Optional.empty();
    }
  }

  /** The first column of the only row, as text; empty if there is no row or it is null. */
  public static Optional<String> queryText(
      Connection connection, String sql, @Nullable Object... parameters) throws SQLException {
    return queryFirst(connection, sql, row -> row.getString(1), parameters);
  }

  /** The first column of the only row as a number. */
  public static long queryLong(Connection connection, String sql, @Nullable Object... parameters)
      throws SQLException {
    return queryFirst(connection, sql, row -> row.getLong(1), parameters).orElseThrow();
  }

  private static PreparedStatement prepare(
      Connection connection, String sql, @Nullable Object... parameters) throws SQLException {
    var statement = connection.prepareStatement(sql);
    try {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      return statement;
    } catch (SQLException e) {
      statement.close();
      throw e;
    }
  }
}
