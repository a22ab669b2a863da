package dev.pgportage.aws.template;

import java.util.ArrayList;
import java.util.List;

/** The parameters of the templates. */
final class Questions {
  private static final String NETWORK = "VPC Information";
  private static final String SOURCE = "Source Database (Aurora PostgreSQL)";
  private static final String TARGET = "Target Database (PlanetScale Postgres)";
  private static final String FEATURES = "Additional Features";
  private static final String TUNING = "Tuning";
  private static final String HOST = "^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$";
  private static final String HOST_ADVICE = "A host name without a protocol, port or blank";
  private static final String NAME = "^[A-Za-z][A-Za-z0-9_]*$";
  private static final String NAME_ADVICE =
      "1 to 63 letters, digits and underscores, a letter first";
  private static final String USER = "^[A-Za-z_][A-Za-z0-9_.-]*$";
  private static final String USER_ADVICE =
      "1 to 63 letters, digits, underscores, dots and dashes, a letter first";
  private static final String EMAIL = "^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\\.[a-zA-Z]{2,}$";
  private static final String BUCKET =
      "^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$";
  private static final String ARN = "^$|^arn:aws[a-z-]*:dms:.+$";

  private Questions() {}

  static List<Parameter> dms() {
    var all = new ArrayList<Parameter>();
    all.addAll(network("the replication instance"));
    all.addAll(side("Source", SOURCE));
    all.addAll(side("Target", TARGET));
    all.addAll(dmsFeatures());
    all.addAll(mappings());
    all.addAll(dmsTuning());
    return List.copyOf(all);
  }

  static List<Parameter> pgportage() {
    var all = new ArrayList<Parameter>();
    all.addAll(network("pgportage"));
    all.addAll(side("Source", SOURCE));
    all.addAll(side("Target", TARGET));
    all.add(
        Parameter.text(
                "ContainerImage",
                "Container Image",
                "pgportage's image in a registry of yours; docs/aws.md says how to make it.")
            .between(1, 255)
            .matching("^[a-zA-Z0-9][a-zA-Z0-9._/:@-]*$", "The name of an image")
            .in(FEATURES));
    all.add(migrationType());
    all.add(automation());
    all.add(email());
    all.addAll(pgportageTuning());
    return List.copyOf(all);
  }

  private static List<Parameter> pgportageTuning() {
    return List.of(
        Parameter.text(
                "MigrationName",
                "Migration Name",
                "Names slot, publication and state; one for each migration in the account.")
            .initially("migration")
            .between(1, 40)
            .matching("^[a-z0-9_]*$", "Lower-case letters, digits and underscores")
            .in(TUNING),
        include(),
        urlParameters("Source"),
        urlParameters("Target"),
        reverse(),
        settings(),
        Parameter.text(
                "SourceSecurityGroupId",
                "Source Security Group",
                "Is opened to pgportage, and closed with the stack. Empty: you open it.")
            .initially("")
            .between(0, 30)
            .matching("^$|^sg-[0-9a-f]{8,17}$", "The ID of a security group, or nothing")
            .in(TUNING),
        taskCpu(),
        Parameter.text("TaskMemory", "Memory (MiB)", "Of the task.")
            .oneOf("8192", "16384")
            .initially("8192")
            .in(TUNING),
        Parameter.number(
                "AllocatedStorageGb", "Storage (GiB)", "For changes that wait for the target.")
            .between(21, 200)
            .initially("100")
            .in(TUNING));
  }

  private static Parameter include() {
    return Parameter.typed(
            "Include",
            "CommaDelimitedList",
            "Tables",
            "Which tables and sequences: schema.name patterns, separated by commas.")
        .initially("*.*")
        .matching(
            "^[A-Za-z0-9_.*?:-]+$", "Patterns of letters, digits, underscores, dots and stars")
        .in(TUNING);
  }

