package dev.pgportage.aws;

import java.util.Optional;

/**
 * Who talks to AWS, and where; what is not said is found as the SDK does: environment, profile
 * files, the machine's role.
 *
 * @param profile a profile's name
 * @param region a region's name
 */
public record AwsLogin(Optional<String> profile, Optional<String> region) {
  /** Everything from the surroundings. */
  public static AwsLogin ofSurroundings() {
    return new AwsLogin(Optional.empty(), Optional.empty());
  }

  AwsLogin in(String other) {
    return new AwsLogin(profile, Optional.of(other));
  }
}
