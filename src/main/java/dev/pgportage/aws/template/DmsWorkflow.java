package dev.pgportage.aws.template;

import java.util.List;
import java.util.Map;

/**
 * The workflow of the DMS engine: connections, assessment, start or resumption, full load,
 * readiness. Each execution ends well before Step Functions' limit of 25,000 events and starts its
 * successor itself.
 */
final class DmsWorkflow {
  /** Rounds of the load, of about 20 events each, after which a new execution goes on. */
  static final int LOAD_ROUNDS = 700;

  /** Rounds and pages of the readiness, of about 30 events each, after which a new one goes on. */
  static final int READY_ROUNDS = 500;

  /** Executions in a row after which somebody should have looked. */
  static final int GENERATIONS = 90;

  private static final int SAME_ROUNDS = 180;
  private static final String STATUS = "$.task.list[0].Status";
  private static final String PERCENT =
      "$.task.list[0].ReplicationTaskStats.FullLoadProgressPercent";
  private static final String ERRORED = "$.task.list[0].ReplicationTaskStats.TablesErrored";
  static final List<String> PAYLOAD =
      List.of(
          "replicationInstanceArn",
          "sourceEndpointArn",
          "targetEndpointArn",
          "replicationTaskArn",
          "sourceEndpointHost",
          "sourcePort");

  private DmsWorkflow() {}

  static Map<String, Object> definition() {
    var machine = new Machine();
    addBeginning(machine);
    Connections.addTo(machine, "Look at task");
    addStart(machine);
    Assessment.addTo(machine, "Start task");
    addLoad(machine);
    Readiness.addTo(machine, "Generation?");
    DmsCutover.addTo(machine);
    Tables.addTo(machine, "Count round");
    addEnds(machine);
    addSuccessor(machine);
    return machine.definition("Carries a database to PlanetScale by AWS DMS");
  }

  /** Whether the whole payload was given. */
  static Map<String, Object> complete() {
    List<Object> rules = PAYLOAD.stream().<Object>map(name -> Rule.present("$." + name)).toList();
    return Json.object("And", rules);
  }

  /** The payload's fields as they are, and others. */
  static Map<String, Object> payload(Object... others) {
    var fields = Json.object();
    for (String name : PAYLOAD) {
      fields.put(
          name + ".$",
          name.equals("sourcePort") ? "States.Format('{}',$.sourcePort)" : "$." + name);
    }
    return Json.joined(fields, Json.object(others));
  }

  static State incomplete() {
    return State.fail(
        "PayloadIncomplete",
        "The input lacks a field. What to do: paste the whole value of the stack's output"
            + " StepFunctionsPayloadTemplate, and start again.");
  }

  private static void addBeginning(Machine machine) {
    machine
        .add("Payload?", State.choice("Payload incomplete").when(complete(), "Successor?"))
        .add("Payload incomplete", incomplete())
        .add(
            "Successor?",
            State.choice("Begin")
                .when(Rule.presentAndOneOf("$.phase", "load"), "Wait for load")
                .when(Rule.presentAndOneOf("$.phase", "ready"), "Wait for ready")
                .when(Rule.presentAndOneOf("$.phase", "cutover"), "Begin cutover"))
        .add(
            "Begin",
            State.pass(
                    payload(
                        "phase",
                        "load",
                        "generation",
                        1,
                        "w",
                        Json.object("n", 0, "percent", -1, "same", 0)))
                .next("Tell start"))
        .add(
            "Tell start",
            State.mail(
                "Started: ${AWS::StackName}",
                "States.Format('The migration workflow runs: execution {}. Follow it: ${Links}',"
                    + "$$.Execution.Name)",
                "Sides"));
  }

