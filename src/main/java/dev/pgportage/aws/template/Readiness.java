package dev.pgportage.aws.template;

import java.util.List;
import java.util.Map;

/**
 * The workflow's part that waits until a cutover is possible: lag below the limit on both sides,
 * every table validated. It tells when that takes long, and when it cannot come.
 */
final class Readiness {
  /** Rounds of a minute in which DMS may validate a differing row again. */
  private static final int PATIENCE = 30;

  /** Rounds of a minute after which somebody should hear how it stands. */
  private static final int SILENCE = 360;

  private static final String STATUS = "$.task.list[0].Status";
  private static final String ERRORED = "$.task.list[0].ReplicationTaskStats.TablesErrored";

  private Readiness() {}

  /**
   * Adds the rounds; the first begins with {@code Wait for ready}.
   *
   * @param handOver where to go when the history is long
   */
  static void addTo(Machine machine, String handOver) {
    Map<String, Object> running =
        Rule.all(
            Rule.presentAndOneOf(STATUS, "running"),
            Rule.not(
                Rule.all(Rule.present(ERRORED), Rule.compare(ERRORED, "NumericGreaterThan", 0))));
    machine
        .add("Wait for ready", State.waiting(60).next("Ask lag"))
        .add("Ask lag", Lag.ask().next("Ask task"))
        .add("Ask task", Tables.describeTask().next("Alive?"))
        .add(
            "Alive?",
            State.choice("Task failed")
                .when(Rule.all(DmsCutover.begun(), Rule.not(running)), "Not replicating")
                .when(Rule.all(DmsCutover.begun(), Rule.not(Lag.silent())), "Count round")
                .when(running, "Look at tables"))
        .add("Count round", count())
        .add("Ready?", verdict(handOver));
    addReady(machine);
    addMails(machine);
  }

  private static State count() {
    return State.pass(
            Json.object(
                "n.$",
                "States.MathAdd($.w.n,States.MathAdd($.t.pages,1))",
                "late.$",
                "States.MathAdd($.w.late,1)",
                "since.$",
                "States.MathAdd($.w.since,1)"))
        .into("$.w")
        .next("Ready?");
  }

  private static State verdict(String handOver) {
    Map<String, Object> over = Rule.isOneOf("$.phase", "over");
    Map<String, Object> wrong = Tables.are("wrong");
    return DmsCutover.verdict(State.choice("Wait for ready"))
        .when(Rule.all(over, wrong), "Differences")
        .when(over, "Tell load over")
        .when(Rule.all(Lag.low(), Tables.are("proven")), "Watch")
        .when(Rule.all(wrong, Rule.atLeast("$.w.late", PATIENCE)), "Differences")
        .when(Rule.atLeast("$.w.since", SILENCE), "Tell not ready")
        .when(Rule.atLeast("$.w.n", DmsWorkflow.READY_ROUNDS), handOver);
  }

  private static void addReady(Machine machine) {
    machine
        .add(
            "Watch",
            // From now on nobody waits here: the alarm tells if replication dies.
            State.call(
                    "cloudwatch",
                    "enableAlarmActions",
                    Json.object("AlarmNames", List.of("${WatchAlarm}")))
                .keeping()
                .next("Tell ready"))
        .add(
            "Tell ready",
            State.mail(
                "READY FOR CUTOVER: ${AWS::StackName}",
                "States.Format('Lag below ${Limit} seconds, validation clean: {} tables. Tables without a"
                    + " primary key are proven by pgportage compare alone. Next: sequences, and the"
                    + " schema DMS leaves out. Then stop the writes, and start this workflow with"
                    + " the output CutoverPayloadTemplate: ${Links}',$.t.total)",
                "Ready"))
        .add("Ready", outcome("ready"));
  }

  private static void addMails(Machine machine) {
    machine
        .add(
            "Tell not ready",
            State.mail(
                "Not ready yet: ${AWS::StackName}",
                "States.Format('Six more hours without READY: it needs lags below ${Limit} seconds"
                    + " and every table validated (now: {}). DMS and this workflow go on. Figures:"
                    + " ${Links}',$.t.verdict)",
                "Told"))
        .add(
            "Told",
            State.pass(Json.object("n.$", "$.w.n", "late.$", "$.w.late", "since", 0))
                .into("$.w")
                .next("Wait for ready"))
        .add(
            "Tell load over",
            State.mail(
                "Full load finished: ${AWS::StackName}",
                "States.Format('The task without CDC has ended. Validation of its tables: {}. What"
                    + " DMS left open, pgportage compare proves.',$.t.verdict)",
                "Loaded"))
        .add("Loaded", outcome("loaded"))
        .add("Differences", differences());
  }

  /** The end of an execution, with what a program may read of it. */
  static State outcome(String outcome) {
    return State.pass(Json.object("outcome", outcome, "tables.$", "$.t.total")).end();
  }

  private static State differences() {
    return State.fail(
        "ValidationFailed",
        "Source and target differ, or tables have errors. DMS goes on replicating; do not cut over."
            + " What to do: the table statistics of the task name the tables,"
            + " awsdms_control.awsdms_validation_failures_v1 on the target names the rows. Correct"
            + " them, revalidate the tables, start the workflow again.");
  }
}
