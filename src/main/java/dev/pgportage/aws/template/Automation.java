package dev.pgportage.aws.template;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What the templates of both engines have alike: the workflow with its role, its mails and the
 * watch over replication, and what a stack tells of them.
 */
final class Automation {
  /** The condition under which all of it is made. */
  static final String CONDITION = "Automated";

  /** The alarm that is silent until READY. */
  static final String WATCH = "ReplicationAlarm";

  static final String CONSOLE = "https://console.aws.amazon.com/";
  private static final String ROLE = "WorkflowRole";
  private static final String MACHINE = "MigrationStateMachine";
  private static final String SUFFIX = "migration-workflow";

  private Automation() {}

  static Intrinsic equal(String parameter, String value) {
    return Intrinsic.call("Equals", Intrinsic.ref(parameter), value);
  }

  static Intrinsic given(String parameter) {
    return Intrinsic.call("Not", equal(parameter, ""));
  }

  static Map<String, Object> conditions(Object... others) {
    return Json.joined(
        Json.object(CONDITION, equal("EnableAutomation", "true")), Json.object(others));
  }

  /** What the workflows' texts may speak of. */
  static Map<String, Object> variables(Object... others) {
    return Json.joined(
        Json.object("Topic", Intrinsic.ref(Mails.TOPIC), "WatchAlarm", Intrinsic.ref(WATCH)),
        Json.object(others));
  }

  /**
   * The alarm on changes that are late or lost.
   *
   * @param meaning what its mail says
   */
  static Resource watch(String meaning, Map<String, Object> metric) {
    return Figures.told(Figures.alarm(WATCH, meaning, metric, 300), false)
        .when(CONDITION)
        .saying("Silent until the workflow tells READY and leaves the watch to it.");
  }

  /**
   * The workflow, its role, and the mails for executions that end badly.
   *
   * @param permissions what the role may do beside what every workflow needs
   */
  static List<Resource> workflows(
      Map<String, Object> definition,
      Map<String, Object> variables,
      List<Map<String, Object>> permissions) {
    var all = new ArrayList<Resource>();
    all.add(role(permissions).when(CONDITION));
    all.add(Mails.machine(MACHINE, SUFFIX, ROLE, definition, variables).when(CONDITION));
    all.addAll(Mails.failures(CONDITION, variables));
    return all;
  }

  private static Resource role(List<Map<String, Object>> permissions) {
    var all = new ArrayList<>(permissions);
    all.add(
        Policy.allow(
            List.of("cloudwatch:EnableAlarmActions", "cloudwatch:DisableAlarmActions"),
            Intrinsic.att(WATCH, "Arn")));
    all.add(
        Policy.allow(
            List.of("states:StartExecution", "states:DescribeExecution"),
            List.of(
                Policy.arn("states", "stateMachine:${AWS::StackName}-*"),
                Policy.arn("states", "execution:${AWS::StackName}-*:*"))));
    all.add(Policy.allow("sns:Publish", Intrinsic.ref(Mails.TOPIC)));
    return Policy.role(ROLE, List.of("states", "events"), "workflow", all);
  }

  /** The workflow whose executions end with the stack. */
  static Intrinsic machine() {
    return Policy.arn("states", "stateMachine:${AWS::StackName}-" + SUFFIX);
  }

  /**
   * What a stack tells.
   *
   * @param payloads inputs of the workflow
   */
  static List<Output> outputs(List<Output> payloads, Output... others) {
    var all = new ArrayList<Output>();
    payloads.forEach(payload -> all.add(payload.when(CONDITION)));
    all.add(
        Output.of(
                AwsTemplate.CONSOLE_OUTPUT,
                "The workflow in the console",
                Intrinsic.sub(
                    CONSOLE
                        + "states/home?region=${AWS::Region}#/statemachines/view/${"
                        + MACHINE
                        + "}"))
            .when(CONDITION));
    all.add(
        Output.of(AwsTemplate.MIGRATION_OUTPUT, "The workflow", Intrinsic.ref(MACHINE))
            .when(CONDITION));
    all.addAll(Arrays.asList(others));
    all.add(output("NotificationTopicArn", "Who is mailed", Mails.TOPIC));
    all.add(
        link(
            "DashboardURL",
            "cloudwatch/home?region=${AWS::Region}#dashboards:name=${MigrationDashboard}"));
    return all;
  }

  static Output output(String name, String description, String resource) {
    return Output.of(name, description, Intrinsic.ref(resource));
  }

  static Output link(String name, String place) {
    return Output.of(name, "In the console", Intrinsic.sub(CONSOLE + place));
  }
}
