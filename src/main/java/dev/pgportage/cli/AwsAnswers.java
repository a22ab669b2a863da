package dev.pgportage.cli;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.aws.Deployment;
import dev.pgportage.aws.StackTemplate;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.pg.Secret;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A template's parameters as the migration's settings and the command line answer them. */
final class AwsAnswers {
  private static final int LONGEST_BUCKET = 35;

  private final Map<String, String> answers = new LinkedHashMap<>();
  private final Map<String, Secret> secrets = new LinkedHashMap<>();

  /** What the settings say, for a stack. */
  AwsAnswers(MigrationConfig config, String stack) {
    side("Source", config.source());
    side("Target", config.target());
    answers.put("MigrationType", config.type().toString());
    answers.put("MigrationBucketName", bucketFor(stack));
    answers.put("MigrationName", config.name());
    answers.put("Reverse", config.cutover().reverse().name().toLowerCase(Locale.ROOT));
    List<String> patterns = config.filters().include();
    answers.put("Include", patterns.isEmpty() ? "*.*" : String.join(",", patterns));
    TableMapping.of(config.filters()).ifPresent(rules -> answers.put("TableMappings", rules));
  }

  /** Takes an answer of the command line, if there is one. */
  AwsAnswers put(String name, @Nullable String value) {
    if (value != null) {
      answers.put(name, value);
    }
    return this;
  }

  /**
   * What is to be deployed: the answers the template asks for, and all that were given by name.
   *
   * @param given by name, as {@code --parameter} has them
   * @throws MigrationException USAGE for a password among them
   */
  Deployment deployment(
      String stack,
      StackTemplate template,
      Map<String, String> given,
      List<String> subnets,
      Optional<String> templateBucket) {
    List<String> asked = template.questions().stream().map(q -> q.name()).toList();
    answers.keySet().retainAll(asked);
    secrets.keySet().retainAll(asked);
    for (Map.Entry<String, String> parameter : given.entrySet()) {
      if (parameter.getKey().endsWith("Password")) {
        throw new MigrationException(
            ErrorCode.USAGE,
            "A password on the command line is seen by others",
            "Give it as docs/configuration.md says, such as in the environment's"
                + " PGPORTAGE_SOURCE_PASSWORD.",
            null);
      }
      answers.put(parameter.getKey(), parameter.getValue());
    }
    return new Deployment(stack, template, answers, secrets, subnets, templateBucket);
  }

  private void side(String side, Endpoint endpoint) {
    answers.put(side + "EndpointHost", endpoint.host());
    answers.put(side + "EndpointPort", String.valueOf(endpoint.port()));
    answers.put(side + "DatabaseName", endpoint.database());
    answers.put(side + "Username", endpoint.user());
    String authority = endpoint.tls().rootCert();
    answers.put(
        side + "Parameters",
        "sslmode="
            + endpoint.tls().mode()
            + (authority == null ? "" : "&sslrootcert=" + authority));
    Secret password = endpoint.password();
    if (password == null) {
      return;
    }
    if (!password.lasts()) {
      throw new MigrationException(
          ErrorCode.USAGE,
          "A stack cannot log in to the " + endpoint.side() + " by a token of IAM (auth=iam)",
          "Give it a role with a password.",
          null);
    }
    secrets.put(side + "Password", password);
  }

  /** The stack's name made fit to begin a bucket's. */
  private static String bucketFor(String stack) {
    String name = stack.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]", "-");
    return name.substring(0, Math.min(LONGEST_BUCKET, name.length())).replaceAll("^-+|-+$", "");
  }
}