  private static void addStart(Machine machine) {
    machine
        .add("Look at task", Tables.describeTask().next("Begun?"))
        .add(
            "Begun?",
            State.choice("Task is settling")
                .when(Rule.absent(STATUS), "Task failed")
                .when(Rule.isOneOf(STATUS, "ready"), "First start")
                .when(Rule.isOneOf(STATUS, "running", "starting"), "Wait for load")
                .when(loadOnly(), "Load is over")
                .when(Rule.isOneOf(STATUS, "stopped", "failed"), "Resumption"))
        .add(
            "Task is settling",
            State.choice("Count settling").when(Rule.atLeast("$.w.n", 60), "Task failed"))
        .add("Count settling", count(0).next("Settling"))
        .add("Settling", State.waiting(60).next("Look at task"))
        .add(
            "First start",
            State.pass(Json.object("type", "start-replication"))
                .into("$.start")
                .next("Start assessment"))
        .add(
            "Resumption",
            State.pass(Json.object("type", "resume-processing")).into("$.start").next("Start task"))
        .add(
            "Start task",
            State.call(
                    "databasemigration",
                    "startReplicationTask",
                    Json.object(
                        "ReplicationTaskArn.$",
                        "$.replicationTaskArn",
                        "StartReplicationTaskType.$",
                        "$.start.type"))
                .keeping()
                .next("Wait for load"));
  }

  private static void addLoad(Machine machine) {
    machine
        .add("Wait for load", State.waiting(120).next("Ask load"))
        .add("Ask load", Tables.describeTask().next("Figures?"))
        .add("Figures?", State.choice("Loaded?").when(Rule.present(PERCENT), "Note percent"))
        .add("Note percent", Progress.note(PERCENT, "Loaded?"))
        .add(
            "Loaded?",
            State.choice("Same")
                .when(dead(), "Task failed")
                .when(loadOnly(), "Load is over")
                .when(Rule.isOneOf(STATUS, "stopped"), "Task failed")
                .when(
                    Rule.all(
                        Rule.isOneOf(STATUS, "running"),
                        Rule.any(
                            Rule.presentAndOneOf("$.task.list[0].MigrationType", "cdc"),
                            Rule.all(Rule.present(PERCENT), Rule.atLeast(PERCENT, 100)))),
                    "Tell loaded")
                .when(
                    Rule.all(
                        Rule.present(PERCENT),
                        Rule.not(Rule.compare(PERCENT, "NumericEqualsPath", "$.w.percent"))),
                    "Moved"));
    addProgress(machine);
    addLoaded(machine);
  }

  private static void addProgress(Machine machine) {
    machine
        .add(
            "Moved",
            State.pass(
                    Json.object("n.$", "States.MathAdd($.w.n,1)", "percent.$", PERCENT, "same", 0))
                .into("$.w")
                .next("Load on?"))
        .add("Same", count(1).next("Load on?"))
        .add(
            "Load on?",
            State.choice("Wait for load")
                .when(
                    Rule.all(
                        Rule.atLeast("$.w.same", SAME_ROUNDS),
                        Rule.not(Rule.isOneOf(STATUS, "running"))),
                    "Task failed")
                .when(Rule.atLeast("$.w.same", SAME_ROUNDS), "Tell stall")
                .when(Rule.atLeast("$.w.n", LOAD_ROUNDS), "Generation?"))
        .add(
            "Tell stall",
            State.mail(
                "No progress: ${AWS::StackName}",
                "States.Format('The full load has been at {} percent for six hours. A huge table"
                    + " may be the reason; else look at the log: ${Links}',"
                    + "$.w.percent)",
                "Patience"))
        .add(
            "Patience",
            State.pass(Json.object("n.$", "$.w.n", "percent.$", "$.w.percent", "same", 0))
                .into("$.w")
                .next("Wait for load"));
  }

