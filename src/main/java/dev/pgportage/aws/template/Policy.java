package dev.pgportage.aws.template;

import java.util.List;
import java.util.Map;

/** Roles and what they may do. */
final class Policy {
  private Policy() {}

  static Map<String, Object> allow(List<String> actions, Object resource) {
    return Json.object("Effect", "Allow", "Action", actions, "Resource", resource);
  }

  static Map<String, Object> allow(String action, Object resource) {
    return Json.object("Effect", "Allow", "Action", action, "Resource", resource);
  }

  /** Who may take the role: one service, or several. */
  static Map<String, Object> trust(List<String> services) {
    List<String> principals = services.stream().map(service -> service + ".amazonaws.com").toList();
    return document(
        List.of(
            Json.object(
                "Effect",
                "Allow",
                "Principal",
                Json.object("Service", principals.size() == 1 ? principals.getFirst() : principals),
                "Action",
                "sts:AssumeRole")));
  }

  /** A role for services with the given statements. */
  static Resource role(
      String name, List<String> services, String tag, List<Map<String, Object>> statements) {
    return role(name, properties(services, tag, statements));
  }

  /**
   * The same role, which may do what a policy of AWS's own says, too.
   *
   * @param managed that policy's name
   */
  static Resource role(
      String name,
      List<String> services,
      String tag,
      List<Map<String, Object>> statements,
      String managed) {
    return role(
        name,
        Json.joined(
            properties(services, tag, statements),
            Json.object("ManagedPolicyArns", List.of(managed(managed)))));
  }

  private static Resource role(String name, Map<String, Object> properties) {
    return Resource.of(name, "AWS::IAM::Role", properties);
  }

  private static Map<String, Object> properties(
      List<String> services, String tag, List<Map<String, Object>> statements) {
    return Json.object(
        "AssumeRolePolicyDocument",
        trust(services),
        "Policies",
        List.of(Json.object("PolicyName", tag, "PolicyDocument", document(statements))));
  }

  static Map<String, Object> document(List<Map<String, Object>> statements) {
    return Json.object("Version", "2012-10-17", "Statement", statements);
  }

  /** The ARN of something of this account in this region. */
  static Intrinsic.Sub arn(String service, String rest) {
    return Intrinsic.sub(
        "arn:${AWS::Partition}:" + service + ":${AWS::Region}:${AWS::AccountId}:" + rest);
  }

  static Intrinsic.Sub managed(String name) {
    return Intrinsic.sub("arn:${AWS::Partition}:iam::aws:policy/service-role/" + name);
  }
}
