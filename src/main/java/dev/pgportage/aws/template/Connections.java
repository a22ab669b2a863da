package dev.pgportage.aws.template;

import java.util.List;
import java.util.Map;

/**
 * The workflow's part that lets DMS connect to both servers at once, and opens the source's
 * security groups to it where that is what is missing.
 */
final class Connections {
  private static final int TRIES = 40;
  private static final String STATUS = "$.list[0].Status";
  private static final String LABEL = "States.ArrayGetItem(States.StringSplit($.host,'.'),0)";

  private Connections() {}

  /** Adds the tests, and the way on. */
  static void addTo(Machine machine, String next) {
    machine
        .add(
            "Sides",
            State.pass(
                    Json.object(
                        "list",
                        List.of(
                            Json.object("side", "Source", "arn.$", "$.sourceEndpointArn"),
                            Json.object("side", "Target", "arn.$", "$.targetEndpointArn"))))
                .into("$.sides")
                .next("Test connections"))
        .add("Test connections", both())
        .add(
            "Connected?",
            State.choice("Connection failed")
                .when(
                    Rule.all(
                        Rule.compare("$.conn[0].ok", "BooleanEquals", true),
                        Rule.compare("$.conn[1].ok", "BooleanEquals", true)),
                    next))
        .add(
            "Connection failed",
            State.error(
                "ConnectionFailed",
                "States.Format('DMS cannot connect to every server. Source: {} Target: {} What to do:"
                    + " check host, port, user and password; let the security group ${DmsGroup}"
                    + " reach the source; the subnets need a route to the internet. Then start the"
                    + " workflow again.',$.conn[0].detail,$.conn[1].detail)"));
  }

  private static State both() {
    var one = new Machine();
    addTest(one);
    addSearch(one);
    addOpening(one);
    return State.map(
            "$.sides.list",
            Json.object(
                "side.$",
                "$$.Map.Item.Value.side",
                "arn.$",
                "$$.Map.Item.Value.arn",
                "instance.$",
                "$.replicationInstanceArn",
                "host.$",
                "$.sourceEndpointHost",
                "port.$",
                "$.sourcePort",
                "n",
                0,
                "fixed",
                false,
                "why",
                ""),
            one)
        .into("$.conn")
        .next("Connected?");
  }

  private static void addTest(Machine one) {
    one.add(
            "Test",
            State.call(
                    "databasemigration",
                    "testConnection",
                    Json.object("ReplicationInstanceArn.$", "$.instance", "EndpointArn.$", "$.arn"))
                .keeping()
                .next("Wait for test"))
        .add("Wait for test", State.waiting(15).next("Ask test"))
        .add(
            "Ask test",
            State.call(
                    "databasemigration",
                    "describeConnections",
                    Json.object(
                        "Filters",
                        List.of(
                            filter("endpoint-arn", "$.arn"),
                            filter("replication-instance-arn", "$.instance"))))
                .selecting("list.$", "$.Connections")
                .into("$.answer")
                .next("Count test"))
        .add(
            "Count test",
            side("$.answer.list", "$.n,1", "fixed.$", "$.fixed", "why.$", "$.why", "Tested?"));
    addVerdict(one);
  }

  private static void addVerdict(Machine one) {
    one.add(
            "Tested?",
            State.choice("Wait for test")
                .when(Rule.presentAndOneOf(STATUS, "successful"), "Up")
                .when(
                    Rule.all(
                        Rule.presentAndOneOf(STATUS, "failed"),
                        Rule.isOneOf("$.side", "Source"),
                        Rule.compare("$.fixed", "BooleanEquals", false)),
                    "In RDS?")
                .when(
                    Rule.any(Rule.presentAndOneOf(STATUS, "failed"), Rule.atLeast("$.n", TRIES)),
                    "Down"))
        .add("Up", State.pass(Json.object("ok", true, "detail", "connected.")).end())
        .add(
            "Down",
            State.pass(
                    Json.object(
                        "ok",
                        false,
                        "detail.$",
                        "States.Format('{} {}',States.JsonToString($.list),$.why)"))
                .end());
  }

  /** The side as it is, with what was found out of it. */
  private static State side(String list, String sum, Object... rest) {
    Object[] fields = java.util.Arrays.copyOf(rest, rest.length - 1);
    return State.pass(
            Json.joined(
                Json.parse(
                    "{'side.$': '$.side', 'arn.$': '$.arn', 'instance.$': '$.instance', 'host.$':"
                        + " '$.host', 'port.$': '$.port'}"),
                Json.joined(
                    Json.object("list.$", list, "n.$", "States.MathAdd(" + sum + ")"),
                    Json.object(fields))))
        .next((String) rest[rest.length - 1]);
  }

