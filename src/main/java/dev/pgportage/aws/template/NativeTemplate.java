package dev.pgportage.aws.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The template of the native engine: pgportage on ECS Fargate. */
final class NativeTemplate {
  private static final String NAMESPACE = "pgportage";
  private static final String TASKS = "task/${AWS::StackName}-cluster/*";

  private NativeTemplate() {}

  static Template template() {
    var resources = new ArrayList<Resource>();
    resources.addAll(Mails.topic());
    resources.addAll(NativeResources.all());
    resources.addAll(alarms());
    resources.add(dashboard());
    resources.addAll(Automation.workflows(NativeWorkflow.definition(), variables(), permissions()));
    resources.addAll(cleanup());
    return new Template(
        "Carries an Aurora PostgreSQL database to PlanetScale Postgres by pgportage on ECS Fargate",
        Questions.pgportage(),
        Automation.conditions(
            "Public",
            Automation.equal("PubliclyAccessible", "true"),
            "KnownSourceGroup",
            Automation.given("SourceSecurityGroupId")),
        resources,
        outputs());
  }

  private static Map<String, Object> variables() {
    return Automation.variables(
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
        "Settings",
        Intrinsic.call("Join", "\",\"--set=", Intrinsic.ref("Settings")),
        "Links",
        Intrinsic.sub(
            Automation.CONSOLE
                + "cloudwatch/home?region=${AWS::Region}#logsV2:log-groups/log-group/pgportage-${AWS::StackName}"));
  }

  private static Object dimensions() {
    return List.of(Json.object("Name", "Migration", "Value", Intrinsic.ref("MigrationName")));
  }

  private static List<Resource> alarms() {
    return List.of(
        Automation.watch(
            "changes are minutes late, or pgportage does not run. Its log says why.",
            Figures.metric(NAMESPACE, "LagSeconds", dimensions(), 5, 5, "breaching")),
        Figures.told(
                Figures.alarm(
                    "ErrorAlarm",
                    "pgportage met an error. Its log says which, and what to do.",
                    Figures.metric(NAMESPACE, "Errors", dimensions(), 1, 1, "notBreaching"),
                    0),
                true)
            .when(Automation.CONDITION));
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

  private static List<Map<String, Object>> permissions() {
    return List.of(
        Policy.allow("ecs:RunTask", Policy.arn("ecs", "task-definition/${AWS::StackName}-*")),
        Policy.allow(List.of("ecs:StopTask", "ecs:DescribeTasks"), Policy.arn("ecs", TASKS)),
        Policy.allow("ecs:UpdateService", Intrinsic.ref("Service")),
        Policy.allow(
            "iam:PassRole",
            List.of(Intrinsic.att("ExecutionRole", "Arn"), Intrinsic.att("TaskRole", "Arn"))),
        Policy.allow(
            List.of("events:PutTargets", "events:PutRule", "events:DescribeRule"),
            Policy.arn("events", "rule/StepFunctionsGetEventsForECSTaskRule")));
  }

  private static List<Resource> cleanup() {
    return Cleanup.resources(
        Cleanup.Work.OF_PGPORTAGE,
        Json.object(
            "Cluster", Intrinsic.ref("Cluster"), "Service", Intrinsic.att("Service", "Name")),
        List.of(
            Policy.allow("ecs:UpdateService", Intrinsic.ref("Service")),
            Policy.allow("ecs:ListTasks", "*"),
            Policy.allow("ecs:StopTask", Policy.arn("ecs", TASKS))));
  }

  private static List<Output> outputs() {
    return Automation.outputs(
        List.of(
            payload(AwsTemplate.PAYLOAD_OUTPUT, "migrate", ": paste it whole"),
            payload(AwsTemplate.CUTOVER_PAYLOAD_OUTPUT, "cutover", " for the cutover"),
            payload(
                AwsTemplate.ROLLBACK_PAYLOAD_OUTPUT,
                "rollback",
                " for going back to the source, without loss"),
            payload(
                AwsTemplate.CLEANUP_PAYLOAD_OUTPUT,
                "cleanup",
                " when no way back is needed: leaves nothing of pgportage in the databases")),
        Automation.output("ClusterName", "Where pgportage runs", "Cluster"),
        Output.of("ServiceName", "What replicates", Intrinsic.att("Service", "Name")),
        Output.of(
            "TaskSecurityGroupId",
            "pgportage comes from this security group: let it reach the source",
            Intrinsic.att("TaskSecurityGroup", "GroupId")),
        Automation.output("LogGroupName", "What pgportage says", "Log"));
  }

  private static Output payload(String name, String phase, String what) {
    return Output.of(name, "The workflow's input" + what, "{\"phase\":\"" + phase + "\"}");
  }
}
