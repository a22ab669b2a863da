package dev.pgportage.load;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.pg.SqlStates;
import dev.pgportage.schema.Table;
import java.sql.SQLException;
import java.util.Set;

/** What a failed copy means: whether trying again can help, and what it is called. */
final class LoadFailures {
  // A name that resolved at the start of a load may fail to for a moment during a failover.
  private static final Set<ErrorCode> PASSING =
      Set.of(
          ErrorCode.CONNECTION_LOST,
          ErrorCode.CONNECTION_REFUSED,
          ErrorCode.CONNECTION_TIMEOUT,
          ErrorCode.TOO_MANY_CONNECTIONS,
          ErrorCode.HOST_UNKNOWN);

  private static final Set<String> CHANGED = Set.of(SqlStates.UNDEFINED_TABLE, "42703", "3F000");

  private LoadFailures() {}

  /** Whether the same may succeed in a while. */
  static boolean isPassing(Exception failure) {
    return switch (failure) {
      case SQLException sql -> SqlStates.isTransient(sql);
      case MigrationException migration -> PASSING.contains(migration.code());
      default -> false;
    };
  }

  /** The product's exception for a failed copy of a table. */
  static MigrationException of(SQLException error, Table table, Side at) {
    String what = "Copying " + table.name() + ", on the " + at;
    if (at == Side.SOURCE
        && table.rowSecurity()
        && SqlStates.is(error, SqlStates.INSUFFICIENT_PRIVILEGE)) {
      return new MigrationException(
          ErrorCode.TABLE_HIDDEN_BY_RLS, what + ": " + SqlFailures.describe(error), error);
    }
    if (CHANGED.stream().anyMatch(state -> SqlStates.is(error, state))) {
      ErrorCode code = at == Side.SOURCE ? ErrorCode.SCHEMA_CHANGED : ErrorCode.SCHEMA_DIFFERS;
      return SqlFailures.translate(error, code, what);
    }
    return SqlFailures.translate(error, ErrorCode.LOAD_FAILED, what);
  }

  /** The product's exception for a table that does not fit into this program's memory. */
  static MigrationException of(OutOfMemoryError error, Table table) {
    return new MigrationException(
        ErrorCode.LOAD_FAILED,
        "Copying " + table.name() + ": a row is too large for this program's memory",
        "Lower 'load.workers', or give the program more memory: JAVA_TOOL_OPTIONS=-Xmx8g.",
        error);
  }
}
