package dev.pgportage.aws;

import dev.pgportage.aws.FakeAws.Answer;
import dev.pgportage.aws.FakeAws.Call;
import dev.pgportage.aws.FakeAws.Refusal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** EC2's networks, IAM's roles, STS, SNS's subscriptions and the price list. */
public final class FakeNetwork implements FakeAws.Service {
  private record Subnet(String id, String vpc, String zone, String gateway) {}

  private record Rule(String id, String group, String stack) {}

  private final Map<String, Subnet> subnets = new LinkedHashMap<>();
  private final List<Rule> rules = new ArrayList<>();
  private final Set<String> roles = new HashSet<>();
  private boolean subscribed = true;

  /**
   * A subnet.
   *
   * @param gateway where its default route leads; none if empty
   */
  public void subnet(String id, String vpc, String zone, String gateway) {
    subnets.put(id, new Subnet(id, vpc, zone, gateway));
  }

  public void rule(String id, String group, String stack) {
    rules.add(new Rule(id, group, stack));
  }

  public int rules() {
    return rules.size();
  }

  public void role(String name) {
    roles.add(name);
  }

  public void unsubscribe() {
    subscribed = false;
  }

  @Override
  public Optional<Answer> answer(Call call) {
    return switch (call.action()) {
      case "sts:GetCallerIdentity" ->
          Optional.of(
              FakeStacks.result(
                  "GetCallerIdentity",
                  "<Arn>%s</Arn><UserId>U</UserId><Account>%s</Account>"
                      .formatted(FakeAws.USER, FakeAws.ACCOUNT)));
      case "iam:GetRole" -> Optional.of(role(call));
      case "ec2:DescribeSubnets" -> Optional.of(subnets(call));
      case "ec2:DescribeRouteTables" -> Optional.of(routes());
      case "ec2:DescribeSecurityGroupRules" -> Optional.of(rules(call));
      case "ec2:RevokeSecurityGroupIngress" -> Optional.of(revoke(call));
      case "sns:GetSubscriptionAttributes" ->
          Optional.of(
              FakeStacks.result(
                  "GetSubscriptionAttributes",
                  "<Attributes><entry><key>PendingConfirmation</key><value>"
                      + !subscribed
                      + "</value></entry></Attributes>"));
      case "sns:Publish" -> Optional.of(publish(call));
      case "pricing:GetProducts" ->
          Optional.of(
              Answer.json(
                  Map.of(
                      "PriceList",
                      List.of(
                          "{\"terms\":{\"OnDemand\":{\"a\":{\"priceDimensions\":{\"b\":{\"unit\":"
                              + "\"Hrs\",\"pricePerUnit\":{\"USD\":\"0.3090000000\"}}}}}}}"))));
      default -> Optional.empty();
    };
  }

  private Answer role(Call call) {
    String name = call.get("RoleName");
    if (!roles.contains(name)) {
      throw new Refusal(404, "NoSuchEntity", "The role with name " + name + " cannot be found.");
    }
    return FakeStacks.result(
        "GetRole",
        ("<Role><RoleName>%s</RoleName><Path>/</Path><RoleId>R</RoleId><Arn>arn:aws:iam::1:role/x"
                + "</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate></Role>")
            .formatted(name));
  }

  /** Subjects as SNS's model takes them: ASCII, fewer than 100 characters. */
  private static Answer publish(Call call) {
    if (!call.get("Subject").matches("[\\x21-\\x7e][\\x20-\\x7e]{0,98}")) {
      throw new Refusal(400, "InvalidParameter", "Invalid parameter: Subject");
    }
    return FakeStacks.result("Publish", "<MessageId>m</MessageId>");
  }

  private Answer subnets(Call call) {
    var xml = new StringBuilder("<DescribeSubnetsResponse><subnetSet>");
    var asked = new ArrayList<String>();
    for (int i = 1; call.form().containsKey("SubnetId." + i); i++) {
      asked.add(call.get("SubnetId." + i));
    }
    for (String id : asked.isEmpty() ? subnets.keySet() : asked) {
      Subnet subnet = subnets.get(id);
      if (subnet == null) {
        throw new Refusal(
            400, "InvalidSubnetID.NotFound", "The subnet ID '" + id + "' does not exist");
      }
      xml.append(
          ("<item><subnetId>%s</subnetId><vpcId>%s</vpcId><availabilityZone>%s</availabilityZone>"
                  + "</item>")
              .formatted(subnet.id(), subnet.vpc(), subnet.zone()));
    }
    return Answer.xml(xml + "</subnetSet></DescribeSubnetsResponse>");
  }

  private Answer routes() {
    var xml = new StringBuilder("<DescribeRouteTablesResponse><routeTableSet>");
    for (Subnet subnet : subnets.values()) {
      String route =
          subnet.gateway().isEmpty()
              ? ""
              : "<item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><gatewayId>%s</gatewayId><state>active</state></item>"
                  .formatted(subnet.gateway());
      xml.append(
          "<item><routeTableId>rtb</routeTableId><routeSet>%s</routeSet><associationSet><item><subnetId>%s</subnetId><main>false</main></item></associationSet></item>"
              .formatted(route, subnet.id()));
    }
    return Answer.xml(xml + "</routeTableSet></DescribeRouteTablesResponse>");
  }

  /** One rule a page. */
  private Answer rules(Call call) {
    String stack = call.get("Filter.1.Value.1");
    List<Rule> found = rules.stream().filter(rule -> rule.stack().equals(stack)).toList();
    String token = call.form().getOrDefault("NextToken", "0");
    int at = Integer.parseInt(token);
    var xml = new StringBuilder("<DescribeSecurityGroupRulesResponse><securityGroupRuleSet>");
    if (at < found.size()) {
      xml.append(
          "<item><securityGroupRuleId>%s</securityGroupRuleId><groupId>%s</groupId><isEgress>false</isEgress></item>"
              .formatted(found.get(at).id(), found.get(at).group()));
    }
    xml.append("</securityGroupRuleSet>");
    if (at + 1 < found.size()) {
      xml.append("<nextToken>").append(at + 1).append("</nextToken>");
    }
    return Answer.xml(xml + "</DescribeSecurityGroupRulesResponse>");
  }

  private Answer revoke(Call call) {
    String id = call.get("SecurityGroupRuleId.1");
    if (!rules.removeIf(rule -> rule.id().equals(id))) {
      throw new Refusal(400, "InvalidSecurityGroupRuleId.NotFound", id + " does not exist");
    }
    return Answer.xml(
        "<RevokeSecurityGroupIngressResponse><return>true</return>"
            + "</RevokeSecurityGroupIngressResponse>");
  }
}
