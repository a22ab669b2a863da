package dev.pgportage.validation;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.pg.SqlStates;
import java.sql.SQLException;
import java.util.Optional;

/** What makes a comparison impossible, told apart: a difference is never among it. */
final class Failures {
  private static final String TOO_LARGE = "54000";

  private Failures() {}

  static MigrationException of(SQLException error, String what) {
    String message = Optional.ofNullable(error.getMessage()).orElse("");
    if (SqlStates.is(error, TOO_LARGE) || message.contains("invalid memory alloc request size")) {
      return new MigrationException(
          ErrorCode.VALIDATION_FAILED,
          what + ": a row is too large for PostgreSQL to print (1 GB), so it cannot be compared",
          "Compare that table's rows by hand, column by column; all other tables can be compared.",
          error);
    }
    return SqlFailures.translate(error, ErrorCode.VALIDATION_FAILED, what);
  }

  /** A table whose rows of the snapshot's time are not there any more. */
  static MigrationException rewritten(String what) {
    return new MigrationException(
        ErrorCode.TABLE_REWRITTEN,
        what + ": it was truncated, rewritten or dropped after the snapshot was taken");
  }
}