  private static Parameter reverse() {
    return Parameter.text(
            "Reverse",
            "Way Back",
            "on: after the cutover changes flow back to the source, so that a rollback loses"
                + " nothing; the roles must allow it.")
        .oneOf("on", "off")
        .initially("on")
        .in(TUNING);
  }

  /** A task's disk goes with it, so that a spool may be lost. */
  private static Parameter settings() {
    return Parameter.typed(
            "Settings",
            "CommaDelimitedList",
            "Other Settings",
            "Any of docs/configuration.md as KEY=VALUE, separated by commas.")
        .initially("spool.when_lost=reload")
        .matching("^[a-z_.]+=[A-Za-z0-9_.:/@%+-]*$", "KEY=VALUE, separated by commas")
        .in(TUNING);
  }

  private static Parameter taskCpu() {
    return Parameter.text("TaskCpu", "CPU Units", "1024 are one CPU.")
        .oneOf("2048", "4096")
        .initially("4096")
        .in(TUNING);
  }

  private static Parameter urlParameters(String side) {
    return Parameter.text(
            side + "Parameters",
            side + " Connection Parameters",
            "Of the connection's URL. For RDS: sslrootcert=FILE with Amazon's authorities in the"
                + " image.")
        .initially("sslmode=verify-full")
        .between(0, 200)
        .matching("^[a-z_]*=?[A-Za-z0-9_=&./-]*$", "name=value, joined by &")
        .in(TUNING);
  }

  private static Parameter automation() {
    return Parameter.text(
            "EnableAutomation",
            "Enable Automation",
            "true makes the workflow, its alarms and mails.")
        .oneOf("true", "false")
        .initially("true")
        .in(FEATURES);
  }

  private static List<Parameter> network(String what) {
    return List.of(
        Parameter.typed(
                "VpcId", "AWS::EC2::VPC::Id", "VPC ID", "The VPC in which " + what + " is made.")
            .in(NETWORK),
        Parameter.typed(
                "SubnetIds",
                "List<AWS::EC2::Subnet::Id>",
                "Subnet IDs",
                "Two or more subnets in different Availability Zones, with a route to the internet.")
            .in(NETWORK),
        Parameter.text(
                "PubliclyAccessible",
                "Public IP address",
                "true where subnets reach the internet through an Internet Gateway, false with a"
                    + " NAT gateway or PrivateLink.")
            .oneOf("true", "false")
            .initially("true")
            .in(NETWORK));
  }

  private static List<Parameter> side(String side, String group) {
    boolean source = side.equals("Source");
    String what = source ? "source" : "target";
    return List.of(
        Parameter.text(
                side + "EndpointHost",
                side + " Endpoint Host",
                source
                    ? "The cluster's writer endpoint; no proxy, no reader."
                    : "The host from PlanetScale's connection details.")
            .between(1, 255)
            .matching(HOST, HOST_ADVICE)
            .in(group),
        Parameter.number(
                side + "EndpointPort",
                side + " Port",
                source ? "Usually 5432." : "5432; not the pooler's 6432.")
            .between(1024, 65_535)
            .initially("5432")
            .in(group),
        Parameter.text(side + "DatabaseName", side + " Database Name", "The " + what + " database.")
            .between(1, 63)
            .matching(NAME, NAME_ADVICE)
            .in(group),
        Parameter.text(
                side + "Username",
                side + " Username",
                source
                    ? "A role that may replicate (rds_replication) and read every table."
                    : "From PlanetScale's connection details, with the branch behind the dot.")
            .between(1, 63)
            .matching(USER, USER_ADVICE)
            .in(group),
        Parameter.text(
                side + "Password", side + " Password", "The password of the " + what + " role.")
            .secret()
            .between(4, 128)
            .in(group));
  }

