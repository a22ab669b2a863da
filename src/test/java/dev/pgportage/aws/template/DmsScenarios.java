package dev.pgportage.aws.template;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What AWS may answer to the DMS workflow. */
final class DmsScenarios {
  private DmsScenarios() {}

  static List<Scenario> connections() {
    Map<String, Object> failed = connection("failed");
    Map<String, Object> groups =
        Json.parse(
            "{DbClusters: [{VpcSecurityGroups: [{VpcSecurityGroupId: 'sg-1'},"
                + " {VpcSecurityGroupId: 'sg-2'}]}]}");
    Map<String, Object> duplicate =
        Scenario.error("Ec2.Ec2Exception", "the specified rule already exists (Service: Ec2)");
    return List.of(
        happy("source group is opened")
            .whenHas("Ask test", "arn:s", failed, connection("successful"))
            .when("Find cluster", groups)
            .whenHas("Authorize", "sg-2", duplicate),
        happy("group cannot be opened")
            .whenHas("Ask test", "arn:s", failed)
            .when("Find cluster", groups)
            .when("Authorize", Scenario.error("Ec2.Ec2Exception", "UnauthorizedOperation")),
        happy("opening does not help")
            .whenHas("Ask test", "arn:s", failed)
            .when("Find cluster", groups),
        happy("custom endpoint is opened")
            .input("sourceEndpointHost", "reports.cluster-custom-abc.us-east-2.rds.amazonaws.com")
            .whenHas("Ask test", "arn:s", failed, connection("successful"))
            .when(
                "Find custom endpoint",
                Json.parse("{DbClusterEndpoints: [{DbClusterIdentifier: 'prod'}]}"))
            .when("Find cluster", groups),
        happy("instance is opened")
            .whenHas("Ask test", "arn:s", failed, connection("successful"))
            .when("Find cluster", Scenario.error("Rds.DbClusterNotFoundException", "none"))
            .when(
                "Find instance",
                Json.parse("{DbInstances: [{VpcSecurityGroups: [{VpcSecurityGroupId: 'sg-9'}]}]}")),
        happy("source is not found")
            .whenHas("Ask test", "arn:s", failed)
            .when("Find cluster", Scenario.error("Rds.DbClusterNotFoundException", "none"))
            .when("Find instance", Scenario.error("Rds.DbInstanceNotFoundException", "none")),
        happy("source is not in RDS")
            .input("sourceEndpointHost", "db.example.com")
            .whenHas("Ask test", "arn:s", failed),
        happy("target is down").whenHas("Ask test", "arn:t", failed),
        happy("no connection record").whenHas("Ask test", "arn:t", Json.parse("{Connections: []}")),
        happy("connection is tested for ever").whenHas("Ask test", "arn:s", connection("testing")));
  }

  static List<Scenario> assessments() {
    return List.of(
        happy("assessment passed").when("Ask assessment", assessment("passed")),
        happy("assessment warns").when("Ask assessment", assessment("warning")),
        happy("advice fails, nothing required").when("Ask assessment", assessment("failed")),
        happy("required check fails")
            .when("Ask assessment", assessment("failed"))
            .when("Ask findings", findings("postgres-check-pk", "postgres-check-wallevel")),
        happy("assessment error-executing").when("Ask assessment", assessment("error-executing")),
        happy("assessment error-provisioning")
            .when("Ask assessment", assessment("error-provisioning")),
        happy("assessment cancelling").when("Ask assessment", assessment("cancelling")),
        happy("assessment deleting").when("Ask assessment", assessment("deleting")),
        happy("assessment invalid state").when("Ask assessment", assessment("invalid state")),
        happy("assessment is gone")
            .when("Ask assessment", Json.parse("{ReplicationTaskAssessmentRuns: []}")),
        happy("assessment runs for ever").when("Ask assessment", assessment("running")),
        happy("assessment cannot start")
            .when("Start assessment", Scenario.error("DatabaseMigration.KmsException", "no key")));
  }

