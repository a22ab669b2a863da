package dev.pgportage.aws.template;

import java.util.Map;

/**
 * The workflow that mails how another execution ended badly. It is started for every execution that
 * failed, ran out of time or was aborted, whatever the reason: a state machine cannot catch every
 * error of its own.
 */
final class FailureMail {
  /** Begins the cause of executions that end with their stack; nobody is told of them. */
  static final String MEANT = "The stack is deleted";

  private static final Map<String, Object> PATIENT =
      Json.object(
          "ErrorEquals",
          java.util.List.of("States.TaskFailed", "States.Timeout"),
          "IntervalSeconds",
          30,
          "MaxAttempts",
          20,
          "MaxDelaySeconds",
          600);

  private FailureMail() {}

  static Map<String, Object> definition() {
    var machine = new Machine();
    addLook(machine);
    addMails(machine);
    return machine.definition("Tells by mail that a workflow failed");
  }

  private static void addLook(Machine machine) {
    machine
        .add(
            "Look",
            State.call(
                    "sfn",
                    "describeExecution",
                    Json.object("ExecutionArn.$", "$.detail.executionArn"))
                .into("$.execution")
                .catching("States.ALL", "$.unseen", "Tell status")
                .next("Reason?"))
        .add(
            "Reason?",
            State.choice("Tell status")
                .when(
                    Rule.all(
                        Rule.present("$.execution.Cause"),
                        Rule.compare("$.execution.Cause", "StringMatches", MEANT + "*")),
                    "Meant")
                .when(
                    Rule.all(Rule.present("$.execution.Error"), Rule.present("$.execution.Cause")),
                    "Tell reason"))
        .add("Meant", State.succeed());
  }

  private static void addMails(Machine machine) {
    machine
        .add(
            "Tell reason",
            State.publish(
                    "FAILED: ${AWS::StackName}",
                    "States.Format('{}: {} The execution: {} The workflows: ${Links}',"
                        + "$.execution.Error,$.execution.Cause,$.detail.executionArn)")
                .retrying(PATIENT)
                .end())
        .add(
            "Tell status",
            State.publish(
                    "FAILED: ${AWS::StackName}",
                    "States.Format('An execution of the workflow ended as {}, without a reason. What"
                        + " it began is as it was: look at it, then start the workflow again; it goes on. The"
                        + " execution: {} The workflows: ${Links}',$.detail.status,$.detail.executionArn)")
                .retrying(PATIENT)
                .end());
  }
}
