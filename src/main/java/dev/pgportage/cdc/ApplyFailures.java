package dev.pgportage.cdc;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.SqlStates;
import java.sql.SQLException;
import java.util.Set;

/** What a failure of the applier tells of the changes it was about to apply. */
final class ApplyFailures {
  private static final Set<ErrorCode> OF_CHANGES =
      Set.of(
          ErrorCode.APPLY_FAILED,
          ErrorCode.CONSTRAINT_VIOLATED,
          ErrorCode.TARGET_DIVERGED,
          ErrorCode.SCHEMA_CHANGED,
          ErrorCode.PRIVILEGE_MISSING,
          ErrorCode.PROTOCOL_VIOLATION);

  private ApplyFailures() {}

  /** Whether it is of the changes themselves, so that it helps to know which transaction. */
  static boolean isOfChanges(MigrationException failure) {
    return OF_CHANGES.contains(failure.code());
  }

  /** Whether the target may take the same changes later: a deadlock, a lock not granted. */
  static boolean isTransient(MigrationException failure) {
    return failure.getCause() instanceof SQLException cause && SqlStates.isTransient(cause);
  }

  /** The same failure, with the transaction it came of. */
  static MigrationException located(MigrationException failure, Lsn commit) {
    return new MigrationException(
        failure.code(),
        failure.what() + " (transaction committed at " + commit + ")",
        failure.remedy(),
        failure);
  }
}
