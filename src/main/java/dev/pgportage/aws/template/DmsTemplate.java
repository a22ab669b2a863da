package dev.pgportage.aws.template;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The template of the DMS engine. */
final class DmsTemplate {
  private static final String NAMESPACE = "AWS/DMS";
  private static final String REVOKE = "ec2:RevokeSecurityGroupIngress";
  private static final String BUCKET = "PreMigrationAssessmentBucket";
  private static final Intrinsic TASK_ID =
      Intrinsic.call("Select", 6, Intrinsic.call("Split", ":", Intrinsic.ref("ReplicationTask")));

  private static final List<String> ON_TASK =
      List.of(
          "dms:StartReplicationTask",
          "dms:StopReplicationTask",
          "dms:StartReplicationTaskAssessmentRun",
          "dms:DescribeTableStatistics");

  private static final List<String> LOOKS =
      List.of(
          "dms:DescribeConnections",
          "dms:DescribeReplicationTasks",
          "dms:DescribeReplicationTaskAssessmentRuns",
          "dms:DescribeReplicationTaskIndividualAssessments",
          "rds:DescribeDBClusters",
          "rds:DescribeDBClusterEndpoints",
          "rds:DescribeDBInstances",
          "ec2:DescribeSecurityGroupRules",
          "cloudwatch:GetMetricData");

  private DmsTemplate() {}

  static Template template() {
    var resources = new ArrayList<Resource>();
    resources.addAll(Mails.topic());
    resources.addAll(DmsResources.all());
    resources.add(DmsTask.task());
    resources.add(Progress.errors());
    resources.addAll(alarms());
    resources.add(dashboard());
    resources.addAll(Automation.workflows(DmsWorkflow.definition(), variables(), permissions()));
    resources.addAll(cleanup());
    return new Template(
        "Carries an Aurora PostgreSQL database to PlanetScale Postgres by AWS DMS (pgportage)",
        Questions.dms(),
        conditions(),
        resources,
        outputs());
  }

  private static Map<String, Object> conditions() {
    return Automation.conditions(
        "NewRoles",
        Automation.equal("CreateDMSRoles", "true"),
        "FullLob",
        Automation.equal("LobMode", "full"),
        "OwnMappings",
        Automation.given("TableMappings"),
        "SourceVerified",
        Automation.given("SourceCertificateArn"),
        "TargetVerified",
        Automation.given("TargetCertificateArn"));
  }

  private static Map<String, Object> variables() {
    return Automation.variables(
        "DmsGroup",
        Intrinsic.att("DMSSecurityGroup", "GroupId"),
        "AssessmentRole",
        Intrinsic.att("DMSAssessmentRole", "Arn"),
        "Bucket",
        Intrinsic.ref(BUCKET),
        "Limit",
        Intrinsic.ref("LatencyLimitSeconds"),
        "TaskId",
        TASK_ID,
        "Links",
        Intrinsic.sub(
            Automation.CONSOLE
                + "dms/v2/home?region=${AWS::Region}#tasks and "
                + Automation.CONSOLE
                + "states/home?region=${AWS::Region}#/statemachines"));
  }

  private static Object dimensions() {
    return List.of(
        Json.object("Name", "ReplicationInstanceIdentifier", "Value", Intrinsic.named("dms")),
        Json.object("Name", "ReplicationTaskIdentifier", "Value", TASK_ID));
  }

  private static List<Resource> alarms() {
    Map<String, Object> late =
        Figures.metric(NAMESPACE, "CDCLatencyTarget", dimensions(), 5, 5, "breaching");
    Map<String, Object> differing =
        Figures.metric(
            NAMESPACE, "ValidationFailedOverallCount", dimensions(), 1, 1, "notBreaching");
    return List.of(
        Automation.watch(
            "changes are minutes late, or lost. Look at the DMS task; start the workflow again.",
            late),
        Figures.told(
                Figures.alarm(
                    "ValidationAlarm",
                    "rows differ. Do not cut over; the table statistics of the task name the tables.",
                    differing,
                    0),
                true)
            .when(Automation.CONDITION),
        storage().when(Automation.CONDITION));
  }

  private static Resource storage() {
    List<Object> instance =
        List.of(
            Json.object("Name", "ReplicationInstanceIdentifier", "Value", Intrinsic.named("dms")));
    return Figures.told(
        Figures.below(
            Figures.alarm(
                "StorageAlarm",
                "less than 5 GB are free. Raise AllocatedStorageGb.",
                Figures.metric(NAMESPACE, "FreeStorageSpace", instance, 3, 3, "notBreaching"),
                5_000_000_000L)),
        true);
  }

