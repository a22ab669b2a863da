package dev.pgportage.cli;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.aws.AwsLogin;
import dev.pgportage.config.MigrationConfig;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which stack a command is about, who asks AWS, and whether in earnest. */
final class AwsOptions {
  @Option(
      names = "--stack",
      paramLabel = "NAME",
      description = "The stack's name; by default pgportage- and the migration's name.")
  private @Nullable String stack;

  @Option(
      names = "--region",
      paramLabel = "REGION",
      description = "By default AWS_REGION's, or the profile's.")
  private @Nullable String region;

  @Option(
      names = "--profile",
      paramLabel = "NAME",
      description = "A profile of ~/.aws/config; by default AWS_PROFILE's.")
  private @Nullable String profile;

  @Option(
      names = "--dry-run",
      description = "Print every call to AWS, and make none that changes something.")
  private boolean dryRun;

  /** Whether nothing is to be changed. */
  boolean rehearses() {
    return dryRun;
  }

  AwsLogin login() {
    return new AwsLogin(Optional.ofNullable(profile), Optional.ofNullable(region));
  }

  /**
   * The stack's name.
   *
   * @throws MigrationException USAGE if nothing says it
   */
  String stack(Optional<MigrationConfig> config) {
    return Optional.ofNullable(stack)
        .or(() -> config.map(c -> "pgportage-" + c.name().replace('_', '-')))
        .orElseThrow(
            () ->
                new MigrationException(
                    ErrorCode.USAGE,
                    "No stack is named",
                    "Name it with --stack, or run it where the migration.yaml is.",
                    null));
  }
}
