package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;

/**
 * A failure on its way from the running process to the one that asked, through the state.
 *
 * @param code the failure's code
 * @param what what happened
 * @param remedy what to do
 */
record RequestFailure(ErrorCode code, String what, String remedy) {
  static RequestFailure of(MigrationException failure) {
    return new RequestFailure(failure.code(), failure.what(), failure.remedy());
  }

  MigrationException exception() {
    return new MigrationException(code, what, remedy, null);
  }
}
