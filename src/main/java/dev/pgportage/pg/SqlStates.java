package dev.pgportage.pg;

import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The SQLSTATE codes the product tells apart. Source: PostgreSQL manual, appendix "PostgreSQL Error
 * Codes".
 */
public final class SqlStates {
  /** A unique or primary key was violated. */
  public static final String UNIQUE_VIOLATION = "23505";

  /** An exclusion constraint was violated. */
  public static final String EXCLUSION_VIOLATION = "23P01";

  /** An object of that name is not there. */
  public static final String UNDEFINED_OBJECT = "42704";

  /** A table of that name is not there. */
  public static final String UNDEFINED_TABLE = "42P01";

  /** A schema of that name is not there. */
  public static final String UNDEFINED_SCHEMA = "3F000";

  /** A row points at one that is not there, or would be left pointing at none. */
  public static final String FOREIGN_KEY_VIOLATION = "23503";

  /** The role may not do that. */
  public static final String INSUFFICIENT_PRIVILEGE = "42501";

  /** An object of that name exists already. */
  public static final String DUPLICATE_OBJECT = "42710";

  /** The object is being used, such as an active replication slot. */
  public static final String OBJECT_IN_USE = "55006";

  /** A lock was not granted within lock_timeout. */
  public static final String LOCK_NOT_AVAILABLE = "55P03";

  /** The connection failed; what was under way may have been done or not. */
  public static final String CONNECTION_FAILURE = "08006";

  /** There is as much of something as the server is set up for. */
  public static final String LIMIT_REACHED = "53400";

  /** The disk is full. */
  public static final String DISK_FULL = "53100";

  private static final Set<String> TRANSIENT =
      Set.of(
          "40001", "40P01", "53300", "55P03", "57P01", "57P02", "57P03", "57P05", "25P03", "55006");

  private SqlStates() {}

  /** Whether the exception, or one it wraps, carries this SQLSTATE. */
  public static boolean is(@Nullable Throwable error, String state) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && state.equals(sql.getSQLState())) {
        return true;
      }
    }
    return false;
  }

  /** Whether the connection, rather than the statement, failed. */
  public static boolean isConnectionFailure(SQLException error) {
    String state = error.getSQLState();
    return state != null
        && (state.startsWith("08") || state.equals("57P01") || state.equals("57P02"));
  }

  /** Whether the same may succeed later without anybody changing anything. */
  public static boolean isTransient(SQLException error) {
    String state = error.getSQLState();
    return state != null && (TRANSIENT.contains(state) || isConnectionFailure(error));
  }
}
