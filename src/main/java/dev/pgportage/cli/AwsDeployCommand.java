package dev.pgportage.cli;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.aws.AwsMigration;
import dev.pgportage.aws.Deployment;
import dev.pgportage.aws.StackTemplate;
import dev.pgportage.aws.template.Engine;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.pg.Secret;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage aws deploy}. */
@Command(
    name = "deploy",
    description = {
      "Makes the stack that carries the migration, or brings it up to date: looks first whether it"
          + " can (login, subnets, roles, names), tells what it costs, asks, and follows it until it"
          + " is there.",
      "Both databases come from the migration's settings; passwords are given to CloudFormation as"
          + " hidden parameters and shown nowhere. Run again, it goes on watching."
    },
    footer = {
      "",
      "Example:",
      "  pgportage aws deploy --subnets subnet-0a1,subnet-0b2 --email me@example.com"
    })
final class AwsDeployCommand extends AwsStackCommand {
  private static final int LONGEST_BUCKET = 35;

  @Option(
      names = "--engine",
      paramLabel = "ENGINE",
      converter = AwsTemplateCommand.EngineName.class,
      description =
          "Who carries the rows: " + AwsTemplateCommand.EngineName.ALL + "; by default dms.")
  private Engine engine = Engine.DMS;

  @Option(
      names = "--subnets",
      paramLabel = "SUBNET,SUBNET",
      split = ",",
      description = "Two or more subnets in different zones, with a way to the internet.")
  private List<String> subnets = new ArrayList<>();

  @Option(names = "--vpc", paramLabel = "VPC", description = "By default that of the subnets.")
  private @Nullable String vpc;

  @Option(names = "--email", paramLabel = "ADDRESS", description = "Who is told how it goes.")
  private @Nullable String email;

  @Option(
      names = "--bucket",
      paramLabel = "NAME",
      description = "Begins the name of the bucket for reports; by default the stack's name.")
  private @Nullable String bucket;

  @Option(
      names = "--instance-class",
      paramLabel = "CLASS",
      description = "Of the replication instance; by default dms.c6i.xlarge.")
  private @Nullable String instanceClass;

  @Option(
      names = "--parameter",
      paramLabel = "NAME=VALUE",
      description = "Any other parameter of the template. May be repeated.")
  private Map<String, String> parameters = new LinkedHashMap<>();

  @Option(
      names = "--template-bucket",
      paramLabel = "BUCKET",
      description =
          "Where the template is put if it is longer than 51,200 bytes; by default a bucket made for"
              + " it, and removed.")
  private @Nullable String templateBucket;

  @Option(
      names = "--dry-run",
      description = "Look, and print every call that would change something.")
  private boolean dryRun;

  @Option(names = "--yes", description = "Do not ask.")
  private boolean yes;

  AwsDeployCommand(Shell shell) {
    super(shell, "aws deploy");
  }

  @Override
  boolean needsConfig() {
    return true;
  }

  @Override
  boolean rehearses() {
    return dryRun;
  }

  @Override
  MigrationCommand.Answer answer(
      AwsMigration migration, String stack, Optional<MigrationConfig> config) {
    StackTemplate template = AwsTemplates.of(engine);
    AwsMigration.Deployed deployed =
        migration.deploy(wanted(stack, template, config.orElseThrow()), deed -> ask(deed, yes));
    if (dryRun) {
      return new MigrationCommand.Answer(0, deployed, "Nothing was made.");
    }
    var lines = new StringBuilder();
    lines.append(style().green("Deployed:")).append(" stack ").append(stack).append('\n');
    deployed
        .outputs()
        .forEach((name, value) -> lines.append(String.format("  %-32s %s%n", name, value)));
    lines.append(
        "\nConfirm the subscription in the mail of AWS Notifications, then: pgportage aws start");
    return new MigrationCommand.Answer(0, deployed, lines.toString());
  }

  private Deployment wanted(String stack, StackTemplate template, MigrationConfig config) {
    var answers = new LinkedHashMap<String, String>();
    var secrets = new LinkedHashMap<String, Secret>();
    side("Source", config.source(), answers, secrets);
    side("Target", config.target(), answers, secrets);
    answers.put("MigrationType", config.type().toString());
    answers.put("MigrationBucketName", bucket == null ? bucketFor(stack) : bucket);
    put(answers, "VpcId", vpc);
    put(answers, "NotificationEmail", email);
    put(answers, "DMSInstanceClass", instanceClass);
    List<String> asked = template.questions().stream().map(q -> q.name()).toList();
    answers.keySet().retainAll(asked);
    secrets.keySet().retainAll(asked);
    for (Map.Entry<String, String> parameter : parameters.entrySet()) {
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
    return new Deployment(
        stack, template, answers, secrets, subnets, Optional.ofNullable(templateBucket));
  }

  private static void side(
      String side, Endpoint endpoint, Map<String, String> answers, Map<String, Secret> secrets) {
    answers.put(side + "EndpointHost", endpoint.host());
    answers.put(side + "EndpointPort", String.valueOf(endpoint.port()));
    answers.put(side + "DatabaseName", endpoint.database());
    answers.put(side + "Username", endpoint.user());
    Secret password = endpoint.password();
    if (password == null) {
      return;
    }
    if (!password.lasts()) {
      throw new MigrationException(
          ErrorCode.USAGE,
          "AWS DMS cannot log in to the " + endpoint.side() + " by a token of IAM (auth=iam)",
          "Give it a role with a password.",
          null);
    }
    secrets.put(side + "Password", password);
  }

  private static void put(Map<String, String> answers, String name, @Nullable String value) {
    if (value != null) {
      answers.put(name, value);
    }
  }

  /** The stack's name made fit to begin a bucket's. */
  private static String bucketFor(String stack) {
    String name = stack.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]", "-");
    return name.substring(0, Math.min(LONGEST_BUCKET, name.length())).replaceAll("^-+|-+$", "");
  }
}
