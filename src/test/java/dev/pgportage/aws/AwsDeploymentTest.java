package dev.pgportage.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AwsDeploymentTest {
  private static final String PASSWORD = "s3cr&t/%pass";
  private static final StackTemplate TEMPLATE =
      TestTemplate.of("AWS::S3::Bucket", "AWS::IAM::Role", "AWS::DMS::ReplicationTask");

  private final FakeAws aws = new FakeAws();
  private final List<String> told = new ArrayList<>();
  private final List<String> asked = new ArrayList<>();
  private Map<String, Path> trusted = Map.of();

  @BeforeEach
  void prepare() {
    aws.network.subnet("subnet-a", "vpc-1", "eu-central-1a", "igw-1");
    aws.network.subnet("subnet-b", "vpc-1", "eu-central-1b", "igw-1");
    aws.stacks.output("StepFunctionsPayloadTemplate", "{\"a\":\"b\"}");
  }

  @AfterEach
  void stop() {
    aws.close();
    assertThat(told).noneMatch(line -> line.contains(PASSWORD));
  }

  @Test
  void makesStackWithAnswersItFoundAndTellsItsEvents() {
    AwsMigration.Deployed deployed = deploy("shop", wanted("shop"), false);
    assertThat(deployed.outputs()).containsEntry("StepFunctionsPayloadTemplate", "{\"a\":\"b\"}");
    assertThat(aws.stacks.status("shop")).hasValue("CREATE_COMPLETE");
    assertThat(aws.stacks.parameters("shop"))
        .containsEntry("VpcId", "vpc-1")
        .containsEntry("SubnetIds", "subnet-a,subnet-b")
        .containsEntry("CreateDMSRoles", "true")
        .containsEntry("SourcePassword", PASSWORD);
    assertThat(asked).singleElement().asString().contains("shop will be made");
    assertThat(String.join("\n", told))
        .contains("Account 123456789012, region eu-central-1", FakeAws.USER)
        .contains("dms.c6i.xlarge 0.309 USD an hour, 7.42 USD a day")
        .containsSubsequence(
            "CREATE_IN_PROGRESS           shop", "CREATE_COMPLETE", "Bucket", "ReplicationTask");
    // Every event once, though they come in pages and are asked for again and again.
    assertThat(told).filteredOn(line -> line.contains("AWS::IAM::Role")).hasSize(2);
  }

  @Test
  void letsDmsVerifyTheServersByTheAuthoritiesOfTheSettings(@TempDir Path directory)
      throws IOException {
    Path bundle = directory.resolve("rds.pem");
    Files.writeString(bundle, "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
    trusted = Map.of("Source", bundle);
    deploy("shop", wanted("shop"), true);
    assertThat(aws.certificates.names()).isEmpty();
    assertThat(told).anyMatch(line -> line.startsWith("would call  dms:ImportCertificate"));
    deploy("shop", wanted("shop"), false);
    String name = aws.certificates.names().getFirst();
    assertThat(name).matches("shop-source-ca-[0-9a-f]{8}");
    assertThat(aws.stacks.parameters("shop"))
        .containsEntry("SourceCertificateArn", aws.certificates.arn(name))
        .doesNotContainKey("TargetCertificateArn");
    // Nothing changed: found again, not imported twice.
    deploy("shop", wanted("shop"), false);
    assertThat(aws.certificates.names()).hasSize(1);
    aws.certificates.put("shop-source-ca-other", "another stack's");
    try (var migration = migration("shop", false)) {
      assertThat(migration.delete(List.of(), false, asked::add).removed())
          .contains("certificate " + name);
    }
    assertThat(aws.certificates.names()).containsExactly("shop-source-ca-other");
    Files.writeString(bundle, "no certificate");
    assertThat(failure(wanted("shop")))
        .returns(ErrorCode.CONFIG_INVALID, MigrationException::code)
        .hasMessageContaining("holds no certificate");
  }

  @Test
  void findsStackAsItShouldBeWhenRunAgain() {
    deploy("shop", wanted("shop"), false);
    told.clear();
    deploy("shop", wanted("shop"), false);
    assertThat(told).contains("The stack shop is as it should be");
    aws.network.role("dms-vpc-role");
    aws.network.role("dms-cloudwatch-logs-role");
    deploy("shop", wanted("shop"), false);
    assertThat(aws.stacks.status("shop")).hasValue("UPDATE_COMPLETE");
  }

  @Test
  void goesOnWatchingStackThatIsBeingMade() {
    aws.stacks.add("shop", "CREATE_IN_PROGRESS", List.of());
    // The fake's stack never ends by itself: what is seen is that none is made anew.
    aws.fail("cloudformation:DescribeStackEvents", new FakeAws.Refusal(400, "X", "seen"), 1);
    assertThatThrownBy(() -> deploy("shop", wanted("shop"), false)).hasMessageContaining("seen");
    assertThat(aws.count("cloudformation:CreateStack")).isZero();
  }

  @Test
  void putsLongTemplateIntoBucketAndTakesItOut() {
    StackTemplate longOne = TestTemplate.padded(60_000, "AWS::IAM::Role");
    deploy("shop", wanted("shop", longOne, Map.of()), false);
    assertThat(aws.stacks.status("shop")).hasValue("CREATE_COMPLETE");
    assertThat(aws.buckets.exists("pgportage-templates-eu-central-1-123456789012")).isFalse();
    assertThat(aws.actions()).contains("s3:CreateBucket", "s3:PutObject", "s3:DeleteBucket");
  }

  @Test
  void namesFirstResourceThatFailed() {
    aws.stacks.failAt("Role");
    MigrationException failure = failure(wanted("shop"));
    assertThat(failure.code()).isEqualTo(ErrorCode.AWS_STACK_FAILED);
    assertThat(failure.what())
        .isEqualTo(
            "The stack shop is ROLLBACK_COMPLETE: Role (AWS::IAM::Role): The role is not valid");
    assertThat(failure(wanted("shop")).what()).contains("ROLLBACK_COMPLETE", "earlier run");
  }

  @Test
  void tellsAllProblemsAtOnceBeforeAnythingIsMade() {
    aws.network.subnet("subnet-b", "vpc-1", "eu-central-1a", "");
    aws.network.role("dms-vpc-role");
    aws.buckets.stranger("shop-eu-central-1-123456789012");
    var wanted =
        new Deployment(
            "shop_1",
            TEMPLATE,
            Map.of("MigrationBucketName", "shop", "Nonsense", "1"),
            Map.of("SourcePassword", new Secret("abc")),
            List.of("subnet-a", "subnet-b"),
            Optional.empty());
    MigrationException failure = failure(wanted);
    assertThat(failure.code()).isEqualTo(ErrorCode.AWS_CHECKS_FAILED);
    assertThat(failure.what())
        .contains("The stack's name must begin with a letter")
        .contains("All subnets are in the zone [eu-central-1a]")
        .contains("The role dms-cloudwatch-logs-role is missing")
        .contains("bucket shop-eu-central-1-123456789012 is there already")
        .contains("NotificationEmail is missing: give --email")
        .contains("SourcePassword takes 4 to 128 characters, not 3")
        .contains("no parameter Nonsense");
    assertThat(aws.count("cloudformation:CreateStack")).isZero();
    assertThat(asked).isEmpty();
  }

  @Test
  void looksAtRoutes() {
    aws.network.subnet("subnet-b", "vpc-1", "eu-central-1b", "");
    aws.network.subnet("subnet-a", "vpc-1", "eu-central-1a", "nat-1");
    MigrationException failure = failure(wanted("shop"));
    assertThat(failure.what()).contains("subnet-b has no route to the internet");
    assertThat(told).anyMatch(line -> line.contains("subnet-a leads out by something else"));
  }

  @Test
  void offersSubnetsWhenNoneIsNamed() {
    var wanted = new Deployment("shop", TEMPLATE, answers(), Map.of(), List.of(), Optional.empty());
    assertThat(failure(wanted).what()).contains("--subnets", "subnet-a (vpc-1, eu-central-1a)");
  }

  @Test
  void usesRolesThatAreThere() {
    aws.network.role("dms-vpc-role");
    aws.network.role("dms-cloudwatch-logs-role");
    deploy("shop", wanted("shop"), false);
    assertThat(aws.stacks.parameters("shop")).containsEntry("CreateDMSRoles", "false");
  }

  @Test
  void namesActionThatIsNotAllowed() {
    aws.deny("cloudformation:CreateStack");
    MigrationException failure = failure(wanted("shop"));
    assertThat(failure.code()).isEqualTo(ErrorCode.AWS_DENIED);
    assertThat(failure.what())
        .isEqualTo("Making the stack shop: not allowed: cloudformation:CreateStack");
    aws.deny("ec2:DescribeSubnets");
    aws.deny("iam:GetRole");
    assertThat(failure(wanted("shop")).what())
        .contains("ec2:DescribeSubnets", "iam:GetRole", "--parameter CreateDMSRoles=true");
    aws.deny("sts:GetCallerIdentity");
    assertThat(failure(wanted("shop")).what()).contains("sts:GetCallerIdentity");
  }

  @Test
  void deploysWithoutThePriceListAndWhenThrottled() {
    aws.deny("pricing:GetProducts");
    aws.throttle("cloudformation:DescribeStacks", 2);
    deploy("shop", wanted("shop"), false);
    assertThat(aws.stacks.status("shop")).hasValue("CREATE_COMPLETE");
    assertThat(told).anyMatch(line -> line.contains("the price of dms.c6i.xlarge"));
  }

  @Test
  void makesNothingInARehearsal() {
    AwsMigration.Deployed deployed =
        deploy(
            "shop", wanted("shop", TestTemplate.padded(60_000, "AWS::IAM::Role"), Map.of()), true);
    assertThat(deployed.outputs()).isEmpty();
    assertThat(aws.actions())
        .doesNotContain("cloudformation:CreateStack", "s3:PutObject", "s3:CreateBucket");
    assertThat(String.join("\n", told))
        .contains("asks        sts:GetCallerIdentity")
        .contains("would call  s3:PutObject", "would call  cloudformation:CreateStack")
        .contains("ParameterKey=SourcePassword, ParameterValue=********");
    assertThat(asked).isEmpty();
  }

  @Test
  void makesNothingWhenNobodyAgrees() {
    try (var migration = migration("shop", false)) {
      assertThatThrownBy(
              () ->
                  migration.deploy(
                      wanted("shop"),
                      Map.of(),
                      _ -> {
                        throw new MigrationException(ErrorCode.INTERRUPTED, "no");
                      }))
          .hasMessage("no");
    }
    assertThat(aws.count("cloudformation:CreateStack")).isZero();
  }

  @Test
  void saysWhoIsNotLoggedIn() {
    aws.fail(
        "sts:GetCallerIdentity",
        new FakeAws.Refusal(
            403, "ExpiredToken", "The security token included in the request is expired"),
        1);
    assertThat(failure(wanted("shop")))
        .returns(ErrorCode.AWS_NOT_CONFIGURED, MigrationException::code);
    aws.without("aws.region");
    assertThat(failure(wanted("shop")))
        .returns(ErrorCode.AWS_NOT_CONFIGURED, MigrationException::code)
        .hasMessageContaining("no region of AWS is named");
  }

  private MigrationException failure(Deployment wanted) {
    var failure =
        catchThrowableOfType(MigrationException.class, () -> deploy(wanted.stack(), wanted, false));
    assertThat(failure).isNotNull();
    assertThat(failure.display()).doesNotContain(PASSWORD);
    return failure;
  }

  private AwsMigration.Deployed deploy(String stack, Deployment wanted, boolean rehearsal) {
    try (var migration = migration(stack, rehearsal)) {
      return migration.deploy(wanted, trusted, asked::add);
    }
  }

  private AwsMigration migration(String stack, boolean rehearsal) {
    return new AwsMigration(AwsLogin.ofSurroundings(), stack, rehearsal, told::add);
  }

  private static Deployment wanted(String stack) {
    return wanted(stack, TEMPLATE, Map.of());
  }

  private static Deployment wanted(
      String stack, StackTemplate template, Map<String, String> others) {
    var answers = new HashMap<>(answers());
    answers.putAll(others);
    return new Deployment(
        stack,
        template,
        answers,
        Map.of("SourcePassword", new Secret(PASSWORD)),
        List.of("subnet-a", "subnet-b"),
        Optional.empty());
  }

  private static Map<String, String> answers() {
    return Map.of("MigrationBucketName", "shop", "NotificationEmail", "me@example.com");
  }
}
