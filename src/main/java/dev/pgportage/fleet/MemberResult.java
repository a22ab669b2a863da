package dev.pgportage.fleet;

import dev.pgportage.MigrationException;
import java.util.Optional;

/**
 * What came of one migration of a fleet: a result or a failure.
 *
 * @param name the migration's name
 * @param group its group; empty for none
 * @param result what it came to
 * @param failure why it ended
 * @param <T> what it was asked for
 */
public record MemberResult<T>(
    String name, String group, Optional<T> result, Optional<MigrationException> failure) {

  /** Whether it failed. */
  public boolean failed() {
    return failure.isPresent();
  }
}
