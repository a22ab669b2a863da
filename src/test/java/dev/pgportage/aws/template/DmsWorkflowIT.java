package dev.pgportage.aws.template;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The DMS workflow, carried out by an interpreter of others against scripted answers of AWS. */
class DmsWorkflowIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, JsonNode> RESULTS = new LinkedHashMap<>();
  private static final int MOST_EVENTS = 25_000;

  @BeforeAll
  static void runAll() throws Exception {
    List<Scenario> all = new ArrayList<>();
    all.addAll(DmsScenarios.connections());
    all.addAll(DmsScenarios.assessments());
    all.addAll(DmsScenarios.loads());
    all.addAll(DmsScenarios.readiness());
    all.addAll(DmsScenarios.cutovers());
    all.addAll(DmsScenarios.others());
    String definition =
        JsonRendering.compact(new Intrinsic.Document(DmsWorkflow.definition(), Map.of()));
    String mailer =
        JsonRendering.compact(new Intrinsic.Document(FailureMail.definition(), Map.of()));
    String request =
        "{\"definition\":%s,\"mailer\":%s,\"scenarios\":%s}"
            .formatted(
                filled(definition),
                filled(mailer),
                JSON.writeValueAsString(all.stream().map(Scenario::body).toList()));
    for (JsonNode result : JSON.readTree(NodeTools.run("interpret.cjs", request))) {
      RESULTS.put(result.get("name").textValue(), result);
    }
  }

  private static String filled(String definition) {
    return definition
        .replace("${AWS::Partition}", "aws")
        .replace("${AWS::StackName}", "shop")
        .replace("${Limit}", "5")
        .replace("${Bucket}", "bucket")
        .replaceAll("\\$\\{[^}]+}", "value");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "happy",
        "source group is opened",
        "custom endpoint is opened",
        "instance is opened",
        "assessment passed",
        "assessment warns",
        "advice fails, nothing required",
        "task is modified, then ready",
        "task without figures",
        "several pages of tables",
        "differs for a moment",
        "long load"
      })
  void tellsEveryStageUpToReady(String scenario) {
    JsonNode result = RESULTS.get(scenario);
    assertThat(result.get("status").textValue()).isEqualTo("SUCCEEDED");
    assertThat(result.at("/output/outcome").textValue()).isEqualTo("ready");
    assertThat(subjects(result))
        .containsExactly(
            "Started: shop",
            "Assessed: shop",
            "Full load 100 percent, CDC active: shop",
            "READY FOR CUTOVER: shop");
    assertThat(called(result, "Watch")).isOne();
    assertThat(input(result, "Start task").get("StartReplicationTaskType").textValue())
        .isEqualTo("start-replication");
  }

  @ParameterizedTest
  @ValueSource(strings = {"task was stopped", "task had failed"})
  void resumesTaskThatRanBeforeWithoutAssessment(String scenario) {
    JsonNode result = RESULTS.get(scenario);
    assertThat(result.at("/output/outcome").textValue()).isEqualTo("ready");
    assertThat(input(result, "Start task").get("StartReplicationTaskType").textValue())
        .isEqualTo("resume-processing");
    assertThat(called(result, "Start assessment")).isZero();
  }

  @Test
  void startsNothingWhenTheTaskRunsAlready() {
    JsonNode result = RESULTS.get("task runs already");
    assertThat(result.at("/output/outcome").textValue()).isEqualTo("ready");
    assertThat(called(result, "Start task")).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          group cannot be opened            | ConnectionFailed
          opening does not help             | ConnectionFailed
          source is not found               | ConnectionFailed
          source is not in RDS              | ConnectionFailed
          target is down                    | ConnectionFailed
          no connection record              | ConnectionFailed
          connection is tested for ever     | ConnectionFailed
          required check fails              | AssessmentFailed
          assessment error-executing        | AssessmentBroken
          assessment error-provisioning     | AssessmentBroken
          assessment cancelling             | AssessmentBroken
          assessment deleting               | AssessmentBroken
          assessment invalid state          | AssessmentBroken
          assessment is gone                | AssessmentBroken
          assessment runs for ever          | AssessmentBroken
          assessment cannot start           | DatabaseMigration.KmsException
          task settles for ever             | ReplicationTaskFailed
          task is missing                   | ReplicationTaskFailed
          task fails                        | ReplicationTaskFailed
          task failed-move                  | ReplicationTaskFailed
          task deleting                     | ReplicationTaskFailed
          task vanishes                     | ReplicationTaskFailed
          task stopped by somebody          | ReplicationTaskFailed
          tables errored                    | ReplicationTaskFailed
          task starts for ever              | ReplicationTaskFailed
          full load only, differs           | ValidationFailed
          differs for good                  | ValidationFailed
          table error                       | ValidationFailed
          validation error                  | ValidationFailed
          lag stays for months              | WorkflowTooLong
          task dies while catching up       | ReplicationTaskFailed
          task stopped while catching up    | ReplicationTaskFailed
          tables errored while catching up  | ReplicationTaskFailed
          task vanishes while catching up   | ReplicationTaskFailed
          cutover never silent              | NotDrained
          cutover without metrics           | NotDrained
          cutover never validated           | NotValidated
          cutover with differences          | ValidationFailed
          cutover of a failed task          | NotReplicating
          cutover of a stopped task         | NotReplicating
          cutover of no task                | NotReplicating
          task does not stop                | TaskNotStopped
          task fails while stopping         | TaskNotStopped
          payload incomplete                | PayloadIncomplete
          permission is missing             | DatabaseMigration.AccessDenied
          """)
  void endsWithOneMailThatSaysWhy(String scenario, String error) {
    JsonNode result = RESULTS.get(scenario);
    assertThat(result.get("status").textValue()).isEqualTo("FAILED");
    assertThat(result.get("error").textValue()).isEqualTo(error);
    assertThat(subjects(result)).containsOnlyOnce("FAILED: shop").endsWith("FAILED: shop");
    String mail = mails(result).getLast();
    assertThat(mail).contains(error + ": ", "The execution: arn:execution");
    if (!error.contains(".")) {
      assertThat(mail).contains("What to do: ");
    }
    assertThat(subjects(result)).doesNotContain("READY FOR CUTOVER: shop");
  }

  @Test
  void tellsOfAnExecutionWhoseReasonCannotBeRead() {
    JsonNode result = RESULTS.get("permission is missing, and the mailer sees nothing");
    assertThat(mails(result).getLast()).startsWith("FAILED: shop | An execution of the workflow");
  }

  @Test
  void opensEachGroupWithATagAndTakesADuplicateForDone() {
    JsonNode result = RESULTS.get("source group is opened");
    assertThat(called(result, "Authorize")).isGreaterThanOrEqualTo(2);
    JsonNode opened = input(result, "Authorize");
    assertThat(opened.at("/IpPermissions/0/FromPort").isInt()).isTrue();
    assertThat(opened.at("/TagSpecifications/0/Tags/0/Key").textValue())
        .isEqualTo(AwsTemplate.STACK_TAG);
    assertThat(input(result, "Find cluster").get("DbClusterIdentifier").textValue())
        .isEqualTo("prod");
    assertThat(
            input(RESULTS.get("custom endpoint is opened"), "Find custom endpoint")
                .get("DbClusterEndpointIdentifier")
                .textValue())
        .isEqualTo("reports");
  }

  @Test
  void goesOnWhenMailsCannotBeSent() {
    assertThat(RESULTS.get("mail cannot be sent").at("/output/outcome").textValue())
        .isEqualTo("ready");
  }

  @Test
  void endsATaskWithoutReplicationWithItsProof() {
    assertThat(mails(RESULTS.get("full load only")).getLast())
        .startsWith("Full load finished: shop")
        .contains("proven");
    assertThat(subjects(RESULTS.get("full load was over")))
        .containsExactly("Started: shop", "Full load finished: shop");
    assertThat(mails(RESULTS.get("full load only, not validated")).getLast())
        .startsWith("Full load finished: shop")
        .contains("open");
  }

  @Test
  void tellsAStallAndGoesOn() {
    assertThat(subjects(RESULTS.get("load stalls")))
        .containsOnlyOnce("No progress: shop")
        .endsWith("READY FOR CUTOVER: shop");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"lag stays", "validation suspended", "validation not enabled", "no table at all"})
  void isNotReadyAndKeepsTellingWhileSomethingIsMissing(String scenario) {
    JsonNode result = RESULTS.get(scenario);
    assertThat(subjects(result)).doesNotContain("READY FOR CUTOVER: shop");
    assertThat(result.at("/output/outcome").textValue()).isEqualTo("continued");
    assertThat(subjects(result)).containsExactly("Not ready yet: shop");
    JsonNode handedOver = input(result, "Start successor");
    assertThat(handedOver.get("Input").textValue())
        .contains("\"generation\":4", "\"phase\":\"ready\"", "\"n\":0");
    assertThat(handedOver.get("Name").textValue()).hasSize(64);
  }

  @Test
  void neverComesNearTheLongestHistory() {
    assertThat(RESULTS.get("long load").get("executions").intValue()).isEqualTo(2);
    RESULTS.forEach(
        (name, result) ->
            result
                .get("events")
                .forEach(
                    events ->
                        assertThat(events.intValue()).as(name).isLessThan(MOST_EVENTS * 4 / 5)));
  }

  @Test
  void cutsOverAndTakesItsRulesBack() {
    for (String scenario :
        List.of("cutover", "cutover waits for silence", "cutover waits for validation")) {
      JsonNode result = RESULTS.get(scenario);
      assertThat(result.at("/output/outcome").textValue()).as(scenario).isEqualTo("cut-over");
      assertThat(subjects(result)).containsExactly("CUTOVER, final sync confirmed: shop");
      assertThat(called(result, "Stop task")).isOne();
      assertThat(called(result, "Unwatch")).isOne();
      assertThat(input(result, "Revoke").get("SecurityGroupRuleIds").get(0).textValue())
          .isEqualTo("sgr-1");
    }
    assertThat(input(RESULTS.get("cutover"), "Ask lag").get("StartTime").textValue())
        .matches("20\\d\\d-.*Z");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cutover never silent",
        "cutover without metrics",
        "cutover never validated",
        "cutover with differences",
        "cutover of a failed task",
        "cutover of a stopped task",
        "cutover of no task"
      })
  void stopsNothingUnlessAllIsThere(String scenario) {
    assertThat(called(RESULTS.get(scenario), "Stop task")).isZero();
  }

  @Test
  void tellsTheCutoverEvenIfARuleStays() {
    JsonNode result = RESULTS.get("rule cannot be revoked");
    assertThat(result.at("/output/outcome").textValue()).isEqualTo("cut-over");
    assertThat(mails(result).getLast()).contains("rules could not be removed");
  }

  private static List<String> subjects(JsonNode result) {
    return StreamSupport.stream(result.get("mails").spliterator(), false)
        .map(mail -> mail.get("subject").asText())
        .toList();
  }

  private static int called(JsonNode result, String state) {
    return result.get("calls").path(state).asInt();
  }

  private static JsonNode input(JsonNode result, String state) {
    return StreamSupport.stream(result.get("inputs").spliterator(), false)
        .filter(call -> call.get("state").textValue().equals(state))
        .findFirst()
        .orElseThrow()
        .get("input");
  }

  private static List<String> mails(JsonNode result) {
    return StreamSupport.stream(result.get("mails").spliterator(), false)
        .map(mail -> mail.get("subject").asText() + " | " + mail.get("message").asText())
        .toList();
  }
}
