package dev.pgportage.aws.template;

import java.util.List;
import java.util.Map;

/**
 * The cutover workflow of the DMS engine, started when the application writes no more: it waits
 * until nothing is left to replicate and every table is validated, stops the task, takes back what
 * the workflow opened, and says so. Until the task is stopped, nothing is changed.
 */
final class DmsCutover {
  private static final int ROUNDS = 120;
  private static final String STATUS = "$.task.list[0].Status";

  private DmsCutover() {}

  /** Adds it; it begins with {@code Begin cutover}, and needs the tables' count and the ends. */
  static void addTo(Machine machine) {
    machine.add(
        "Begin cutover",
        State.pass(DmsWorkflow.payload("phase", "cutover", "w", Json.object("n", 0, "stops", 0)))
            .next("Wait for silence"));
    addDrain(machine);
    addStop(machine);
    addClosing(machine);
  }

  private static void addDrain(Machine machine) {
    machine
        .add("Wait for silence", State.waiting(30).next("Ask drain"))
        .add("Ask drain", Tables.describeTask().next("Running?"))
        .add(
            "Running?",
            State.choice("Not replicating")
                .when(Rule.presentAndOneOf(STATUS, "running"), "Ask metrics"))
        .add(
            "Not replicating",
            State.error(
                "NotReplicating",
                "States.Format('The DMS task does not replicate, so the target may lack"
                    + " rows: {} Nothing was changed. What to do: let the application write"
                    + " to the source again, and start the migration workflow, which"
                    + " resumes the task.',States.JsonToString($.task.list))"))
        .add("Ask metrics", metrics().next("Count drain"))
        .add("Count drain", count(1, 0).next("Drained?"))
        .add(
            "Drained?",
            State.choice("Wait for silence")
                .when(calm(), "Look at tables")
                .when(Rule.atLeast("$.w.n", ROUNDS), "Not drained"));
    addDrainEnds(machine);
  }

  private static void addDrainEnds(Machine machine) {
    machine
        .add(
            "Not drained",
            State.fail(
                "NotDrained",
                "Changes still arrived, or the lag stayed above the limit, for an hour. Nothing was"
                    + " changed; DMS replicates on. What to do: find what still writes to the"
                    + " source, or let the application write again, and start the cutover later."))
        .add(
            "Silent and proven?",
            State.choice("Wait for silence")
                .when(Tables.are("proven"), "Stop task")
                .when(Tables.are("wrong"), "Differences")
                .when(Rule.atLeast("$.w.n", ROUNDS), "Not validated"))
        .add(
            "Not validated",
            State.fail(
                "NotValidated",
                "DMS has not validated every table within an hour. Nothing was changed. What to do:"
                    + " let the application write to the source again and look at the table"
                    + " statistics of the task."));
  }

  /**
   * One for each minute in which nothing came in and both lags were below the limit, the newest
   * first, since the execution began, that is, since the writes stopped.
   */
  private static State metrics() {
    return State.call(
            "cloudwatch",
            "getMetricData",
            Json.object(
                "StartTime.$",
                "$$.Execution.StartTime",
                "EndTime.$",
                "$$.State.EnteredTime",
                "ScanBy",
                "TimestampDescending",
                "MetricDataQueries",
                List.of(
                    Json.object(
                        "Id",
                        "calm",
                        "Expression",
                        "IF(source<=${Limit} AND target<=${Limit} AND incoming<1,1,0)"),
                    query("source", "CDCLatencySource"),
                    query("target", "CDCLatencyTarget"),
                    query("incoming", "CDCIncomingChanges"))))
        .selecting("calm.$", "$.MetricDataResults[0].Values")
        .into("$.m");
  }

  private static Object query(String id, String metric) {
    return Json.object(
        "Id",
        id,
        "ReturnData",
        false,
        "MetricStat",
        Json.object(
            "Metric",
            Json.object(
                "Namespace",
                "AWS/DMS",
                "MetricName",
                metric,
                "Dimensions",
                List.of(
                    Json.object(
                        "Name", "ReplicationInstanceIdentifier", "Value", "${AWS::StackName}-dms"),
                    Json.object("Name", "ReplicationTaskIdentifier", "Value", "${TaskId}"))),
            "Period",
            60,
            "Stat",
            "Maximum"));
  }

