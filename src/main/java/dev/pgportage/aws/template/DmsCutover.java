package dev.pgportage.aws.template;

import java.util.List;
import java.util.Map;

/**
 * The cutover workflow of the DMS engine, started when the application writes no more: it waits
 * until nothing is left to replicate and every table is validated, stops the task, takes back what
 * the workflow opened, and says so. Until the task is stopped, nothing is changed.
 */
final class DmsCutover {
  private static final int ROUNDS = 60;
  private static final String STATUS = "$.task.list[0].Status";

  private DmsCutover() {}

  /** Adds it; it begins with {@code Begin cutover}, and waits in the rounds of readiness. */
  static void addTo(Machine machine) {
    machine.add(
        "Begin cutover",
        State.pass(
                DmsWorkflow.payload(
                    "phase",
                    "cutover",
                    "w",
                    Json.object("n", 0, "late", 0, "since", 0),
                    "t",
                    Json.object("pages", 0, "verdict", "open"),
                    "stops",
                    Json.object("n", 0)))
            .next("Wait for ready"));
    addRefusals(machine);
    addStop(machine);
    addClosing(machine);
  }

  /** Whether the execution is a cutover. */
  static Map<String, Object> begun() {
    return Rule.isOneOf("$.phase", "cutover");
  }

  /** Adds what a round may end with in a cutover. */
  static State verdict(State choice) {
    Map<String, Object> late = Rule.atLeast("$.w.late", ROUNDS);
    return choice
        .when(Rule.all(begun(), Lag.silent(), Tables.are("proven")), "Stop task")
        .when(Rule.all(begun(), Tables.are("wrong")), "Differences")
        .when(Rule.all(begun(), late, Lag.silent()), "Not validated")
        .when(Rule.all(begun(), late), "Not drained")
        .when(begun(), "Wait for ready");
  }

  private static void addRefusals(Machine machine) {
    machine
        .add(
            "Not replicating",
            State.error(
                "NotReplicating",
                "States.Format('The DMS task does not replicate, so the target may lack rows: {}"
                    + " Nothing was changed. What to do: let the application write to the source"
                    + " again, and start the workflow without a phase: it resumes the"
                    + " task.',States.JsonToString($.task.list))"))
        .add(
            "Not drained",
            State.fail(
                "NotDrained",
                "Changes arrived, or the lag was above the limit, for an hour. Nothing was changed. What"
                    + " to do: find what still writes to the source, or let the application write"
                    + " again, and cut over later."))
        .add(
            "Not validated",
            State.fail(
                "NotValidated",
                "Some table was not validated for an hour. Nothing was changed. What to do: let the"
                    + " application write to the source again; see the table statistics of the task."));
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
        .add(
            "Count stop",
            State.pass(Json.object("n.$", "States.MathAdd($.stops.n,1)"))
                .into("$.stops")
                .next("Stopped?"))
        .add(
            "Stopped?",
            State.choice("Not stopped")
                .when(Rule.presentAndOneOf(STATUS, "stopped"), "Unwatch")
                .when(
                    Rule.all(
                        Rule.presentAndOneOf(STATUS, "running", "stopping"),
                        Rule.not(Rule.atLeast("$.stops.n", 90))),
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
        .add("Close groups", closeGroups());
    addTelling(machine);
  }

  private static void addTelling(Machine machine) {
    machine
        .add(
            "Closed",
            State.result("The rules it added to security groups are removed.")
                .into("$.closed")
                .next("Tell done"))
        .add(
            "Not closed",
            State.result(
                    "Its rules could not be removed from security groups: remove those tagged "
                        + Tags.RULES
                        + ".")
                .into("$.closed")
                .next("Tell done"))
        .add(
            "Tell done",
            State.mail(
                "CUTOVER, final sync confirmed: ${AWS::StackName}",
                "States.Format('Nothing was left to replicate, every table was validated ({}"
                    + " tables), and DMS is stopped. Next: set the sequences, point the application"
                    + " at the target, test it. {} Delete the stack when you need it no"
                    + " more.',$.t.total,$.closed)",
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
        .catching("States.ALL", "$.unclosed", "Not closed")
        .next("Closed");
  }
}
