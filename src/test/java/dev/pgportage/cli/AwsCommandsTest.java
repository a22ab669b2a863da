package dev.pgportage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.pgportage.aws.FakeAws;
import dev.pgportage.aws.FakeStacks;
import dev.pgportage.aws.FakeWorkflows;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AwsCommandsTest {
  private static final String PASSWORD = "s3cr3t/%pass";
  private static final String SOURCE =
      "postgresql://app@shop.cluster-1.eu-central-1.rds.amazonaws.com/shop";
  private static final String TARGET = "postgresql://api_x.branch@aws.connect.psdb.cloud/shop";

  private final FakeAws aws = new FakeAws();
  private TestShell shell = shell();

  @BeforeEach
  void prepare() {
    aws.network.subnet("subnet-a", "vpc-1", "eu-central-1a", "igw-1");
    aws.network.subnet("subnet-b", "vpc-1", "eu-central-1b", "igw-1");
    aws.stacks.output("StepFunctionsPayloadTemplate", "{\"replicationTaskArn\":\"arn:t\"}");
    aws.stacks.output("MigrationStateMachineArn", FakeWorkflows.MACHINE);
    aws.stacks.output("StepFunctionsConsoleURL", "https://console.example.com/x");
  }

  @AfterEach
  void stop() {
    aws.close();
    assertThat(shell.out() + shell.err()).doesNotContain(PASSWORD);
  }

  @Test
  void deploysTheRealTemplateFromTheMigrationsSettings() {
    assertThat(deploy("--yes")).as(shell.err()).isZero();
    assertThat(aws.stacks.status("pgportage-shop")).hasValue("CREATE_COMPLETE");
    assertThat(aws.stacks.parameters("pgportage-shop"))
        .containsEntry("SourceEndpointHost", "shop.cluster-1.eu-central-1.rds.amazonaws.com")
        .containsEntry("SourceEndpointPort", "5432")
        .containsEntry("TargetUsername", "api_x.branch")
        .containsEntry("TargetPassword", PASSWORD)
        .containsEntry("MigrationType", "full-load-and-cdc")
        .containsEntry("MigrationBucketName", "pgportage-shop")
        .containsEntry("DMSInstanceClass", "dms.c6i.large")
        .containsEntry("LobMode", "limited")
        .containsEntry("CreateDMSRoles", "true");
    assertThat(shell.out()).contains("Deployed: stack pgportage-shop", "StepFunctionsConsoleURL");
    assertThat(shell.err()).contains("CREATE_COMPLETE", "AWS::DMS::ReplicationTask");
  }

  @Test
  void asksBeforeItMakesAnything() {
    assertThat(deploy()).isEqualTo(2);
    assertThat(shell.err()).contains("USAGE: Nobody is here to ask", "--yes");
    assertThat(aws.stacks.status("pgportage-shop")).isEmpty();
  }

  @Test
  void printsEveryCallAndNoSecretInARehearsal() {
    assertThat(deploy("--dry-run")).as(shell.err()).isZero();
    assertThat(shell.err())
        .contains("asks        iam:GetRole", "would call  cloudformation:CreateStack")
        .contains("ParameterKey=SourcePassword, ParameterValue=********");
    assertThat(shell.out()).contains("Nothing was made.");
    assertThat(aws.stacks.status("pgportage-shop")).isEmpty();
  }

  @Test
  void tellsWhatIsWrongAsJson() throws IOException {
    aws.network.subnet("subnet-b", "vpc-1", "eu-central-1a", "igw-1");
    assertThat(deploy("--yes", "--parameter", "DMSInstanceClass=dms.x9", "--output", "json"))
        .isEqualTo(3);
    JsonNode error = json().path("error");
    assertThat(error.path("code").asText()).isEqualTo("AWS_CHECKS_FAILED");
    assertThat(error.path("message").asText())
        .contains("All subnets are in the zone", "DMSInstanceClass takes one of");
  }

  @Test
  void refusesPasswordsThatOthersWouldSeeOrThatDoNotLast() {
    assertThat(deploy("--yes", "--parameter", "SourcePassword=" + PASSWORD)).isEqualTo(2);
    assertThat(shell.err()).contains("A password on the command line is seen by others");
    assertThat(
            shell.run(
                "aws", "deploy", "--source", SOURCE + "?auth=iam", "--target", TARGET, "--yes"))
        .isEqualTo(2);
    assertThat(shell.err()).contains("cannot log in to the source by a token of IAM");
    assertThat(aws.actions()).isEmpty();
  }

  @Test
  void namesThePermissionThatIsMissing() {
    aws.deny("cloudformation:DescribeStacks");
    assertThat(deploy("--yes")).isEqualTo(1);
    assertThat(shell.err())
        .contains("AWS_DENIED: Looking for the stack pgportage-shop: not allowed:")
        .contains("cloudformation:DescribeStacks", "docs/errors.md#aws_denied");
  }

  @Test
  void startsTellsAndDeletesAStackByItsName() throws IOException {
    addStack();
    aws.workflows.table("customer", "Validated", 0);
    aws.workflows.script(FakeWorkflows.Script.ok("Begin", "Wait for ready"));
    assertThat(run("start", "--follow")).as(shell.err()).isZero();
    assertThat(shell.err()).contains("Begin", "Wait for ready");
    assertThat(shell.out()).contains("The workflow has come to its end.");
    assertThat(run("status")).isZero();
    assertThat(shell.out())
        .contains("shop  CREATE_COMPLETE", "SUCCEEDED, in 'Wait for ready'")
        .contains("running, full load 100 %", "source 1 s, target 1 s", "public.customer");
    shell = shell();
    assertThat(run("status", "--output", "json")).isZero();
    JsonNode status = json().path("result");
    assertThat(status.path("stack_status").asText()).isEqualTo("CREATE_COMPLETE");
    assertThat(status.path("task").path("tables").path(0).path("validation").asText())
        .isEqualTo("Validated");
    assertThat(run("delete")).isEqualTo(2);
    assertThat(run("delete", "--dry-run")).isZero();
    assertThat(shell.err()).contains("would call  cloudformation:DeleteStack");
    assertThat(run("delete", "--yes")).as(shell.err()).isZero();
    assertThat(aws.stacks.status("shop")).hasValue("DELETE_COMPLETE");
    assertThat(shell.err()).contains("both databases are left as they are");
    assertThat(run("status")).isEqualTo(2);
    assertThat(shell.err()).contains("AWS_STACK_UNKNOWN: There is no stack shop in eu-central-1");
  }

  @Test
  void refusesACutoverThatIsNotReady() {
    addStack();
    aws.workflows.task("running", 40, 1);
    assertThat(
            shell.run(
                "aws",
                "cutover",
                "--stack",
                "shop",
                "--source",
                SOURCE,
                "--target",
                TARGET,
                "--yes"))
        .isEqualTo(1);
    assertThat(shell.err()).contains("NOT_READY", "the full load is at 40 %");
  }

  @Test
  void needsToKnowWhichStack() {
    assertThat(shell.run("aws", "status")).isEqualTo(2);
    assertThat(shell.err()).contains("No stack is named", "--stack");
    assertThat(shell.run("aws", "deploy", "--engine", "nonsense")).isEqualTo(2);
  }

  private void addStack() {
    aws.stacks.add(
        "shop",
        "CREATE_COMPLETE",
        List.of(
            new FakeStacks.Made("Task", "AWS::DMS::ReplicationTask", "arn:aws:dms:e:1:task:T"),
            new FakeStacks.Made(
                "Machine", "AWS::StepFunctions::StateMachine", FakeWorkflows.MACHINE)));
  }

  private int run(String command, String... options) {
    var line = new ArrayList<>(List.of("aws", command, "--stack", "shop"));
    line.addAll(List.of(options));
    return shell.run(line.toArray(String[]::new));
  }

  private int deploy(String... options) {
    var line = new ArrayList<>(List.of("aws", "deploy", "--source", SOURCE, "--target", TARGET));
    line.addAll(List.of("--subnets", "subnet-a,subnet-b", "--email", "me@example.com"));
    line.addAll(List.of("--instance-class", "dms.c6i.large", "--parameter", "LobMode=limited"));
    line.addAll(List.of(options));
    return shell.run(line.toArray(String[]::new));
  }

  private JsonNode json() throws IOException {
    return new JsonMapper().readTree(shell.out());
  }

  private static TestShell shell() {
    return new TestShell(
        false,
        Map.of("PGPORTAGE_SOURCE_PASSWORD", PASSWORD, "PGPORTAGE_TARGET_PASSWORD", PASSWORD));
  }
}