  static List<Scenario> loads() {
    return List.of(
        happy("happy"),
        happy("task runs already").when("Look at task", task("running", 100, "")),
        happy("task was stopped").when("Look at task", task("stopped", 60, "NORMAL")),
        happy("task had failed").when("Look at task", task("failed", 60, "")),
        happy("task is modified, then ready")
            .when("Look at task", task("modifying", 0, ""), task("ready", 0, "")),
        happy("task settles for ever").when("Look at task", task("moving", 0, "")),
        happy("task is missing").when("Look at task", Json.parse("{ReplicationTasks: []}")),
        happy("task fails").when("Ask load", task("running", 20, ""), task("failed", 20, "")),
        happy("task failed-move").when("Ask load", task("failed-move", 20, "")),
        happy("task deleting").when("Ask load", task("deleting", 20, "")),
        happy("task vanishes").when("Ask load", Json.parse("{ReplicationTasks: []}")),
        happy("task stopped by somebody").when("Ask load", task("stopped", 20, "NORMAL")),
        happy("tables errored")
            .when("Ask load", Json.joined(tables(100, 2, "running", ""), Map.of())),
        happy("full load only")
            .when(
                "Ask load",
                task("running", 50, ""),
                task("stopped", 100, "Stop Reason FULL_LOAD_ONLY_FINISHED"))
            .when("First page", page("", "Validated")),
        happy("full load only, not validated")
            .when("Ask load", task("stopped", 100, "Stop Reason FULL_LOAD_ONLY_FINISHED"))
            .when("First page", page("", "Pending records")),
        happy("full load only, differs")
            .when("Ask load", task("stopped", 100, "Stop Reason FULL_LOAD_ONLY_FINISHED"))
            .when("First page", page("", "Mismatched records")),
        happy("full load was over")
            .when("Look at task", task("stopped", 100, "Stop Reason FULL_LOAD_ONLY_FINISHED"))
            .when("First page", page("", "Validated")),
        happy("load stalls")
            .when("Ask load", repeated(200, task("running", 20, ""), task("running", 100, ""))),
        happy("task starts for ever").when("Ask load", task("starting", 0, "")),
        happy("task stops for ever").when("Ask load", task("stopping", 0, "")),
        happy("task in a state nobody knows").when("Ask load", task("unheard-of", 0, "")),
        happy("long load")
            .when(
                "Ask load", repeated(DmsWorkflow.LOAD_ROUNDS + 50, null, task("running", 100, "")))
            .limits(3000, 5),
        happy("task without figures")
            .when(
                "Ask load",
                Json.parse("{ReplicationTasks: [{Status: 'running'}]}"),
                task("running", 100, "")));
  }

  static List<Scenario> readiness() {
    return List.of(
        happy("several pages of tables")
            .when("First page", page("m1", "Validated", "No primary key"))
            .when("Next page", page("m2", "No primary key"), page("", "Validated")),
        late("no table at all").when("First page", page("")),
        happy("differs for good").when("First page", page("", "Validated", "Mismatched records")),
        happy("differs for a moment")
            .when(
                "First page",
                page("", "Mismatched records"),
                page("", "Pending revalidation"),
                page("", "Validated")),
        happy("table error").when("First page", page("", "Table error")),
        happy("validation error").when("First page", page("", "Error")),
        late("validation suspended").when("First page", page("", "Suspended records")),
        late("validation not enabled").when("First page", page("", "Not enabled")),
        late("lag stays").when("Ask lag", calm(0, 1, 1)),
        happy("lag stays after a long load")
            .when(
                "Ask load", repeated(DmsWorkflow.LOAD_ROUNDS - 20, null, task("running", 100, "")))
            .when("Ask lag", calm())
            .limits(4000, 1),
        late("lag stays for months")
            .when("Ask lag", calm())
            .input("generation", DmsWorkflow.GENERATIONS),
        happy("task dies while catching up")
            .when("Ask lag", calm())
            .when("Ask task", task("running", 100, ""), task("failed", 100, "")),
        happy("task stopped while catching up").when("Ask task", task("stopped", 100, "NORMAL")),
        happy("tables errored while catching up").when("Ask task", tables(100, 1, "running", "")),
        happy("task vanishes while catching up")
            .when("Ask task", Json.parse("{ReplicationTasks: []}")));
  }

  static List<Scenario> cutovers() {
    return List.of(
        cutover("cutover"),
        cutover("cutover waits for silence")
            .when("Ask lag", calm(), calm(1), calm(2, 1), calm(2, 2, 1)),
        cutover("cutover never silent").when("Ask lag", calm(1, 1, 1)),
        cutover("cutover without metrics").when("Ask lag", calm()),
        cutover("cutover waits for validation")
            .when("First page", page("", "Pending records"), page("", "Validated")),
        cutover("cutover never validated").when("First page", page("", "Pending records")),
        cutover("cutover with differences").when("First page", page("", "Mismatched records")),
        cutover("cutover of a failed task").when("Ask task", task("failed", 100, "")),
        cutover("cutover of a stopped task").when("Ask task", task("stopped", 100, "NORMAL")),
        cutover("cutover of no task").when("Ask task", Json.parse("{ReplicationTasks: []}")),
        cutover("task does not stop").when("Ask stop", task("stopping", 100, "")),
        cutover("task fails while stopping").when("Ask stop", task("failed", 100, "")),
        cutover("rule cannot be revoked")
            .when("Revoke", Scenario.error("Ec2.Ec2Exception", "UnauthorizedOperation")));
  }

  static List<Scenario> others() {
    return List.of(
        Scenario.of("payload incomplete", Json.object("sourcePort", "5432")),
        happy("mail cannot be sent")
            .when("Tell start", Scenario.error("Sns.SnsException", "down"))
            .when("Tell assessment", Scenario.error("Sns.SnsException", "down"))
            .when("Tell loaded", Scenario.error("Sns.SnsException", "down"))
            .when("Tell ready", Scenario.error("Sns.SnsException", "down")),
        happy("figures cannot be noted")
            .when("Note percent", Scenario.error("CloudWatch.CloudWatchException", "denied")),
        happy("permission is missing")
            .when("Start task", Scenario.error("DatabaseMigration.AccessDenied", "not authorized")),
        happy("permission is missing, and the mailer sees nothing")
            .when("Start task", Scenario.error("DatabaseMigration.AccessDenied", "not authorized"))
            .unseen());
  }