  private static void addLoaded(Machine machine) {
    machine
        .add(
            "Tell loaded",
            State.mail(
                "Full load 100 percent, CDC active: ${AWS::StackName}",
                "Changes are replicated. The workflow waits for low lag and validated tables, then tells"
                    + " READY. Do not cut over before that.",
                "Begin readiness"))
        .add(
            "Begin readiness",
            State.pass(
                    payload(
                        "phase",
                        "ready",
                        "generation.$",
                        "$.generation",
                        "w",
                        // The load's rounds are in this execution's history, too.
                        Json.object("n.$", "$.w.n", "late", 0, "since", 0)))
                .next("Wait for ready"))
        .add(
            "Load is over",
            State.pass(
                    payload(
                        "phase",
                        "over",
                        "m",
                        Json.object("calm", List.of()),
                        "w",
                        Json.object("n", 0, "late", 0, "since", 0)))
                .next("Look at tables"));
  }

  private static State count(int same) {
    return State.pass(
            Json.object(
                "n.$",
                "States.MathAdd($.w.n,1)",
                "percent.$",
                "$.w.percent",
                "same.$",
                "States.MathAdd($.w.same," + same + ")"))
        .into("$.w");
  }

  private static void addEnds(Machine machine) {
    machine
        .add(
            "Task failed",
            State.error(
                "ReplicationTaskFailed",
                "States.Format('The DMS task does not do its work: {} What to do: read its"
                    + " log and its table statistics in the DMS console, correct the"
                    + " reason, and start the workflow again: it resumes the"
                    + " task.',States.JsonToString($.task.list))"))
        .add("Failed", State.failAt("$.error"));
  }

  /** Hands over to a new execution before this one has too long a history. */
  private static void addSuccessor(Machine machine) {
    machine
        .add(
            "Generation?",
            State.choice("Zero").when(Rule.atLeast("$.generation", GENERATIONS), "Too long"))
        .add(
            "Too long",
            State.fail(
                "WorkflowTooLong",
                "Months have passed. DMS goes on replicating. What to do:"
                    + " look at the task, then start the workflow again."))
        .add("Zero", State.pass(Json.object("n", 0)).into("$.zero").next("Next generation"))
        .add(
            "Next generation",
            State.pass(
                    payload(
                        "phase.$",
                        "$.phase",
                        "generation.$",
                        "States.MathAdd($.generation,1)",
                        "w.$",
                        "States.JsonMerge($.w,$.zero,false)"))
                .into("$.input")
                .next("Start successor"))
        .add("Start successor", startSuccessor())
        .add(
            "Continued",
            State.pass(Json.object("outcome", "continued", "successor.$", "$.successor.arn"))
                .end());
  }

  /** Named after its predecessor: tried again, it is still the same one. */
  private static State startSuccessor() {
    return State.call(
            "sfn",
            "startExecution",
            Json.object(
                "StateMachineArn.$",
                "$$.StateMachine.Id",
                "Name.$",
                "States.Hash($$.Execution.Id,'SHA-256')",
                "Input.$",
                "States.JsonToString($.input)"))
        .selecting("arn.$", "$.ExecutionArn")
        .into("$.successor")
        .next("Continued");
  }

  private static Map<String, Object> dead() {
    return Rule.any(
        Rule.absent(STATUS),
        Rule.isOneOf(STATUS, "failed", "failed-move", "deleting"),
        Rule.all(Rule.present(ERRORED), Rule.compare(ERRORED, "NumericGreaterThan", 0)));
  }

  /** A task without CDC that has come to its end. */
  private static Map<String, Object> loadOnly() {
    String reason = "$.task.list[0].StopReason";
    return Rule.all(
        Rule.isOneOf(STATUS, "stopped"),
        Rule.any(
            Rule.all(
                Rule.present(reason),
                Rule.compare(reason, "StringMatches", "*FULL_LOAD_ONLY_FINISHED*")),
            Rule.all(
                Rule.presentAndOneOf("$.task.list[0].MigrationType", "full-load"),
                Rule.present(PERCENT),
                Rule.atLeast(PERCENT, 100))));
  }
}