  /** Two such minutes. */
  private static Map<String, Object> calm() {
    return Rule.all(
        Rule.present("$.m.calm[1]"),
        Rule.compare("$.m.calm[0]", "NumericEquals", 1),
        Rule.compare("$.m.calm[1]", "NumericEquals", 1));
  }

  private static State count(int rounds, int stops) {
    return State.pass(
            Json.object(
                "n.$",
                "States.MathAdd($.w.n," + rounds + ")",
                "stops.$",
                "States.MathAdd($.w.stops," + stops + ")"))
        .into("$.w");
  }

  private static void addStop(Machine machine) {
    machine
        .add(
            "Stop task",
            State.call(
                    "databasemigration",
                    "stopReplicationTask",
                    Json.object("ReplicationTaskArn.$", "$.replicationTaskArn"))
                .keeping()
                .next("Stopping"))
        .add("Stopping", State.waiting(20).next("Ask stop"))
        .add("Ask stop", Tables.describeTask().next("Count stop"))
        .add("Count stop", count(0, 1).next("Stopped?"))
        .add(
            "Stopped?",
            State.choice("Not stopped")
                .when(Rule.presentAndOneOf(STATUS, "stopped"), "Unwatch")
                .when(
                    Rule.all(
                        Rule.presentAndOneOf(STATUS, "running", "stopping"),
                        Rule.not(Rule.atLeast("$.w.stops", 90))),
                    "Stopping"))
        .add(
            "Not stopped",
            State.error(
                "TaskNotStopped",
                "States.Format('Everything is replicated and validated, but the DMS task"
                    + " does not stop: {} What to do: stop it in the DMS console before the"
                    + " application writes to the"
                    + " target.',States.JsonToString($.task.list))"));
  }

  /** Takes the rules back that the workflow added to the source's groups, and tells the end. */
  private static void addClosing(Machine machine) {
    machine
        .add(
            "Unwatch",
            State.call(
                    "cloudwatch",
                    "disableAlarmActions",
                    Json.object("AlarmNames", List.of("${WatchAlarm}")))
                .keeping()
                .next("Ask rules"))
        .add(
            "Ask rules",
            State.call(
                    "ec2",
                    "describeSecurityGroupRules",
                    Json.object(
                        "Filters",
                        List.of(
                            Json.object(
                                "Name",
                                "tag:" + Tags.RULES,
                                "Values",
                                List.of("${AWS::StackName}"))),
                        "MaxResults",
                        100))
                .selecting("list.$", "$.SecurityGroupRules")
                .into("$.rules")
                .next("Close groups"))
        .add("Close groups", closeGroups())
        .add(
            "Tell done",
            State.mail(
                "CUTOVER, final sync confirmed: ${AWS::StackName}",
                "States.Format('Nothing was left to replicate, every table was validated ({} tables),"
                    + " and DMS is stopped. Next: set the sequences, point the application at the target, test it."
                    + " Rules the workflow added to security groups are removed. Delete the stack when"
                    + " you need it no more.',$.t.total)",
                "Done"))
        .add("Done", Readiness.outcome("cut-over"));
  }

  private static State closeGroups() {
    var revoke =
        new Machine()
            .add(
                "Revoke",
                State.call(
                        "ec2",
                        "revokeSecurityGroupIngress",
                        Json.object(
                            "GroupId.$",
                            "$.group",
                            "SecurityGroupRuleIds.$",
                            "States.Array($.rule)"))
                    .end());
    return State.map(
            "$.rules.list",
            Json.object(
                "group.$",
                "$$.Map.Item.Value.GroupId",
                "rule.$",
                "$$.Map.Item.Value.SecurityGroupRuleId"),
            revoke)
        .keeping()
        .next("Tell done");
  }
}