  private static Resource dashboard() {
    List<String> task =
        List.of(
            "ReplicationInstanceIdentifier",
            "${AWS::StackName}-dms",
            "ReplicationTaskIdentifier",
            "${TaskId}");
    List<String> instance = task.subList(0, 2);
    var charts = new ArrayList<Object>();
    charts.add(Progress.chart());
    charts.add(chart("Full load (rows/s)", 1, task, "FullLoadThroughputRows", "Source", "Target"));
    charts.add(chart("CDC latency (s)", 2, task, "CDCLatency", "Source", "Target"));
    charts.add(chart("Changes (rows/s)", 3, task, "CDCThroughputRows", "Source", "Target"));
    charts.add(chart("Changes that wait", 4, task, "CDCIncomingChanges", ""));
    charts.add(
        chart(
            "Validation (rows)",
            5,
            task,
            "Validation",
            "PendingOverallCount",
            "FailedOverallCount",
            "SuspendedOverallCount"));
    charts.add(chart("CPU (%)", 6, instance, "CPUUtilization", ""));
    charts.add(chart("Free (bytes)", 7, instance, "Free", "ableMemory", "StorageSpace"));
    return Figures.dashboard(charts, variables());
  }

  private static Map<String, Object> chart(
      String title, int place, List<String> dimensions, String metric, String... endings) {
    String[] metrics = Arrays.stream(endings).map(metric::concat).toArray(String[]::new);
    return Figures.chart(title, place, NAMESPACE, dimensions, metrics);
  }

  private static List<Map<String, Object>> permissions() {
    return List.of(
        Policy.allow(
            "dms:TestConnection",
            List.of(
                Intrinsic.ref("DMSReplicationInstance"),
                Intrinsic.ref("SourceEndpoint"),
                Intrinsic.ref("TargetEndpoint"))),
        Policy.allow(ON_TASK, Intrinsic.ref("ReplicationTask")),
        Policy.allow(LOOKS, "*"),
        Progress.permission(),
        Json.joined(
            Policy.allow("iam:PassRole", Intrinsic.att("DMSAssessmentRole", "Arn")),
            Json.parse(
                "{Condition: {StringEquals: {'iam:PassedToService': 'dms.amazonaws.com'}}}")),
        // Also of rules that it added to groups that are not the stack's.
        Policy.allow(
            List.of("ec2:AuthorizeSecurityGroupIngress", "ec2:CreateTags", REVOKE),
            List.of(
                Policy.arn("ec2", "security-group/*"),
                Policy.arn("ec2", "security-group-rule/*"))));
  }

  private static List<Resource> cleanup() {
    return Cleanup.resources(
        Cleanup.Work.OF_DMS,
        Json.object("Bucket", Intrinsic.ref(BUCKET), "Task", Intrinsic.ref("ReplicationTask")),
        List.of(
            Policy.allow("s3:ListBucketVersions", Intrinsic.att(BUCKET, "Arn")),
            Policy.allow(
                List.of("s3:DeleteObject", "s3:DeleteObjectVersion"),
                Intrinsic.sub("${" + BUCKET + ".Arn}/*")),
            Policy.allow(
                List.of(
                    "ec2:DescribeSecurityGroupRules",
                    "dms:DescribeReplicationTasks",
                    "dms:DescribeReplicationTaskAssessmentRuns"),
                "*"),
            Policy.allow(REVOKE, Policy.arn("ec2", "security-group/*")),
            Policy.allow(
                List.of("dms:StopReplicationTask", "dms:CancelReplicationTaskAssessmentRun"),
                List.of(Intrinsic.ref("ReplicationTask"), Policy.arn("dms", "assessment-run:*")))));
  }

  private static List<Output> outputs() {
    return Automation.outputs(
        List.of(
            payload(
                AwsTemplate.PAYLOAD_OUTPUT, "The workflow's input: paste it whole", Json.object()),
            payload(
                AwsTemplate.CUTOVER_PAYLOAD_OUTPUT,
                "The workflow's input for the cutover, when the application writes no more",
                Json.object("phase", "cutover"))),
        Automation.output("ReplicationTaskArn", "The task", "ReplicationTask"),
        Automation.output(
            "DMSSecurityGroupId", "DMS comes from this security group", "DMSSecurityGroup"),
        Automation.output(BUCKET, "The bucket with assessment reports", BUCKET),
        Automation.link("DMSConsoleURL", "dms/v2/home?region=${AWS::Region}#tasks"));
  }

  private static Output payload(String name, String description, Map<String, Object> more) {
    return Output.of(
        name,
        description,
        Intrinsic.document(
            Json.joined(
                Json.object(
                    "replicationInstanceArn",
                    "${DMSReplicationInstance}",
                    "sourceEndpointArn",
                    "${SourceEndpoint}",
                    "targetEndpointArn",
                    "${TargetEndpoint}",
                    "replicationTaskArn",
                    "${ReplicationTask}",
                    "sourceEndpointHost",
                    "${SourceEndpointHost}",
                    "sourcePort",
                    "${SourceEndpointPort}"),
                more),
            Map.of()));
  }
}
