package dev.pgportage.aws.template;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgportage.aws.FakeAws;
import dev.pgportage.aws.FakeWorkflows.Script;
import dev.pgportage.aws.ResolvedTemplate;
import dev.pgportage.testing.HttpReceiver;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The function that CloudFormation calls when a stack is deleted, as the template has it: run by
 * Node with Amazon's own SDK against an AWS of the tests' own.
 */
class CleanupIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String STACK = "shop";

  private final FakeAws aws = new FakeAws();
  private final HttpReceiver receiver;

  CleanupIT() throws IOException {
    receiver = new HttpReceiver();
  }

  @AfterEach
  void close() {
    aws.close();
    receiver.close();
  }

  @Test
  void leavesNothingThatKeepsADmsStackFromBeingDeleted() throws Exception {
    ResolvedTemplate stack = stack(Engine.DMS);
    String bucket = stack.physical("PreMigrationAssessmentBucket");
    aws.buckets.fill(bucket, 4);
    for (int i = 0; i < 3; i++) {
      aws.network.rule("sgr-" + i, "sg-source", STACK);
    }
    aws.network.rule("sgr-other", "sg-source", "other");
    for (int i = 0; i < 3; i++) {
      aws.workflows.add(machine(stack), "start-" + i, Script.ok("Begin"), "RUNNING");
    }
    assertThat(deleted(stack)).isEqualTo("SUCCESS done");
    assertThat(aws.buckets.isEmpty(bucket)).isTrue();
    assertThat(aws.network.rules()).isOne();
    assertThat(aws.workflows.task()).isEqualTo("stopped");
    assertThat(aws.workflows.status("start-2")).isEqualTo("ABORTED");
    assertThat(aws.actions())
        .containsSubsequence(
            "states:StopExecution",
            "dms:StopReplicationTask",
            "ec2:RevokeSecurityGroupIngress",
            "s3:DeleteObjectVersion");
    // Asked again, and where there never was anything: just as well.
    aws.workflows.task("none", 0, 0);
    assertThat(deleted(stack)).isEqualTo("SUCCESS done");
  }

  @Test
  void cancelsAssessmentThatStillRuns() throws Exception {
    aws.workflows.task("testing", 0, 0);
    assertThat(deleted(stack(Engine.DMS))).isEqualTo("SUCCESS done");
    assertThat(aws.actions())
        .contains("dms:CancelReplicationTaskAssessmentRun")
        .doesNotContain("dms:StopReplicationTask");
  }

  @Test
  void saysWhyItFailed() throws Exception {
    ResolvedTemplate stack = stack(Engine.DMS);
    aws.buckets.fill(stack.physical("PreMigrationAssessmentBucket"), 1);
    aws.workflows.task("stopped", 100, 0);
    aws.buckets.lock("assessment/0 &.json");
    assertThat(deleted(stack)).startsWith("FAILED ").contains("AccessDenied");
  }

  @Test
  void endsServiceAndTasksOfPgportage() throws Exception {
    ResolvedTemplate stack = stack(Engine.NATIVE);
    aws.containers.service(stack.physical("Service"), 1);
    aws.containers.task("arn:aws:ecs:e:1:task/c/beside");
    aws.workflows.add(machine(stack), "start-1", Script.ok("Begin"), "RUNNING");
    assertThat(deleted(stack)).isEqualTo("SUCCESS done");
    assertThat(aws.containers.desired()).isZero();
    assertThat(aws.containers.running()).isZero();
    assertThat(aws.workflows.status("start-1")).isEqualTo("ABORTED");
  }

  @Test
  void doesNothingUnlessTheStackIsDeleted() throws Exception {
    assertThat(called(stack(Engine.DMS), "Create")).isEqualTo("SUCCESS done");
    assertThat(aws.actions()).isEmpty();
  }

  private static ResolvedTemplate stack(Engine engine) {
    Map<String, String> answers =
        Map.of("SubnetIds", "subnet-a,subnet-b", "MigrationBucketName", "shop");
    return ResolvedTemplate.of(AwsTemplate.of(engine).json(), answers, STACK);
  }

  private static String machine(ResolvedTemplate stack) {
    return stack.physical("MigrationStateMachine");
  }

  private String deleted(ResolvedTemplate stack) throws IOException, InterruptedException {
    return called(stack, "Delete");
  }

  /** What CloudFormation is told. */
  private String called(ResolvedTemplate stack, String request)
      throws IOException, InterruptedException {
    ObjectNode event =
        JSON.createObjectNode()
            .put("RequestType", request)
            .put("ResponseURL", receiver.url())
            .put("StackId", "stack-id")
            .put("RequestId", "request-id")
            .put("LogicalResourceId", "Cleanup");
    event.set("ResourceProperties", stack.properties("Cleanup"));
    String code = stack.properties("CleanupFunction").at("/Code/ZipFile").asText();
    NodeTools.run(
        "invoke.cjs",
        JSON.createObjectNode().put("code", code).set("event", event).toString(),
        Map.of(
            "AWS_ENDPOINT_URL",
            aws.url(),
            "AWS_REGION",
            FakeAws.REGION,
            "AWS_ACCESS_KEY_ID",
            "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY",
            "secret",
            "PAUSE",
            "20"));
    HttpReceiver.Request told = receiver.received().getLast();
    assertThat(told.method()).isEqualTo("PUT");
    // The address is signed for no type at all.
    assertThat(told.header("content-type")).isEmpty();
    JsonNode answer = JSON.readTree(told.body());
    assertThat(answer.get("StackId").asText()).isEqualTo("stack-id");
    assertThat(answer.get("RequestId").asText()).isEqualTo("request-id");
    assertThat(answer.get("LogicalResourceId").asText()).isEqualTo("Cleanup");
    assertThat(answer.get("PhysicalResourceId").asText()).isEqualTo("cleanup");
    return answer.get("Status").asText() + " " + answer.get("Reason").asText();
  }
}
