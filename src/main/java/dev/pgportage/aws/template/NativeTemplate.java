package dev.pgportage.aws.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The template of the native engine: pgportage on ECS Fargate. */
final class NativeTemplate {
  private static final String AUTOMATED = "Automated";
  private static final String NAMESPACE = "pgportage";
  private static final String CONSOLE = "https://${AWS::Region}.console.aws.amazon.com/";

  private NativeTemplate() {}

  static Template template() {
    var resources = new ArrayList<Resource>();
    resources.addAll(Mails.topic());
    resources.addAll(NativeResources.all());
    resources.addAll(alarms());
    resources.add(dashboard());
    resources.add(workflowRole().when(AUTOMATED));
    resources.add(
        Mails.machine(
                "MigrationStateMachine",
                "migration-workflow",
                "WorkflowRole",
                NativeWorkflow.definition(),
                variables())
            .when(AUTOMATED));
    resources.addAll(Mails.failures(AUTOMATED, variables()));
    resources.addAll(cleanup());
    return new Template(
        "Carries an Aurora PostgreSQL database to PlanetScale Postgres by pgportage on ECS Fargate",
        Questions.pgportage(),
        Json.object(
            AUTOMATED,
            DmsTemplate.equal("EnableAutomation", "true"),
            "Public",
            DmsTemplate.equal("PubliclyAccessible", "true"),
            "KnownSourceGroup",
            Intrinsic.call("Not", DmsTemplate.equal("SourceSecurityGroupId", ""))),
        resources,
        outputs());
  }

  /** What the workflow's texts may speak of. */
  private static Map<String, Object> variables() {
    return Json.object(
        "Topic",
        Intrinsic.ref(Mails.TOPIC),
        "Cluster",
        Intrinsic.ref("Cluster"),
        "Service",
        Intrinsic.att("Service", "Name"),
        "TaskDefinition",
        Intrinsic.ref("TaskDefinition"),
        "Subnets",
        // Between the quotes of the list's only item: all of them.
        Intrinsic.call("Join", "\",\"", Intrinsic.ref("SubnetIds")),
        "TaskGroup",
        Intrinsic.att("TaskSecurityGroup", "GroupId"),
        "AssignPublicIp",
        Intrinsic.choose("Public", "ENABLED", "DISABLED"),
        "Include",
        Intrinsic.call("Join", ",", Intrinsic.ref("Include")),
        "WatchAlarm",
        Intrinsic.ref("ReplicationAlarm"),
        "Links",
        Intrinsic.sub(
            CONSOLE
                + "cloudwatch/home?region=${AWS::Region}#logsV2:log-groups/log-group/pgportage-${AWS::StackName}"));
  }

  private static Object dimensions() {
    return List.of(Json.object("Name", "Migration", "Value", Intrinsic.ref("MigrationName")));
  }

  private static List<Resource> alarms() {
    return List.of(
        Figures.told(
                Figures.alarm(
                    "ReplicationAlarm",
                    "changes are minutes late, or pgportage does not run. Its log says why.",
                    Figures.metric(NAMESPACE, "LagSeconds", dimensions(), 5, 5, "breaching"),
                    300),
                false)
            .when(AUTOMATED)
            .saying("Silent until the workflow tells READY and leaves the watch to it."),
        Figures.told(
                Figures.alarm(
                    "ErrorAlarm",
                    "pgportage met an error. Its log says which, and what to do.",
                    Figures.metric(NAMESPACE, "Errors", dimensions(), 1, 1, "notBreaching"),
                    0),
                true)
            .when(AUTOMATED));
  }

