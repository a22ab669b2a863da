package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.profile.Profiles;
import java.util.List;
import java.util.Optional;

/** A refused login with what is known of the provider's user names. Stateless. */
final class LoginAdvice {
  private LoginAdvice() {}

  /**
   * The failure itself, or the same with a more exact remedy.
   *
   * @param endpoints those whose login it may have been
   */
  static MigrationException of(List<Endpoint> endpoints, MigrationException failure) {
    if (failure.code() != ErrorCode.AUTHENTICATION_FAILED) {
      return failure;
    }
    return endpoints.stream()
        .filter(endpoint -> failure.what().contains(endpoint.toString()))
        .map(Profiles::loginAdvice)
        .flatMap(Optional::stream)
        .findFirst()
        .map(
            advice ->
                new MigrationException(failure.code(), failure.what(), advice, failure.getCause()))
        .orElse(failure);
  }
}