  private static List<Parameter> dmsFeatures() {
    return List.of(
        Parameter.text(
                "DMSInstanceClass", "DMS Instance Class", "dms.c6i.large or larger for production.")
            .oneOf(
                "dms.t3.micro",
                "dms.t3.small",
                "dms.t3.medium",
                "dms.t3.large",
                "dms.c6i.large",
                "dms.c6i.xlarge",
                "dms.c6i.2xlarge",
                "dms.c6i.4xlarge")
            .initially("dms.c6i.xlarge")
            .in(FEATURES),
        migrationType(),
        bucket(),
        automation(),
        Parameter.text(
                "CreateDMSRoles",
                "Create DMS Roles",
                "false if the account has dms-vpc-role and dms-cloudwatch-logs-role already.")
            .oneOf("true", "false")
            .initially("true")
            .in(FEATURES),
        email());
  }

  private static Parameter bucket() {
    return Parameter.text(
            "MigrationBucketName",
            "Migration Bucket Name",
            "The beginning of the name of the bucket for assessment reports; region and account"
                + " are added.")
        .between(3, 35)
        .matching(
            BUCKET,
            "3 to 35 lower-case letters, digits, dashes and dots, a letter or digit at both ends"
                + " of every part")
        .in(FEATURES);
  }

  static Parameter migrationType() {
    return Parameter.text(
            "MigrationType",
            "Migration Type",
            "full-load-and-cdc copies all rows, then replicates until the cutover.")
        .oneOf("full-load", "cdc", "full-load-and-cdc")
        .initially("full-load-and-cdc")
        .in(FEATURES);
  }

  static Parameter email() {
    return Parameter.text(
            "NotificationEmail", "Notification Email", "Who is told how the migration goes.")
        .between(5, 254)
        .matching(EMAIL, "An e-mail address")
        .in(FEATURES);
  }

  private static List<Parameter> mappings() {
    return List.of(
        Parameter.text(
                "SourceSchemas",
                "Source Schemas",
                "All (%), or up to four, separated by commas. DMS's signs: % any characters, _ one,"
                    + " [_] an underscore.")
            .initially("%")
            .matching("^[^, ]+(,[^, ]+){0,3}$", "One to four schemas, without blanks")
            .in(TUNING),
        Parameter.text(
                "TableMappings",
                "Table Mappings",
                "Instead of the schemas: DMS table mappings as JSON. Needed with partitioned tables,"
                    + " which DMS would load twice.")
            .initially("")
            .between(0, 4096)
            .in(TUNING),
        Parameter.text(
                "LobMode",
                "LOB Mode",
                "full: exact, changes row by row. limited: changes in batches, longer text, json"
                    + " and bytea CUT OFF at LOB Max Size.")
            .oneOf("full", "limited")
            .initially("full")
            .in(TUNING),
        Parameter.number("LobMaxSizeKb", "LOB Max Size (kB)", "With limited LOB mode.")
            .between(1, 102_400)
            .initially("1024")
            .in(TUNING));
  }

  private static List<Parameter> dmsTuning() {
    return List.of(
        certificate("Source"),
        certificate("Target"),
        Parameter.number("AllocatedStorageGb", "Storage (GB)", "For logs and changes that wait.")
            .between(20, 6144)
            .initially("100")
            .in(TUNING),
        Parameter.text("MultiAZ", "Multi-AZ", "A standby of the replication instance.")
            .oneOf("true", "false")
            .initially("false")
            .in(TUNING),
        Parameter.number(
                "LatencyLimitSeconds", "CDC Latency Limit", "READY needs both lags below it.")
            .between(1, 3600)
            .initially("5")
            .in(TUNING));
  }

  private static Parameter certificate(String side) {
    return Parameter.text(
            side + "CertificateArn",
            side + " CA Certificate",
            "ARN of a certificate imported into DMS: the server is verified (verify-full). Empty:"
                + " encrypted, not verified.")
        .initially("")
        .between(0, 255)
        .matching(ARN, "The ARN of a DMS certificate, or nothing")
        .in(TUNING);
  }
}
