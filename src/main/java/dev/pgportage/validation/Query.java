package dev.pgportage.validation;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * A query that is asked of both sides.
 *
 * @param sql its text
 * @param arrays its parameters, each an array of texts; without any the text is taken as it is
 */
record Query(String sql, List<List<String>> arrays) {
  /** Something that reads the answer. */
  @FunctionalInterface
  interface Reading<T> {
    T of(ResultSet rows) throws SQLException;
  }

  /** Runs it, fetching the answer whole. */
  <T> T ask(Connection connection, Reading<T> reading) throws SQLException {
    try (Statement statement = statement(connection)) {
      return reading.of(run(statement));
    }
  }

  /** Runs it, fetching some rows at a time, until the answer is closed. */
  ResultSet stream(Connection connection, int rowsAtOnce) throws SQLException {
    Statement statement = statement(connection);
    statement.closeOnCompletion();
    statement.setFetchSize(rowsAtOnce);
    return run(statement);
  }

  private Statement statement(Connection connection) throws SQLException {
    // In a prepared statement a question mark of a user's condition would be a parameter.
    return arrays.isEmpty() ? connection.createStatement() : connection.prepareStatement(sql);
  }

  private ResultSet run(Statement statement) throws SQLException {
    if (!(statement instanceof PreparedStatement prepared) || arrays.isEmpty()) {
      return statement.executeQuery(sql);
    }
    for (int i = 0; i < arrays.size(); i++) {
      String[] values = arrays.get(i).toArray(String[]::new);
      prepared.setArray(i + 1, prepared.getConnection().createArrayOf("text", values));
    }
    return prepared.executeQuery();
  }
}
