package dev.pgportage.aws.template;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The native engine's workflow, carried out by an interpreter of others. */
class NativeWorkflowIT {
  private static final Map<String, JsonNode> RESULTS = new LinkedHashMap<>();

  @BeforeAll
  static void runAll() throws Exception {
    Map<String, Object> done = Json.object();
    RESULTS.putAll(
        Interpreter.run(
            NativeWorkflow.definition(),
            List.of(
                migrate("happy"),
                migrate("findings").when("Run assess", exit(3)),
                migrate("assess fails").when("Run assess", exit(1)),
                migrate("wrong settings").when("Run assess", exit(2)),
                migrate("load is interrupted, killed, lost")
                    .when("Run migrate", exit(4), exit(137), exit(null), done),
                migrate("load fails").when("Run migrate", exit(1)),
                migrate("load is interrupted for ever").when("Run migrate", exit(4)),
                migrate("no permission")
                    .when("Run migrate", Scenario.error("ECS.AccessDeniedException", "RunTask")),
                migrate("service cannot start")
                    .when("Start service", Scenario.error("Ecs.ServiceNotFoundException", "gone")),
                Scenario.of("cutover", Json.object("phase", "cutover")),
                Scenario.of("rollback", Json.object("phase", "rollback")),
                Scenario.of("rollback fails", Json.object("phase", "rollback"))
                    .when("Run rollback", exit(1)),
                Scenario.of("cleanup", Json.object("phase", "cleanup")),
                Scenario.of("cleanup fails", Json.object("phase", "cleanup"))
                    .when("Run cleanup", exit(1)),
                Scenario.of("cutover fails", Json.object("phase", "cutover"))
                    .when("Run cutover", exit(1)),
                Scenario.of("cutover is interrupted", Json.object("phase", "cutover"))
                    .when("Run cutover", exit(4)),
                Scenario.of("no phase", Json.object("other", "x")))));
  }

  private static Scenario migrate(String name) {
    return Scenario.of(name, Json.object("phase", "migrate"));
  }

  /** How ECS tells of a task whose container ended so; without a status if it never ran. */
  private static Map<String, Object> exit(@Nullable Integer status) {
    String container = status == null ? "{}" : "{\"ExitCode\":" + status + "}";
    return Scenario.error(
        "States.TaskFailed", "{\"Containers\":[" + container + "],\"StoppedReason\":\"ended\"}");
  }

  @Test
  void tellsEveryStageUpToReadyAndLeavesTheServiceRunning() {
    JsonNode result = result("happy");
    assertThat(result.at("/output/outcome").textValue()).isEqualTo("ready");
    assertThat(Interpreter.subjects(result))
        .containsExactly("Started: shop", "Assessed: shop", "READY FOR CUTOVER: shop");
    assertThat(Interpreter.input(result, "Pause service").get("DesiredCount").intValue()).isZero();
    assertThat(Interpreter.input(result, "Start service").get("DesiredCount").intValue()).isOne();
    assertThat(Interpreter.input(result, "Run migrate").toString())
        .contains("\"migrate\",\"--yes\"", "\"--until-ready\"");
  }

  @Test
  void runsAnInterruptedPhaseAgain() {
    JsonNode result = result("load is interrupted, killed, lost");
    assertThat(result.at("/output/outcome").textValue()).isEqualTo("ready");
    assertThat(Interpreter.called(result, "Run migrate")).isEqualTo(4);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          findings                     | AssessmentFailed             | 1
          assess fails                 | PhaseFailed                  | 1
          wrong settings               | PhaseFailed                  | 1
          load fails                   | PhaseFailed                  | 2
          load is interrupted for ever | PhaseFailed                  | 2
          no permission                | ECS.AccessDeniedException    | 2
          service cannot start         | Ecs.ServiceNotFoundException | 2
          cutover fails                | CutoverFailed                | 0
          cutover is interrupted       | CutoverFailed                | 0
          rollback fails               | RollbackFailed               | 0
          cleanup fails                | CleanupFailed                | 0
          no phase                     | PayloadIncomplete            | 0
          """)
  void endsWithOneMailThatSaysWhy(String scenario, String error, int before) {
    JsonNode result = result(scenario);
    assertThat(result.get("status").textValue()).isEqualTo("FAILED");
    assertThat(result.get("error").textValue()).isEqualTo(error);
    var mails = new ArrayList<>(List.of("Started: shop", "Assessed: shop").subList(0, before));
    mails.add("FAILED: shop");
    assertThat(Interpreter.subjects(result)).isEqualTo(mails);
    assertThat(Interpreter.mails(result).getLast()).contains(error + ": ");
  }

  @Test
  void cutsOverOnceAndEndsTheService() {
    JsonNode result = result("cutover");
    assertThat(result.at("/output/outcome").textValue()).isEqualTo("cut-over");
    assertThat(Interpreter.input(result, "Stop service").get("DesiredCount").intValue()).isZero();
    assertThat(Interpreter.subjects(result)).containsExactly("CUTOVER, final sync confirmed: shop");
    assertThat(Interpreter.called(result("cutover is interrupted"), "Run cutover")).isOne();
  }

  @Test
  void keepsTheServiceRunningWhileThereIsAWayBack() throws Exception {
    JsonNode result =
        Objects.requireNonNull(
            Interpreter.run(
                    NativeWorkflow.definition(),
                    List.of(Scenario.of("cutover", Json.object("phase", "cutover"))),
                    Map.of("Reverse", "on"))
                .get("cutover"));
    assertThat(result.at("/output/outcome").textValue()).isEqualTo("cut-over");
    assertThat(Interpreter.called(result, "Stop service")).isZero();
    assertThat(Interpreter.called(result, "Unwatch")).isZero();
    assertThat(Interpreter.mails(result).getLast()).contains("Changes flow back");
  }

  @Test
  void goesBackAndLeavesNothing() {
    JsonNode back = result("rollback");
    assertThat(back.at("/output/outcome").textValue()).isEqualTo("rolled-back");
    assertThat(Interpreter.subjects(back)).containsExactly("ROLLED BACK: shop");
    JsonNode clean = result("cleanup");
    assertThat(clean.at("/output/outcome").textValue()).isEqualTo("cleaned-up");
    assertThat(Interpreter.input(clean, "End service").get("DesiredCount").intValue()).isZero();
    assertThat(Interpreter.subjects(clean)).containsExactly("CLEANED UP: shop");
  }

  private static JsonNode result(String scenario) {
    return Objects.requireNonNull(RESULTS.get(scenario), scenario);
  }
}
