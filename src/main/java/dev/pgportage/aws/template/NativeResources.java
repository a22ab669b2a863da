package dev.pgportage.aws.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What pgportage runs on: secrets, log, roles, network, cluster, task and service. */
final class NativeResources {
  private NativeResources() {}

  static List<Resource> all() {
    return List.of(
        secret("Source"),
        secret("Target"),
        Resource.of(
                "Log",
                "AWS::Logs::LogGroup",
                Json.object(
                    "LogGroupName",
                    Intrinsic.sub("pgportage-${AWS::StackName}"),
                    "RetentionInDays",
                    90))
            .removed(),
        executionRole(),
        // Its metrics go through the log; the rest it does needs no permission of AWS's.
        Resource.of(
            "TaskRole",
            "AWS::IAM::Role",
            Json.object("AssumeRolePolicyDocument", Policy.trust(List.of("ecs-tasks")))),
        group(),
        Resource.of(
                "SourceIngress",
                "AWS::EC2::SecurityGroupIngress",
                Json.object(
                    "GroupId",
                    Intrinsic.ref("SourceSecurityGroupId"),
                    "IpProtocol",
                    "tcp",
                    "FromPort",
                    Intrinsic.ref("SourceEndpointPort"),
                    "ToPort",
                    Intrinsic.ref("SourceEndpointPort"),
                    "SourceSecurityGroupId",
                    Intrinsic.att("TaskSecurityGroup", "GroupId")))
            .when("KnownSourceGroup"),
        Resource.of(
            "Cluster", "AWS::ECS::Cluster", Json.object("ClusterName", Intrinsic.named("cluster"))),
        taskDefinition(),
        service());
  }

  private static Resource secret(String side) {
    return Resource.of(
        side + "Secret",
        "AWS::SecretsManager::Secret",
        Json.object(
            "Name",
            Intrinsic.named(side.toLowerCase(java.util.Locale.ROOT) + "-password"),
            "SecretString",
            Intrinsic.ref(side + "Password")));
  }

  private static Resource executionRole() {
    return Policy.role(
        "ExecutionRole",
        List.of("ecs-tasks"),
        "secrets",
        List.of(
            Policy.allow(
                "secretsmanager:GetSecretValue",
                List.of(Intrinsic.ref("SourceSecret"), Intrinsic.ref("TargetSecret")))),
        "AmazonECSTaskExecutionRolePolicy");
  }

  private static Resource group() {
    return Resource.of(
        "TaskSecurityGroup",
        "AWS::EC2::SecurityGroup",
        Json.object(
            "GroupDescription",
            Intrinsic.sub("${AWS::StackName}: pgportage"),
            "VpcId",
            Intrinsic.ref("VpcId"),
            "SecurityGroupEgress",
            List.of(Json.object("IpProtocol", "-1", "CidrIp", "0.0.0.0/0"))));
  }

  private static Resource taskDefinition() {
    return Resource.of(
        "TaskDefinition",
        "AWS::ECS::TaskDefinition",
        Json.object(
            "Family",
            Intrinsic.named("pgportage"),
            "RequiresCompatibilities",
            List.of("FARGATE"),
            "NetworkMode",
            "awsvpc",
            "Cpu",
            Intrinsic.ref("TaskCpu"),
            "Memory",
            Intrinsic.ref("TaskMemory"),
            "EphemeralStorage",
            Json.object("SizeInGiB", Intrinsic.ref("AllocatedStorageGb")),
            "ExecutionRoleArn",
            Intrinsic.att("ExecutionRole", "Arn"),
            "TaskRoleArn",
            Intrinsic.att("TaskRole", "Arn"),
            "ContainerDefinitions",
            List.of(container())));
  }

  private static Map<String, Object> container() {
    return Json.object(
        "Name",
        "pgportage",
        "Image",
        Intrinsic.ref("ContainerImage"),
        "Essential",
        true,
        // Time to stop at a point from which the next run goes on.
        "StopTimeout",
        120,
        "Command",
        command(),
        "Secrets",
        List.of(password("Source"), password("Target")),
        "LogConfiguration",
        Json.object(
            "LogDriver",
            "awslogs",
            "Options",
            Json.object(
                "awslogs-group",
                Intrinsic.ref("Log"),
                "awslogs-region",
                Intrinsic.ref("AWS::Region"),
                "awslogs-stream-prefix",
                "pgportage")));
  }

  private static Intrinsic command() {
    var words = new ArrayList<String>(NativeWorkflow.MIGRATE);
    words.addAll(NativeWorkflow.options());
    // One word a line: how many settings there are, only the answer knows.
    return Intrinsic.call(
        "Split",
        "\n",
        new Intrinsic.Sub(
            String.join("\n", words),
            Json.object(
                "Include",
                Intrinsic.call("Join", ",", Intrinsic.ref("Include")),
                "Settings",
                Intrinsic.call("Join", "\n--set=", Intrinsic.ref("Settings")))));
  }

  private static Object password(String side) {
    return Json.object(
        "Name",
        "PGPORTAGE_" + side.toUpperCase(java.util.Locale.ROOT) + "_PASSWORD",
        "ValueFrom",
        Intrinsic.ref(side + "Secret"));
  }

  private static Resource service() {
    return Resource.of(
            "Service",
            "AWS::ECS::Service",
            Json.object(
                "ServiceName",
                Intrinsic.named("pgportage"),
                "Cluster",
                Intrinsic.ref("Cluster"),
                "LaunchType",
                "FARGATE",
                "DesiredCount",
                0,
                "TaskDefinition",
                Intrinsic.ref("TaskDefinition"),
                "DeploymentConfiguration",
                Json.object("MaximumPercent", 100, "MinimumHealthyPercent", 0),
                "NetworkConfiguration",
                Json.object(
                    "AwsvpcConfiguration",
                    Json.object(
                        "Subnets",
                        Intrinsic.ref("SubnetIds"),
                        "SecurityGroups",
                        List.of(Intrinsic.att("TaskSecurityGroup", "GroupId")),
                        "AssignPublicIp",
                        Intrinsic.choose("Public", "ENABLED", "DISABLED")))))
        .saying("Begun by the workflow at READY; never two at once. A task that ends is replaced.");
  }
}