  /** Everything goes well, after a while. */
  static Scenario happy(String name) {
    return Scenario.of(
            name,
            Json.parse(
                "{replicationInstanceArn: 'arn:ri', sourceEndpointArn: 'arn:s', targetEndpointArn:"
                    + " 'arn:t', replicationTaskArn: 'arn:task', sourceEndpointHost:"
                    + " 'prod.cluster-abc.us-east-2.rds.amazonaws.com', sourcePort: '5432'}"))
        .whenHas("Ask test", "arn:s", connection("testing"), connection("successful"))
        .whenHas("Ask test", "arn:t", connection("testing"), connection("successful"))
        .when("Look at task", task("ready", 0, ""))
        .when(
            "Start assessment",
            Json.parse(
                "{ReplicationTaskAssessmentRun: {ReplicationTaskAssessmentRunArn: 'arn:run'}}"))
        .when(
            "Ask assessment",
            assessment("starting"),
            assessment("provisioning"),
            assessment("running"),
            assessment("passed"))
        .when("Ask findings", findings("postgres-check-pk"))
        .when(
            "Ask load", task("starting", 0, ""), task("running", 40, ""), task("running", 100, ""))
        .when("Ask lag", calm(), calm(0), calm(1, 0), calm(1, 1, 0))
        .when("Ask task", task("running", 100, ""))
        .when("First page", page("", "Pending records"), page("", "Validated", "Validated"))
        .when("Start successor", Json.parse("{ExecutionArn: 'arn:next'}"));
  }

  /** The successor of others that nearly waited as long as one execution does. */
  private static Scenario late(String name) {
    return happy(name)
        .input("phase", "ready")
        .input("generation", 3)
        .input("w", Json.object("n", DmsWorkflow.READY_ROUNDS - 20, "late", 350, "since", 350))
        .limits(3000, 1);
  }

  static Scenario cutover(String name) {
    return happy(name)
        .input("phase", "cutover")
        .when("Ask task", task("running", 100, ""))
        .when("Ask lag", calm(2, 2, 2))
        .when("First page", page("", "Validated", "No primary key"))
        .when("Ask stop", task("stopping", 100, ""), task("stopped", 100, "NORMAL"))
        .when(
            "Ask rules",
            Json.parse("{SecurityGroupRules: [{GroupId: 'sg-1', SecurityGroupRuleId: 'sgr-1'}]}"));
  }

  private static Map<String, Object> connection(String status) {
    return Json.object(
        "Connections", List.of(Json.object("Status", status, "LastFailureMessage", "timeout")));
  }

  private static Map<String, Object> assessment(String status) {
    return Json.object("ReplicationTaskAssessmentRuns", List.of(Json.object("Status", status)));
  }

  private static Map<String, Object> findings(String... names) {
    List<Object> found =
        Arrays.stream(names)
            .<Object>map(name -> Json.object("IndividualAssessmentName", name))
            .toList();
    return Json.object("ReplicationTaskIndividualAssessments", found);
  }

  static Map<String, Object> task(String status, int percent, String reason) {
    return tables(percent, 0, status, reason);
  }

  private static Map<String, Object> tables(
      int percent, int errored, String status, String reason) {
    Map<String, Object> task =
        Json.object(
            "Status",
            status,
            "MigrationType",
            "full-load-and-cdc",
            "ReplicationTaskStats",
            Json.object("FullLoadProgressPercent", percent, "TablesErrored", errored));
    if (!reason.isEmpty()) {
      task.put("StopReason", reason);
    }
    return Json.object("ReplicationTasks", List.of(task));
  }

  private static Map<String, Object> page(String marker, String... states) {
    List<Object> tables =
        Arrays.stream(states)
            .<Object>map(state -> Json.object("TableName", "t", "ValidationState", state))
            .toList();
    Map<String, Object> page = Json.object("TableStatistics", tables);
    if (!marker.isEmpty()) {
      page.put("Marker", marker);
    }
    return page;
  }

  private static Map<String, Object> calm(Integer... values) {
    return Json.object("MetricDataResults", List.of(Json.object("Values", List.of(values))));
  }

  /** So many answers, and the last one; without one of their own they make slow progress. */
  @SuppressWarnings({"unchecked", "rawtypes"}) // an array of maps
  private static Map<String, Object>[] repeated(
      int times, @Nullable Map<String, Object> answer, Map<String, Object> last) {
    Map[] answers = new Map[times + 1];
    for (int i = 0; i < times; i++) {
      answers[i] = answer == null ? task("running", i * 99 / times, "") : answer;
    }
    answers[times] = last;
    return answers;
  }
}
