package dev.pgportage.pg;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Turns the driver's exceptions into the product's, without ever letting row values through.
 *
 * <p>A server's DETAIL and CONTEXT can hold rows, and so can the messages of classes 22 (data), 23
 * (constraints) and P0 (raised by user code): of those only the code and the object's name are
 * told.
 */
public final class SqlFailures {
  private SqlFailures() {}

  /**
   * The product's exception for a failed statement.
   *
   * @param fallback the code where the SQLSTATE does not say something more exact
   * @param what what was being done and to which object, as the start of a sentence: "Copying
   *     public.orders"
   */
  public static MigrationException translate(SQLException error, ErrorCode fallback, String what) {
    return new MigrationException(codeOf(error, fallback), what + ": " + describe(error), error);
  }

  /** What the server said, with nothing in it that could be a row's value. */
  public static String describe(SQLException error) {
    @Nullable ServerErrorMessage server =
        error instanceof PSQLException psql ? psql.getServerErrorMessage() : null;
    String state = error.getSQLState() == null ? "no SQLSTATE" : error.getSQLState();
    if (server == null) {
      String message = error.getMessage();
      return (message == null ? "failed" : message.strip()) + " (" + state + ")";
    }
    return mayHoldValues(state)
        ? condition(state) + objectOf(server) + " (" + state + ")"
        : server.getMessage() + " (" + state + ")";
  }

  private static ErrorCode codeOf(SQLException error, ErrorCode fallback) {
    String state = error.getSQLState();
    if (state == null) {
      return fallback;
    }
    if (SqlStates.isConnectionFailure(error)) {
      return ErrorCode.CONNECTION_LOST;
    }
    return switch (state) {
      case SqlStates.DISK_FULL -> ErrorCode.DISK_FULL;
      case SqlStates.INSUFFICIENT_PRIVILEGE -> ErrorCode.PRIVILEGE_MISSING;
      case "53300" -> ErrorCode.TOO_MANY_CONNECTIONS;
      default -> fallback;
    };
  }

  private static boolean mayHoldValues(String state) {
    return state.startsWith("22") || state.startsWith("23") || state.startsWith("P0");
  }

  private static String condition(String state) {
    return switch (state) {
      case "23502" -> "not-null constraint violated";
      case SqlStates.FOREIGN_KEY_VIOLATION -> "foreign key violated";
      case SqlStates.UNIQUE_VIOLATION -> "unique constraint violated";
      case "23514" -> "check constraint violated";
      case SqlStates.EXCLUSION_VIOLATION -> "exclusion constraint violated";
      case "22P02" -> "a value does not fit the column's type";
      case "22001" -> "a value is too long for the column's type";
      case "22003" -> "a value is out of the column's range";
      case "22021", "22P05" -> "a text does not fit the database's encoding";
      default ->
          state.startsWith("P0") ? "an error raised by a function" : "the server refused the data";
    };
  }

  private static String objectOf(ServerErrorMessage server) {
    var text = new StringBuilder();
    if (server.getTable() != null) {
      String schema = server.getSchema() == null ? "" : server.getSchema();
      text.append(" on ").append(new QualifiedName(schema, server.getTable()));
    }
    if (server.getColumn() != null) {
      text.append(", column ").append(Quoting.identifierIfNeeded(server.getColumn()));
    }
    if (server.getConstraint() != null) {
      text.append(", constraint ").append(Quoting.identifierIfNeeded(server.getConstraint()));
    }
    return text.toString();
  }
}
