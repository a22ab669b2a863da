package dev.pgportage.aws.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What DMS works with: bucket, roles, network, instance, endpoints, logs. */
final class DmsResources {
  private static final String BUCKET = "PreMigrationAssessmentBucket";

  private DmsResources() {}

  static List<Resource> all() {
    var all = new ArrayList<Resource>();
    all.add(bucket());
    all.add(serviceRole("DMSVPCRole", "dms-vpc-role", "AmazonDMSVPCManagementRole"));
    all.add(
        serviceRole(
            "DMSCloudWatchRole", "dms-cloudwatch-logs-role", "AmazonDMSCloudWatchLogsRole"));
    all.add(assessmentRole());
    all.add(group());
    all.add(subnets());
    all.add(log());
    all.add(instance());
    all.add(
        endpoint(
            "source",
            "Source",
            Json.object(
                "CaptureDdls",
                true,
                "PluginName",
                "test_decoding",
                "HeartbeatEnable",
                true,
                "HeartbeatFrequency",
                1,
                "MapBooleanAsBoolean",
                true)));
    all.add(endpoint("target", "Target", Json.object("MapBooleanAsBoolean", true)));
    return all;
  }

  private static Resource bucket() {
    return Resource.of(
            BUCKET,
            "AWS::S3::Bucket",
            Json.joined(
                Json.object(
                    "BucketName",
                    Intrinsic.sub("${MigrationBucketName}-${AWS::Region}-${AWS::AccountId}")),
                Json.parse(
                    """
                    {PublicAccessBlockConfiguration: {BlockPublicAcls: true, BlockPublicPolicy: true,
                     IgnorePublicAcls: true, RestrictPublicBuckets: true},
                     BucketEncryption: {ServerSideEncryptionConfiguration:
                     [{ServerSideEncryptionByDefault: {SSEAlgorithm: 'AES256'}}]},
                     VersioningConfiguration: {Status: 'Enabled'},
                     LifecycleConfiguration: {Rules: [{Id: 'old-reports', Status: 'Enabled',
                     ExpirationInDays: 90, NoncurrentVersionExpiration: {NoncurrentDays: 7}}]}}
                    """)))
        .removed();
  }

  /** A role whose name DMS prescribes, one in an account; other stacks need it as well. */
  private static Resource serviceRole(String name, String roleName, String policy) {
    return Resource.of(
            name,
            "AWS::IAM::Role",
            Json.object(
                "RoleName",
                roleName,
                "AssumeRolePolicyDocument",
                Policy.trust(List.of("dms")),
                "ManagedPolicyArns",
                List.of(Policy.managed(policy))))
        .when("NewRoles")
        .kept()
        .saying("Belongs to the account, not to the stack: it stays when the stack is deleted.");
  }

  private static Resource assessmentRole() {
    return Policy.role(
        "DMSAssessmentRole",
        List.of("dms"),
        "assessment",
        List.of(
            Policy.allow(
                List.of("s3:PutObject", "s3:DeleteObject", "s3:GetObject", "s3:PutObjectTagging"),
                Intrinsic.sub("${" + BUCKET + ".Arn}/*")),
            Policy.allow(
                List.of("s3:ListBucket", "s3:GetBucketLocation"), Intrinsic.att(BUCKET, "Arn"))));
  }

  private static Resource group() {
    return Resource.of(
        "DMSSecurityGroup",
        "AWS::EC2::SecurityGroup",
        Json.object(
            "GroupDescription",
            Intrinsic.sub("${AWS::StackName}: DMS replication instance"),
            "VpcId",
            Intrinsic.ref("VpcId"),
            "SecurityGroupEgress",
            List.of(Json.object("IpProtocol", "-1", "CidrIp", "0.0.0.0/0")),
            "Tags",
            Tags.of("dms")));
  }

  private static Resource subnets() {
    return Resource.of(
            "DMSSubnetGroup",
            "AWS::DMS::ReplicationSubnetGroup",
            Json.object(
                "ReplicationSubnetGroupIdentifier",
                Intrinsic.named("dms-subnets"),
                "ReplicationSubnetGroupDescription",
                new Intrinsic.Sub(
                    "By ${Vpc} and ${Log}",
                    Json.object(
                        "Vpc",
                        Intrinsic.choose(
                            "NewRoles", Intrinsic.ref("DMSVPCRole"), "roles of the account"),
                        "Log",
                        Intrinsic.choose(
                            "NewRoles", Intrinsic.ref("DMSCloudWatchRole"), "others"))),
                "SubnetIds",
                Intrinsic.ref("SubnetIds")))
        .saying("Its description makes it wait for the roles where the stack makes them.");
  }

  private static Resource log() {
    return Resource.of(
            "TaskLog",
            "AWS::Logs::LogGroup",
            Json.object(
                "LogGroupName",
                Intrinsic.sub("dms-tasks-${AWS::StackName}-dms"),
                "RetentionInDays",
                90))
        .removed()
        .saying("DMS would make it by itself, and leave it for ever.");
  }

  private static Resource instance() {
    return Resource.of(
            "DMSReplicationInstance",
            "AWS::DMS::ReplicationInstance",
            Json.object(
                "ReplicationInstanceIdentifier",
                Intrinsic.named("dms"),
                "ReplicationInstanceClass",
                Intrinsic.ref("DMSInstanceClass"),
                "AllocatedStorage",
                Intrinsic.ref("AllocatedStorageGb"),
                "AutoMinorVersionUpgrade",
                false,
                "MultiAZ",
                Intrinsic.ref("MultiAZ"),
                "PubliclyAccessible",
                Intrinsic.ref("PubliclyAccessible"),
                "ReplicationSubnetGroupIdentifier",
                Intrinsic.ref("DMSSubnetGroup"),
                "VpcSecurityGroupIds",
                List.of(Intrinsic.att("DMSSecurityGroup", "GroupId")),
                "Tags",
                Tags.of("dms")))
        .after("TaskLog")
        .saying("The newest engine, and no upgrade in the middle of a migration.");
  }

  private static Resource endpoint(String type, String side, Map<String, Object> settings) {
    String verified = side + "Verified";
    return Resource.of(
        side + "Endpoint",
        "AWS::DMS::Endpoint",
        Json.object(
            "EndpointIdentifier",
            Intrinsic.named(type),
            "EndpointType",
            type,
            "EngineName",
            "postgres",
            "ServerName",
            Intrinsic.ref(side + "EndpointHost"),
            "Port",
            Intrinsic.ref(side + "EndpointPort"),
            "DatabaseName",
            Intrinsic.ref(side + "DatabaseName"),
            "Username",
            Intrinsic.ref(side + "Username"),
            "Password",
            Intrinsic.ref(side + "Password"),
            "SslMode",
            Intrinsic.choose(verified, "verify-full", "require"),
            "CertificateArn",
            Intrinsic.choose(
                verified, Intrinsic.ref(side + "CertificateArn"), Intrinsic.ref("AWS::NoValue")),
            "PostgreSqlSettings",
            settings));
  }
}
