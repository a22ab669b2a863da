package dev.pgportage.aws.template;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The workflow's part that lets DMS assess both databases before a first start. DMS runs every
 * check it knows for the task; seven of them must not fail, what others find is told by mail.
 */
final class Assessment {
  /** The checks without which DMS cannot do its work. */
  static final List<String> REQUIRED =
      List.of(
          "postgres-check-dbversion",
          "postgres-check-target-privileges",
          "postgres-check-replication-slots-count",
          "postgres-check-select-object-privileges",
          "postgres-check-wallevel",
          "postgres-check-walsenderstimeout",
          "postgres-check-maxwalsenders");

  private static final String RUN = "replication-task-assessment-run-arn";
  private static final String REPORTS = "s3://${Bucket}/assessment-reports/";
  private static final int TRIES = 240;

  private Assessment() {}

  static void addTo(Machine machine, String next) {
    machine
        .add("Start assessment", start())
        .add("Wait for assessment", State.waiting(60).next("Ask assessment"))
        .add(
            "Ask assessment",
            State.call(
                    "databasemigration",
                    "describeReplicationTaskAssessmentRuns",
                    Json.object("Filters", List.of(filter(RUN, "States.Array($.assess.arn)"))))
                .selecting("list.$", "$.ReplicationTaskAssessmentRuns")
                .into("$.run")
                .next("Count assessment"))
        .add(
            "Count assessment",
            State.pass(Json.object("arn.$", "$.assess.arn", "n.$", "States.MathAdd($.assess.n,1)"))
                .into("$.assess")
                .next("Assessed?"))
        .add(
            "Assessed?",
            State.choice("Assessment broken")
                .when(
                    Rule.presentAndOneOf("$.run.list[0].Status", "passed", "warning", "failed"),
                    "Ask findings")
                .when(
                    Rule.all(
                        Rule.presentAndOneOf(
                            "$.run.list[0].Status", "starting", "provisioning", "running"),
                        Rule.not(Rule.atLeast("$.assess.n", TRIES))),
                    "Wait for assessment"));
    addJudgement(machine, next);
  }

  private static void addJudgement(Machine machine, String next) {
    machine
        .add("Ask findings", findings())
        .add("Judge", judge())
        .add(
            "Passed?",
            State.choice("Tell assessment")
                .when(Rule.compare("$.judged.required", "StringMatches", "*true*"), "Not passed"))
        .add(
            "Not passed",
            State.error(
                "AssessmentFailed",
                "States.Format('Checks that did not pass: {}. Nothing was started. What to do: see"
                    + " the reports in "
                    + REPORTS
                    + " and docs/aws.md, correct it, and start the workflow"
                    + " again.',States.JsonToString($.found.bad))"))
        .add(
            "Assessment broken",
            State.error(
                "AssessmentBroken",
                "States.Format('The assessment run did not come to a result: {} Nothing was"
                    + " started. What to do: look at the task in the DMS console, then start the"
                    + " workflow again.',States.JsonToString($.run.list))"))
        .add(
            "Tell assessment",
            State.mail(
                "Assessed: ${AWS::StackName}",
                "States.Format('What DMS needs is there. Checks that did not pass, as advice: {}."
                    + " Reports: "
                    + REPORTS
                    + " The migration starts now.',States.JsonToString($.found.bad))",
                next));
  }

  private static State start() {
    return State.call(
            "databasemigration",
            "startReplicationTaskAssessmentRun",
            Json.object(
                "ReplicationTaskArn.$",
                "$.replicationTaskArn",
                "ServiceAccessRoleArn",
                "${AssessmentRole}",
                "ResultLocationBucket",
                "${Bucket}",
                "ResultLocationFolder",
                "assessment-reports",
                "ResultEncryptionMode",
                "SSE_S3",
                "AssessmentRunName.$",
                "States.Format('run-{}',$$.Execution.Name)"))
        .selecting(
            "n", 0, "arn.$", "$.ReplicationTaskAssessmentRun.ReplicationTaskAssessmentRunArn")
        .into("$.assess")
        .next("Wait for assessment");
  }

  private static State findings() {
    return State.call(
            "databasemigration",
            "describeReplicationTaskIndividualAssessments",
            Json.object(
                "Filters",
                List.of(
                    filter(RUN, "States.Array($.assess.arn)"),
                    Json.object(
                        "Name", "status", "Values", List.of("failed", "error", "cancelled")))))
        .selecting("bad.$", "$.ReplicationTaskIndividualAssessments[*].IndividualAssessmentName")
        .into("$.found")
        .next("Judge");
  }

  private static State judge() {
    String holes = "{}".repeat(REQUIRED.size());
    String contained =
        REQUIRED.stream()
            .map(check -> "States.ArrayContains($.found.bad,'" + check + "')")
            .collect(Collectors.joining(","));
    return State.pass(Json.object("required.$", "States.Format('" + holes + "'," + contained + ")"))
        .into("$.judged")
        .next("Passed?");
  }

  private static Object filter(String name, String values) {
    return Json.object("Name", name, "Values.$", values);
  }
}