  private static Object filter(String name, String value) {
    return Json.object("Name", name, "Values.$", "States.Array(" + value + ")");
  }

  /** Finds the source's security groups. */
  private static void addSearch(Machine one) {
    one.add(
            "In RDS?",
            State.choice("Not in RDS")
                .when(
                    Rule.compare("$.host", "StringMatches", "*.cluster-custom-*"),
                    "Find custom endpoint")
                .when(
                    Rule.compare("$.host", "StringMatches", "*.rds.amazonaws.com*"),
                    "Name database"))
        .add("Not in RDS", State.result("It is not a host of RDS.").into("$.why").next("Down"))
        .add(
            "Name database",
            State.pass(Json.object("id.$", LABEL)).into("$.d").next("Find cluster"))
        .add(
            "Find custom endpoint",
            find(
                    "describeDBClusterEndpoints",
                    Json.object("DbClusterEndpointIdentifier.$", LABEL),
                    "id.$",
                    "$.DbClusterEndpoints[0].DbClusterIdentifier")
                .into("$.d")
                .catching("States.ALL", "$.e", "Not found")
                .next("Find cluster"));
    addDatabases(one);
  }

  private static void addDatabases(Machine one) {
    one.add(
            "Find cluster",
            find(
                    "describeDBClusters",
                    Json.object("DbClusterIdentifier.$", "$.d.id"),
                    "groups.$",
                    "$.DbClusters[0].VpcSecurityGroups")
                .into("$.g")
                .catching("States.ALL", "$.e", "Find instance")
                .next("Open groups"))
        .add(
            "Find instance",
            find(
                    "describeDBInstances",
                    Json.object("DbInstanceIdentifier.$", "$.d.id"),
                    "groups.$",
                    "$.DbInstances[0].VpcSecurityGroups")
                .into("$.g")
                .catching("States.ALL", "$.e", "Not found")
                .next("Open groups"));
  }

  private static State find(
      String action, Map<String, Object> parameters, String key, String path) {
    return State.call("rds", action, parameters).selecting(key, path);
  }

  private static void addOpening(Machine one) {
    one.add(
            "Open groups",
            State.map(
                    "$.g.groups",
                    Json.object(
                        "group.$",
                        "$$.Map.Item.Value.VpcSecurityGroupId",
                        "port.$",
                        "States.StringToJson($.port)"),
                    group())
                .keeping()
                .catching("States.ALL", "$.e", "Not found")
                .next("Opened"))
        .add(
            "Opened",
            side(
                "$.list",
                "0,0",
                "fixed",
                true,
                "why",
                "Its security groups were opened to DMS, in vain.",
                "Settle"))
        .add("Settle", State.waiting(20).next("Test"))
        .add(
            "Not found",
            side(
                "$.list",
                "0,0",
                "fixed",
                true,
                "why.$",
                "States.Format('Its security groups were not found or not opened: {}',"
                    + "States.JsonToString($.e))",
                "Down"));
  }

  private static Machine group() {
    var peer =
        Json.object("GroupId", "${DmsGroup}", "Description", "${AWS::StackName} DMS, by workflow");
    var permission =
        Json.object(
            "IpProtocol",
            "tcp",
            "FromPort.$",
            "$.port",
            "ToPort.$",
            "$.port",
            "UserIdGroupPairs",
            List.of(peer));
    var tag = Json.object("Key", Tags.RULES, "Value", "${AWS::StackName}");
    var tags = Json.object("ResourceType", "security-group-rule", "Tags", List.of(tag));
    return new Machine()
        .add(
            "Authorize",
            State.call(
                    "ec2",
                    "authorizeSecurityGroupIngress",
                    Json.object(
                        "GroupId.$",
                        "$.group",
                        "IpPermissions",
                        List.of(permission),
                        "TagSpecifications",
                        List.of(tags)))
                .keeping()
                .catching("States.ALL", "$.e", "Was it there?")
                .end())
        .add(
            "Was it there?",
            State.choice("Not opened")
                .when(
                    Rule.compare("$.e.Cause", "StringMatches", "*already exists*"), "It was there"))
        .add("It was there", State.succeed())
        .add("Not opened", State.failAt("$.e"));
  }
}