  private static Resource dashboard() {
    List<String> migration = List.of("Migration", "${MigrationName}");
    List<String> service =
        List.of("ClusterName", "${Cluster}", "ServiceName", "${AWS::StackName}-pgportage");
    return Figures.dashboard(
        List.of(
            Figures.chart("Full load (percent)", 0, NAMESPACE, migration, "LoadPercent"),
            Figures.chart("CDC latency (s)", 1, NAMESPACE, migration, "LagSeconds"),
            Figures.chart("Full load (rows)", 2, NAMESPACE, migration, "LoadedRows"),
            Figures.chart("CDC latency (bytes)", 3, NAMESPACE, migration, "LagBytes"),
            Figures.chart("Trouble", 4, NAMESPACE, migration, "Warnings", "Errors"),
            Figures.chart(
                "Service: CPU, memory (%)",
                5, "AWS/ECS", service, "CPUUtilization", "MemoryUtilization")),
        variables());
  }

  private static Resource workflowRole() {
    return Policy.role(
        "WorkflowRole",
        List.of("states", "events"),
        "workflow",
        Policy.allow("ecs:RunTask", Policy.arn("ecs", "task-definition/${AWS::StackName}-*")),
        Policy.allow(
            List.of("ecs:StopTask", "ecs:DescribeTasks"),
            Policy.arn("ecs", "task/${AWS::StackName}-cluster/*")),
        Policy.allow("ecs:UpdateService", Intrinsic.ref("Service")),
        Policy.allow(
            "iam:PassRole",
            List.of(Intrinsic.att("ExecutionRole", "Arn"), Intrinsic.att("TaskRole", "Arn"))),
        Policy.allow(
            List.of("events:PutTargets", "events:PutRule", "events:DescribeRule"),
            Policy.arn("events", "rule/StepFunctionsGetEventsForECSTaskRule")),
        Policy.allow(
            List.of("cloudwatch:EnableAlarmActions", "cloudwatch:DisableAlarmActions"),
            Intrinsic.att("ReplicationAlarm", "Arn")),
        Policy.allow(
            List.of("states:StartExecution", "states:DescribeExecution"),
            Policy.arn("states", "*:${AWS::StackName}-*")),
        Policy.allow("sns:Publish", Intrinsic.ref(Mails.TOPIC)));
  }

  private static List<Resource> cleanup() {
    return Cleanup.resources(
        Json.object(
            "Machines",
            List.of(Policy.arn("states", "stateMachine:${AWS::StackName}-migration-workflow"))),
        Policy.allow("ec2:DescribeSecurityGroupRules", "*"),
        Policy.allow(
            "states:ListExecutions", Policy.arn("states", "stateMachine:${AWS::StackName}-*")),
        Policy.allow(
            "states:StopExecution", Policy.arn("states", "execution:${AWS::StackName}-*")));
  }

  private static List<Output> outputs() {
    return List.of(
        Output.of(
                AwsTemplate.PAYLOAD_OUTPUT,
                "The workflow's input: paste it whole",
                "{\"phase\":\"migrate\"}")
            .when(AUTOMATED),
        Output.of(
                AwsTemplate.CUTOVER_PAYLOAD_OUTPUT,
                "The workflow's input for the cutover",
                "{\"phase\":\"cutover\"}")
            .when(AUTOMATED),
        Output.of(
                AwsTemplate.CONSOLE_OUTPUT,
                "The workflow in the console",
                Mails.link("${MigrationStateMachine}"))
            .when(AUTOMATED),
        Output.of(
                AwsTemplate.MIGRATION_OUTPUT,
                "The workflow",
                Intrinsic.ref("MigrationStateMachine"))
            .when(AUTOMATED),
        Output.of("ClusterName", "Where pgportage runs", Intrinsic.ref("Cluster")),
        Output.of("ServiceName", "What replicates", Intrinsic.att("Service", "Name")),
        Output.of(
            "TaskSecurityGroupId",
            "pgportage comes from this security group: let it reach the source",
            Intrinsic.att("TaskSecurityGroup", "GroupId")),
        Output.of("LogGroupName", "What pgportage says", Intrinsic.ref("Log")),
        Output.of("NotificationTopicArn", "Who is mailed", Intrinsic.ref(Mails.TOPIC)),
        Output.of(
            "DashboardURL",
            "In the console",
            Intrinsic.sub(
                CONSOLE
                    + "cloudwatch/home?region=${AWS::Region}#dashboards:name=${MigrationDashboard}")));
  }
}
