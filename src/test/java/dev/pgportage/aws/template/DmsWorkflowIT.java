package dev.pgportage.aws.template;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The DMS workflow, carried out by an interpreter of others against scripted answers of AWS. */
class DmsWorkflowIT {
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
    RESULTS.putAll(Interpreter.run(DmsWorkflow.definition(), all));
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
        "long load",
        "figures cannot be noted"
      })
  void tellsEveryStageUpToReady(String scenario) {
    JsonNode result = result(scenario);
    assertThat(result.get("status").textValue()).isEqualTo("SUCCEEDED");
    assertThat(result.at("/output/outcome").textValue()).isEqualTo("ready");
    assertThat(Interpreter.subjects(result))
        .containsExactly(
            "Started: shop",
            "Assessed: shop",
            "Full load 100 percent, CDC active: shop",
            "READY FOR CUTOVER: shop");
    assertThat(Interpreter.called(result, "Watch")).isOne();
    assertThat(Interpreter.input(result, "Start task").get("StartReplicationTaskType").textValue())
        .isEqualTo("start-replication");
  }

  @ParameterizedTest
  @ValueSource(strings = {"task was stopped", "task had failed"})
  void resumesTaskThatRanBeforeWithoutAssessment(String scenario) {
    JsonNode result = result(scenario);
    assertThat(result.at("/output/outcome").textValue()).isEqualTo("ready");
    assertThat(Interpreter.input(result, "Start task").get("StartReplicationTaskType").textValue())
        .isEqualTo("resume-processing");
    assertThat(Interpreter.called(result, "Start assessment")).isZero();
    assertThat(Interpreter.subjects(result))
        .containsExactly(
            "Started: shop", "Full load 100 percent, CDC active: shop", "READY FOR CUTOVER: shop");
  }

  @Test
  void startsNothingWhenTheTaskRunsAlready() {
    JsonNode result = result("task runs already");
    assertThat(result.at("/output/outcome").textValue()).isEqualTo("ready");
    assertThat(Interpreter.called(result, "Start task")).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          group cannot be opened           | ConnectionFailed               | S
          opening does not help            | ConnectionFailed               | S
          source is not found              | ConnectionFailed               | S
          source is not in RDS             | ConnectionFailed               | S
          target is down                   | ConnectionFailed               | S
          no connection record             | ConnectionFailed               | S
          connection is tested for ever    | ConnectionFailed               | S
          required check fails             | AssessmentFailed               | S
          assessment error-executing       | AssessmentBroken               | S
          assessment error-provisioning    | AssessmentBroken               | S
          assessment cancelling            | AssessmentBroken               | S
          assessment deleting              | AssessmentBroken               | S
          assessment invalid state         | AssessmentBroken               | S
          assessment is gone               | AssessmentBroken               | S
          assessment runs for ever         | AssessmentBroken               | S
          assessment cannot start          | DatabaseMigration.KmsException | S
          task settles for ever            | ReplicationTaskFailed          | S
          task is missing                  | ReplicationTaskFailed          | S
          task fails                       | ReplicationTaskFailed          | SA
          task failed-move                 | ReplicationTaskFailed          | SA
          task deleting                    | ReplicationTaskFailed          | SA
          task vanishes                    | ReplicationTaskFailed          | SA
          task stopped by somebody         | ReplicationTaskFailed          | SA
          tables errored                   | ReplicationTaskFailed          | SA
          task starts for ever             | ReplicationTaskFailed          | SA
          task stops for ever              | ReplicationTaskFailed          | SA
          task in a state nobody knows     | ReplicationTaskFailed          | SA
          full load only, differs          | ValidationFailed               | SA
          differs for good                 | ValidationFailed               | SAL
          table error                      | ValidationFailed               | SAL
          validation error                 | ValidationFailed               | SAL
          lag stays for months             | WorkflowTooLong                | N
          task dies while catching up      | ReplicationTaskFailed          | SAL
          task stopped while catching up   | ReplicationTaskFailed          | SAL
          tables errored while catching up | ReplicationTaskFailed          | SAL
          task vanishes while catching up  | ReplicationTaskFailed          | SAL
          cutover never silent             | NotDrained                     | -
          cutover without metrics          | NotDrained                     | -
          cutover never validated          | NotValidated                   | -
          cutover with differences         | ValidationFailed               | -
          cutover of a failed task         | NotReplicating                 | -
          cutover of a stopped task        | NotReplicating                 | -
          cutover of no task               | NotReplicating                 | -
          task does not stop               | TaskNotStopped                 | -
          task fails while stopping        | TaskNotStopped                 | -
          payload incomplete               | PayloadIncomplete              | -
          permission is missing            | DatabaseMigration.AccessDenied | SA
          """)
  void endsWithOneMailThatSaysWhy(String scenario, String error, String before) {
    JsonNode result = result(scenario);
    assertThat(Interpreter.subjects(result)).isEqualTo(subjects(before));
    assertThat(result.get("status").textValue()).isEqualTo("FAILED");
    assertThat(result.get("error").textValue()).isEqualTo(error);
    String mail = Interpreter.mails(result).getLast();
    assertThat(mail).contains(error + ": ", "The execution: arn:execution");
    if (!error.contains(".")) {
      assertThat(mail).contains("What to do: ");
    }
  }

  /** All mails of an execution that failed: those of its stages by their letters, and the last. */
  private static List<String> subjects(String before) {
    var subjects = new ArrayList<String>();
    for (int i = 0; i < before.length(); i++) {
      switch (before.charAt(i)) {
        case 'S' -> subjects.add("Started: shop");
        case 'A' -> subjects.add("Assessed: shop");
        case 'L' -> subjects.add("Full load 100 percent, CDC active: shop");
        case 'N' -> subjects.add("Not ready yet: shop");
        default -> {}
      }
    }
    subjects.add("FAILED: shop");
    return subjects;
  }

  @Test
  void tellsOfAnExecutionWhoseReasonCannotBeRead() {
    JsonNode result = result("permission is missing, and the mailer sees nothing");
    assertThat(Interpreter.mails(result).getLast())
        .startsWith("FAILED: shop | An execution of the workflow");
  }

  @Test
  void opensEachGroupWithATagAndTakesADuplicateForDone() {
    JsonNode result = result("source group is opened");
    assertThat(Interpreter.called(result, "Authorize")).isGreaterThanOrEqualTo(2);
    JsonNode opened = Interpreter.input(result, "Authorize");
    assertThat(opened.at("/IpPermissions/0/FromPort").isInt()).isTrue();
    assertThat(opened.at("/TagSpecifications/0/Tags/0/Key").textValue())
        .isEqualTo(AwsTemplate.STACK_TAG);
    assertThat(Interpreter.input(result, "Find cluster").get("DbClusterIdentifier").textValue())
        .isEqualTo("prod");
    assertThat(
            Interpreter.input(result("custom endpoint is opened"), "Find custom endpoint")
                .get("DbClusterEndpointIdentifier")
                .textValue())
        .isEqualTo("reports");
  }

  @Test
  void goesOnWhenMailsCannotBeSent() {
    assertThat(result("mail cannot be sent").at("/output/outcome").textValue()).isEqualTo("ready");
    assertThat(Interpreter.called(result("mail cannot be sent"), "Tell ready")).isPositive();
  }

  @Test
  void endsATaskWithoutReplicationWithItsProof() {
    assertThat(Interpreter.mails(result("full load only")).getLast())
        .startsWith("Full load finished: shop")
        .contains("proven");
    assertThat(Interpreter.subjects(result("full load was over")))
        .containsExactly("Started: shop", "Full load finished: shop");
    assertThat(Interpreter.mails(result("full load only, not validated")).getLast())
        .startsWith("Full load finished: shop")
        .contains("open");
  }

  @Test
  void notesHowFarTheLoadIsWhereDmsTellsIt() {
    assertThat(Interpreter.called(result("happy"), "Note percent")).isEqualTo(3);
    assertThat(Interpreter.called(result("task without figures"), "Note percent")).isOne();
    JsonNode noted = Interpreter.input(result("happy"), "Note percent");
    assertThat(noted.get("Namespace").textValue()).isEqualTo("pgportage/shop");
    assertThat(noted.at("/MetricData/0/Value").isNumber()).isTrue();
  }

  @Test
  void tellsAStallAndGoesOn() {
    assertThat(Interpreter.subjects(result("load stalls")))
        .containsOnlyOnce("No progress: shop")
        .endsWith("READY FOR CUTOVER: shop");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"lag stays", "validation suspended", "validation not enabled", "no table at all"})
  void isNotReadyAndKeepsTellingWhileSomethingIsMissing(String scenario) {
    JsonNode result = result(scenario);
    assertThat(Interpreter.subjects(result)).doesNotContain("READY FOR CUTOVER: shop");
    assertThat(result.at("/output/outcome").textValue()).isEqualTo("continued");
    assertThat(Interpreter.subjects(result)).containsExactly("Not ready yet: shop");
    JsonNode handedOver = Interpreter.input(result, "Start successor");
    assertThat(handedOver.get("Input").textValue())
        .contains("\"generation\":4", "\"phase\":\"ready\"", "\"n\":0");
    assertThat(handedOver.get("Name").textValue()).hasSize(64);
  }

  @Test
  void neverComesNearTheLongestHistory() {
    assertThat(result("long load").get("executions").intValue()).isEqualTo(2);
    // A wait for READY adds to the history of the load before it.
    JsonNode late = result("lag stays after a long load");
    assertThat(late.at("/output/outcome").textValue()).isEqualTo("continued");
    assertThat(Interpreter.input(late, "Start successor").get("Input").textValue())
        .contains("\"phase\":\"ready\"");
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
      JsonNode result = result(scenario);
      assertThat(result.at("/output/outcome").textValue()).as(scenario).isEqualTo("cut-over");
      assertThat(Interpreter.subjects(result))
          .containsExactly("CUTOVER, final sync confirmed: shop");
      assertThat(Interpreter.called(result, "Stop task")).isOne();
      assertThat(Interpreter.called(result, "Unwatch")).isOne();
      assertThat(Interpreter.input(result, "Revoke").get("SecurityGroupRuleIds").get(0).textValue())
          .isEqualTo("sgr-1");
    }
    assertThat(Interpreter.input(result("cutover"), "Ask lag").get("StartTime").textValue())
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
    assertThat(Interpreter.called(result(scenario), "Stop task")).isZero();
  }

  @Test
  void tellsTheCutoverEvenIfARuleStays() {
    JsonNode result = result("rule cannot be revoked");
    assertThat(result.at("/output/outcome").textValue()).isEqualTo("cut-over");
    assertThat(Interpreter.mails(result).getLast()).contains("rules could not be removed");
  }

  private static JsonNode result(String scenario) {
    return Objects.requireNonNull(RESULTS.get(scenario), scenario);
  }
}
