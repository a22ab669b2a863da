package dev.pgportage.aws.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The workflow of the native engine: each phase is a run of pgportage as a task of ECS, waited for.
 * A run that is interrupted is repeated and goes on where it was; at READY a service takes over,
 * which replicates until the cutover.
 */
final class NativeWorkflow {
  /** What the service runs, for ever: replication, to READY and beyond. */
  static final List<String> MIGRATE = List.of("migrate", "--yes", "--no-ui", "--cloudwatch=emf");

  private static final String CUT_OVER = "CUTOVER, final sync confirmed: ${AWS::StackName}";
  private static final String PROVEN =
      "The target is the database now; sequences are set, every row was proven behind the fence.";
  private static final int RUNS = 50;
  private static final String EXIT = "$.exit.task.Containers[0].ExitCode";

  private NativeWorkflow() {}

  static Map<String, Object> definition() {
    var machine = new Machine();
    machine
        .add(
            "Phase?",
            State.choice("Payload incomplete")
                .when(Rule.presentAndOneOf("$.phase", "migrate"), "Tell start")
                .when(Rule.presentAndOneOf("$.phase", "cutover"), "Run cutover")
                .when(Rule.presentAndOneOf("$.phase", "rollback"), "Run rollback")
                .when(Rule.presentAndOneOf("$.phase", "cleanup"), "End service"))
        .add("Payload incomplete", DmsWorkflow.incomplete())
        .add(
            "Tell start",
            State.mail(
                "Started: ${AWS::StackName}",
                "States.Format('The migration workflow runs: execution {}. Log and figures:"
                    + " ${Links}',$$.Execution.Name)",
                "Pause service"))
        // Of one migration one process runs: the service lets go before a task goes on.
        .add("Pause service", desired(0).next("Let go"))
        .add("Let go", State.waiting(120).next("Begin"))
        .add("Begin", State.pass(Json.object("n", 0)).into("$.runs").next("Run assess"));
    addPhase(machine, "assess", List.of("assess"), "Tell assessed");
    machine.add(
        "Tell assessed",
        State.mail(
            "Assessed: ${AWS::StackName}",
            "Nothing blocks the migration; warnings are in the log: ${Links} It starts now.",
            "Run migrate"));
    var untilReady = new ArrayList<>(MIGRATE);
    untilReady.add("--until-ready");
    addPhase(machine, "migrate", untilReady, "Start service");
    addReady(machine);
    addCutover(machine);
    addRollback(machine);
    addCleanup(machine);
    return machine.definition("Carries a database to PlanetScale by pgportage");
  }

  /** Adds runs of one command until it is done, fails for good, or was interrupted too often. */
  private static void addPhase(Machine machine, String name, List<String> command, String next) {
    machine
        .add(
            "Run " + name,
            run(command)
                .catching("States.TaskFailed", "$.failed", "Ended " + name + "?")
                .next(next))
        // Errors of the call come here as well; only a task that ran has its exit status in the
        // cause.
        .add(
            "Ended " + name + "?",
            State.choice("Not run " + name)
                .when(Rule.isOneOf("$.failed.Error", "States.TaskFailed"), "Read " + name))
        .add("Not run " + name, State.failAt("$.failed"))
        .add("Read " + name, read().next("Exit of " + name + "?"))
        .add(
            "Exit of " + name + "?",
            State.choice("Failed " + name)
                .when(
                    Rule.all(Rule.present(EXIT), Rule.compare(EXIT, "NumericEquals", 3)),
                    "Findings of " + name)
                .when(
                    Rule.all(
                        Rule.any(
                            Rule.absent(EXIT),
                            Rule.compare(EXIT, "NumericEquals", 4),
                            Rule.atLeast(EXIT, 128)),
                        Rule.not(Rule.atLeast("$.runs.n", RUNS))),
                    "Count " + name));
    addEnds(machine, name);
  }

  private static void addEnds(Machine machine, String name) {
    machine
        .add(
            "Count " + name,
            State.pass(Json.object("n.$", "States.MathAdd($.runs.n,1)"))
                .into("$.runs")
                .next("Wait " + name))
        .add("Wait " + name, State.waiting(60).next("Run " + name))
        .add(
            "Findings of " + name,
            State.fail(
                "AssessmentFailed",
                "pgportage found what blocks the migration; its log says what and how to mend it:"
                    + " ${Links} What to do: mend it, start the workflow again."))
        .add("Failed " + name, failed(name));
  }

  private static State failed(String phase) {
    return State.fail(
        "PhaseFailed",
        "pgportage "
            + phase
            + " failed or was interrupted too often; its log says why and what to do: ${Links} What"
            + " to do: correct it, start the workflow again: it goes on where it was.");
  }

  private static void addReady(Machine machine) {
    machine
        .add("Start service", desired(1).next("Watch"))
        .add("Watch", alarm("enableAlarmActions").next("Tell ready"))
        .add(
            "Tell ready",
            State.mail(
                "READY FOR CUTOVER: ${AWS::StackName}",
                "Every row is proven; the service replicates on. Next: start this workflow with the"
                    + " output CutoverPayloadTemplate; pgportage stops the writes itself. ${Links}",
                "Ready"))
        .add("Ready", State.pass(Json.object("outcome", "ready")).end());
  }

