package dev.pgportage.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.aws.FakeWorkflows.Script;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AwsMigrationTest {
  private static final String BUCKET = "shop-eu-central-1-123456789012";
  private static final Duration MAX_LAG = Duration.ofSeconds(5);

  private final FakeAws aws = new FakeAws();
  private final List<String> told = new ArrayList<>();
  private final AwsMigration migration =
      new AwsMigration(AwsLogin.ofSurroundings(), "shop", false, told::add);

  @BeforeEach
  void makeStack() {
    aws.stacks.output("StepFunctionsPayloadTemplate", "{\"replicationTaskArn\":\"arn:t\"}");
    aws.stacks.output("CutoverPayloadTemplate", "{\"phase\":\"cutover\"}");
    aws.stacks.output("MigrationStateMachineArn", FakeWorkflows.MACHINE);
    aws.stacks.output("StepFunctionsConsoleURL", "https://console.example.com/x");
    aws.stacks.add(
        "shop",
        "CREATE_COMPLETE",
        List.of(
            new FakeStacks.Made("Role", "AWS::IAM::Role", "role"),
            new FakeStacks.Made("Bucket", "AWS::S3::Bucket", BUCKET),
            new FakeStacks.Made(
                "ReplicationTask", "AWS::DMS::ReplicationTask", "arn:aws:dms:e:1:task:TASKID"),
            new FakeStacks.Made(
                "MigrationStateMachine", "AWS::StepFunctions::StateMachine", FakeWorkflows.MACHINE),
            new FakeStacks.Made("Mail", "AWS::SNS::Subscription", "arn:aws:sns:e:1:t:s")));
  }

  @AfterEach
  void stop() {
    migration.close();
    aws.close();
  }

  @Test
  void startsWorkflowWithTheStacksPayloadOnce() {
    aws.workflows.script(Script.ok("Begin", "Test connections", "Wait for load"));
    AwsMigration.Started started = migration.start(false);
    assertThat(started.begun()).isTrue();
    assertThat(aws.workflows.inputs()).containsExactly("{\"replicationTaskArn\":\"arn:t\"}");
    AwsMigration.Started again = migration.start(false);
    assertThat(again.begun()).isFalse();
    assertThat(again.execution()).isEqualTo(started.execution());
    migration.follow(started.execution());
    assertThat(told)
        .extracting(line -> line.replaceFirst("^\\S+Z  ", ""))
        .containsSubsequence("Begin", "Test connections", "Wait for load");
    assertThat(told)
        .filteredOn(line -> line.startsWith("DMS task: running, full load 100 %"))
        .hasSize(1);
    assertThat(migration.start(false).begun()).isFalse();
    assertThat(aws.workflows.inputs()).hasSize(1);
  }

  @Test
  void followsIntoTheSuccessor() {
    aws.workflows.script(
        new Script(
            List.of("Begin"),
            "SUCCEEDED",
            "{\"outcome\":\"continued\",\"successor\":\"%s\"}"
                .formatted(FakeWorkflows.MACHINE.replace("stateMachine", "execution") + ":second"),
            "",
            ""));
    aws.workflows.add("second", Script.ok("Wait for ready", "Done"), "RUNNING");
    aws.workflows.add("old", Script.ok("x"), "FAILED");
    String first = migration.start(true).execution();
    // The second one runs, so that no other is begun.
    assertThat(first).endsWith(":second");
    migration.follow(first);
    assertThat(aws.workflows.status("second")).isEqualTo("SUCCEEDED");
    String next = migration.start(true).execution();
    migration.follow(next);
    assertThat(told).anyMatch(line -> line.startsWith("Goes on in") && line.endsWith(":second"));
  }

  @Test
  void tellsWhyTheWorkflowFailedAndStartsAgain() {
    aws.workflows.script(
        new Script(
            List.of("Begin"), "FAILED", "", "ReplicationTaskFailed", "What to do: read its log."));
    String execution = migration.start(false).execution();
    fails(
        () -> migration.follow(execution),
        ErrorCode.AWS_WORKFLOW_FAILED,
        "is FAILED: ReplicationTaskFailed: What to do: read its log.");
    AwsStatus status = migration.status();
    assertThat(status.workflow().orElseThrow().error().orElseThrow())
        .contains("ReplicationTaskFailed");
    assertThat(status.hints()).anyMatch(hint -> hint.contains("pgportage aws start"));
    aws.workflows.script(Script.ok("Begin"));
    assertThatThrownBy(() -> aws.workflows.status("none")).isNotNull();
  }

  @Test
  void saysThatMailsAreNotConfirmed() {
    aws.network.unsubscribe();
    assertThat(migration.start(false).hints())
        .singleElement()
        .asString()
        .contains("Confirm the subscription");
    assertThat(migration.status().hints()).anyMatch(hint -> hint.contains("not confirmed"));
  }

  @Test
  void readsStatusPageByPage() {
    for (int i = 0; i < 7; i++) {
      aws.workflows.table("t" + i, i == 6 ? "Mismatched records" : "Validated", i == 6 ? 3 : 0);
    }
    aws.workflows.add("start-1", Script.ok("Begin", "Wait for ready"), "SUCCEEDED");
    AwsStatus status = migration.status();
    AwsStatus.Task task = status.task().orElseThrow();
    assertThat(task.tables()).hasSize(7);
    assertThat(task.wrong()).singleElement().returns("t6", AwsStatus.Table::name);
    assertThat(task.targetLatencySeconds()).hasValue(1.0);
    assertThat(status.links())
        .singleElement()
        .returns("https://console.example.com/x", AwsStatus.Link::url);
    assertThat(status.workflow().orElseThrow().state()).hasValue("Begin");
    fails(
        () -> migration.requireReady(MAX_LAG),
        ErrorCode.NOT_READY,
        "tables differ or have errors: public.t6");
  }

  @Test
  void namesEveryReasonWhyItIsNotReady() {
    aws.workflows.table("t", "Pending records", 0);
    aws.workflows.task("running", 80, 60);
    aws.workflows.add("start-1", Script.ok("Begin", "Wait for load", "x", "y"), "RUNNING");
    fails(
        () -> migration.requireReady(MAX_LAG),
        ErrorCode.NOT_READY,
        "the workflow still works towards READY",
        "full load is at 80 %",
        "latency of the target is 60 s",
        "still validates 1 tables");
    aws.workflows.task("stopped", 100, 0);
    fails(() -> migration.requireReady(MAX_LAG), ErrorCode.NOT_READY, "the DMS task is stopped");
  }

  @Test
  void drainsByTheWorkflowsCutover() {
    aws.workflows.table("t", "Validated", 0);
    aws.workflows.add("start-1", Script.ok("Begin"), "SUCCEEDED");
    migration.requireReady(MAX_LAG);
    aws.workflows.script(Script.ok("Begin cutover", "Stop task"));
    migration.carryOut(AwsMigration.Deed.CUTOVER);
    assertThat(aws.workflows.inputs()).containsExactly("{\"phase\":\"cutover\"}");
    // A cutover whose watcher died is followed, not begun again.
    aws.workflows.add("cutover-2", Script.ok("Begin cutover", "Stop task"), "RUNNING");
    migration.requireReady(MAX_LAG);
    migration.carryOut(AwsMigration.Deed.CUTOVER);
    assertThat(aws.workflows.inputs()).hasSize(1);
    assertThat(aws.workflows.status("cutover-2")).isEqualTo("SUCCEEDED");
  }

  @Test
  void deletesTheFirstTime() {
    aws.buckets.fill(BUCKET, 4);
    aws.buckets.beginUpload();
    for (int i = 0; i < 3; i++) {
      aws.network.rule("sgr-" + i, "sg-source", "shop");
    }
    aws.network.rule("sgr-other", "sg-source", "other");
    aws.workflows.add("start-1", Script.ok("Begin", "a", "b", "c"), "RUNNING");
    var asked = new ArrayList<String>();
    AwsMigration.Deleted deleted = migration.delete(List.of(), false, asked::add);
    assertThat(asked).singleElement().asString().contains("ITS REPLICATION STILL RUNS");
    assertThat(aws.stacks.status("shop")).hasValue("DELETE_COMPLETE");
    assertThat(aws.count("cloudformation:DeleteStack")).isOne();
    assertThat(aws.workflows.status("start-1")).isEqualTo("ABORTED");
    assertThat(aws.workflows.task()).isEqualTo("stopped");
    assertThat(aws.network.rules()).isOne();
    assertThat(deleted.left()).isEmpty();
    assertThat(deleted.removed())
        .contains("rule sgr-2 of sg-source", "8 object versions of " + BUCKET, "stack shop");
    assertThat(migration.delete(List.of(), false, asked::add).removed()).isEmpty();
    assertThat(told).anyMatch(line -> line.contains("There is no stack shop"));
  }

  @Test
  void explainsWhatItCouldNotDelete() {
    aws.buckets.fill(BUCKET, 2);
    aws.buckets.lock("assessment/1 &.json");
    aws.stacks.keep("Role");
    fails(
        () -> migration.delete(List.of(), false, _ -> {}),
        ErrorCode.CLEANUP_INCOMPLETE,
        "The stack shop is DELETE_FAILED",
        "assessment/1 &.json: object lock",
        "Bucket: The bucket you tried to delete is not empty",
        "Role: resource sg-1 has a dependent object");
    assertThat(aws.count("cloudformation:DeleteStack")).isEqualTo(2);
    aws.stacks.letGo();
    aws.deny("s3:ListBucketVersions");
    fails(
        () -> migration.delete(List.of(), false, _ -> {}),
        ErrorCode.AWS_DENIED,
        "Listing the bucket " + BUCKET + ": not allowed: s3:ListBucketVersions");
  }

  @Test
  void changesNothingInARehearsal() {
    aws.buckets.fill(BUCKET, 1);
    aws.network.rule("sgr-1", "sg-source", "shop");
    aws.workflows.add("start-1", Script.ok("Begin", "a"), "RUNNING");
    try (var rehearsed = new AwsMigration(AwsLogin.ofSurroundings(), "shop", true, told::add)) {
      rehearsed.delete(
          List.of(),
          false,
          _ -> {
            throw new IllegalStateException("asked");
          });
    }
    assertThat(aws.stacks.status("shop")).hasValue("CREATE_COMPLETE");
    assertThat(aws.buckets.isEmpty(BUCKET)).isFalse();
    assertThat(aws.network.rules()).isOne();
    assertThat(String.join("\n", told))
        .contains(
            "would call  states:StopExecution",
            "would call  dms:StopReplicationTask",
            "would call  ec2:RevokeSecurityGroupIngress",
            "would call  s3:DeleteObjectVersion",
            "would call  cloudformation:DeleteStack");
  }

  @Test
  void namesStacksItCannotUse() {
    try (var other = new AwsMigration(AwsLogin.ofSurroundings(), "none", false, told::add)) {
      fails(other::status, ErrorCode.AWS_STACK_UNKNOWN, "There is no stack none in eu-central-1");
    }
    aws.stacks.add("busy", "UPDATE_IN_PROGRESS", List.of());
    aws.stacks.add("broken", "ROLLBACK_COMPLETE", List.of());
    try (var broken = new AwsMigration(AwsLogin.ofSurroundings(), "broken", false, told::add)) {
      fails(() -> broken.start(false), ErrorCode.AWS_STACK_FAILED, "ROLLBACK_COMPLETE");
    }
  }

  @Test
  void waitsWhenThrottledAndNamesWhatIsNotAllowed() {
    aws.throttle("states:ListExecutions", 2);
    assertThat(migration.start(false).begun()).isTrue();
    aws.deny("dms:DescribeReplicationTasks");
    fails(migration::status, ErrorCode.AWS_DENIED, "dms:DescribeReplicationTasks");
    aws.deny("states:StartExecution");
    aws.workflows.add("later", Script.ok("x"), "FAILED");
    fails(() -> migration.start(false), ErrorCode.AWS_DENIED, "states:StartExecution");
  }

  private static void fails(ThrowingCallable work, ErrorCode code, String... words) {
    assertThatThrownBy(work)
        .isInstanceOfSatisfying(
            MigrationException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.what()).contains(words);
            });
  }
}
