package dev.pgportage.cli;

import dev.pgportage.aws.AwsMigration;
import dev.pgportage.aws.StackTemplate;
import dev.pgportage.aws.template.Engine;
import dev.pgportage.config.MigrationConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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
      names = "--image",
      paramLabel = "IMAGE",
      description = "pgportage's image in a registry of yours; with --engine native.")
  private @Nullable String image;

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

  @Option(names = "--yes", description = "Do not ask.")
  private boolean yes;

  AwsDeployCommand(Shell shell) {
    super(shell, "aws deploy", true);
  }

  @Override
  MigrationCommand.Answer answer(
      AwsMigration migration, String stack, Optional<MigrationConfig> config) {
    MigrationConfig settings = config.orElseThrow();
    StackTemplate template = AwsTemplates.of(engine);
    AwsMigration.Deployed deployed =
        migration.deploy(
            answers(stack, settings)
                .deployment(
                    stack, template, parameters, subnets, Optional.ofNullable(templateBucket)),
            AwsMigration.trusted(settings.source(), settings.target()),
            deed -> ask(deed, yes));
    if (rehearses()) {
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

  private AwsAnswers answers(String stack, MigrationConfig settings) {
    return new AwsAnswers(settings, stack)
        .put("MigrationBucketName", bucket)
        .put("ContainerImage", image)
        .put("VpcId", vpc)
        .put("NotificationEmail", email)
        .put("DMSInstanceClass", instanceClass);
  }
}