  private static void addCutover(Machine machine) {
    addOnce(
        machine,
        "cutover",
        "CutoverFailed",
        "whether the source accepts writes again: ${Links} What to do: correct it, start the cutover"
            + " again.",
        "Reverse");
    machine
        .add("Reverse", State.result("${Reverse}").into("$.reverse").next("Way back?"))
        .add(
            "Way back?",
            State.choice("Unwatch").when(Rule.isOneOf("$.reverse", "on"), "Tell cut over"))
        .add(
            "Tell cut over",
            State.mail(
                CUT_OVER,
                PROVEN
                    + " Changes flow back to the source by the service: RollbackPayloadTemplate moves"
                    + " the writes back, CleanupPayloadTemplate gives the way back up. Next: point the"
                    + " application at the target, test it.",
                "Cut over"))
        .add("Unwatch", alarm("disableAlarmActions").next("Stop service"))
        .add("Stop service", desired(0).next("Tell done"))
        .add(
            "Tell done",
            State.mail(
                CUT_OVER,
                PROVEN
                    + " There is no way back. Next: point the application at the target, test it."
                    + " CleanupPayloadTemplate removes what pgportage left in the databases.",
                "Cut over"))
        .add("Cut over", State.pass(Json.object("outcome", "cut-over")).end());
  }

  private static void addRollback(Machine machine) {
    addOnce(
        machine,
        "rollback",
        "RollbackFailed",
        "whether the target accepts writes again: ${Links} What to do: correct it, start the rollback"
            + " again.",
        "Tell rolled back");
    machine
        .add(
            "Tell rolled back",
            State.mail(
                "ROLLED BACK: ${AWS::StackName}",
                "The source is the database again; no write is lost. Next: point the application at"
                    + " it. Changes flow to the target again, if its role may let triggers rest (the"
                    + " log says): ${Links} Then cut over another time, or delete the stack.",
                "Rolled back"))
        .add("Rolled back", State.pass(Json.object("outcome", "rolled-back")).end());
  }

  /** Takes out of both databases what pgportage made there. */
  private static void addCleanup(Machine machine) {
    machine
        .add("End service", desired(0).next("End watch"))
        .add("End watch", alarm("disableAlarmActions").next("Wait for end"))
        .add("Wait for end", State.waiting(150).next("Run cleanup"));
    addOnce(
        machine,
        "cleanup",
        "CleanupFailed",
        "what is left: ${Links} What to do: correct it, start the cleanup again.",
        "Tell cleaned up");
    machine
        .add(
            "Tell cleaned up",
            State.mail(
                "CLEANED UP: ${AWS::StackName}",
                "Nothing of pgportage is left in the databases; rows and schema stay. Delete the"
                    + " stack.",
                "Cleaned up"))
        .add("Cleaned up", State.pass(Json.object("outcome", "cleaned-up")).end());
  }

  /**
   * Adds one run of a command that is not repeated by itself: it moves writes, or the last state.
   */
  private static void addOnce(Machine machine, String name, String error, String log, String next) {
    machine
        .add(
            "Run " + name,
            run(List.of(name, "--yes"))
                .catching("States.TaskFailed", "$.failed", "Failed " + name)
                .next(next))
        .add(
            "Failed " + name,
            State.fail(error, "pgportage " + name + " failed; its log says why, and " + log));
  }

  private static State read() {
    return State.pass(Json.object("task.$", "States.StringToJson($.failed.Cause)")).into("$.exit");
  }

  private static State alarm(String action) {
    return State.call("cloudwatch", action, Json.object("AlarmNames", List.of("${WatchAlarm}")))
        .keeping();
  }

  private static State desired(int count) {
    return State.call(
            "ecs",
            "updateService",
            Json.object("Cluster", "${Cluster}", "Service", "${Service}", "DesiredCount", count))
        .keeping();
  }

  private static State run(List<String> command) {
    var words = new ArrayList<Object>(command);
    words.addAll(options());
    return State.task(
            "ecs:runTask.sync",
            Json.object(
                "Cluster",
                "${Cluster}",
                "TaskDefinition",
                "${TaskDefinition}",
                "LaunchType",
                "FARGATE",
                "NetworkConfiguration",
                Json.object(
                    "AwsvpcConfiguration",
                    Json.object(
                        "Subnets",
                        List.of("${Subnets}"),
                        "SecurityGroups",
                        List.of("${TaskGroup}"),
                        "AssignPublicIp",
                        "${AssignPublicIp}")),
                "Overrides",
                Json.object(
                    "ContainerOverrides",
                    List.of(Json.object("Name", "pgportage", "Command", words)))))
        .retrying(
            Json.object(
                "ErrorEquals",
                List.of("ECS.AmazonECSException", "ECS.ServerException"),
                "IntervalSeconds",
                30,
                "MaxAttempts",
                10))
        .keeping();
  }

  /** What every command has to know; passwords come from the secrets of the container. */
  static List<String> options() {
    return List.of(
        "--name=${MigrationName}",
        "--type=${MigrationType}",
        "--source=postgresql://${SourceUsername}@${SourceEndpointHost}:${SourceEndpointPort}/${SourceDatabaseName}?${SourceParameters}",
        "--target=postgresql://${TargetUsername}@${TargetEndpointHost}:${TargetEndpointPort}/${TargetDatabaseName}?${TargetParameters}",
        "--set=filters.include=${Include}",
        "--set=cutover.reverse=${Reverse}",
        "--set=${Settings}");
  }
}
