package dev.pgportage.aws.template;

import java.util.List;
import java.util.Map;

/** The topic, its subscriber, and the mail for every workflow that ends badly. */
final class Mails {
  static final String TOPIC = "MigrationNotificationsTopic";

  private Mails() {}

  /** Who gets mails; no key of KMS: alarms and rules could not publish to AWS's own. */
  static List<Resource> topic() {
    return List.of(
        Resource.of(
            TOPIC,
            "AWS::SNS::Topic",
            Json.object(
                "TopicName",
                Intrinsic.named("migration-notifications"),
                "DisplayName",
                "DMS Migration Workflow Notifications")),
        Resource.of(
            "MigrationNotificationsSubscription",
            "AWS::SNS::Subscription",
            Json.object(
                "Protocol",
                "email",
                "TopicArn",
                Intrinsic.ref(TOPIC),
                "Endpoint",
                Intrinsic.ref("NotificationEmail"))),
        policy());
  }

  /** Lets alarms publish. */
  private static Resource policy() {
    return Resource.of(
        "MigrationNotificationsPolicy",
        "AWS::SNS::TopicPolicy",
        Json.object(
            "Topics",
            List.of(Intrinsic.ref(TOPIC)),
            "PolicyDocument",
            Policy.document(
                List.of(
                    Json.joined(
                        Policy.allow("sns:Publish", Intrinsic.ref(TOPIC)),
                        Json.object(
                            "Principal",
                            Json.object("Service", "cloudwatch.amazonaws.com"),
                            "Condition",
                            Json.object(
                                "StringEquals",
                                Json.object(
                                    "aws:SourceAccount", Intrinsic.ref("AWS::AccountId")))))))));
  }

  /** The workflow that mails failures of others, and the rule that starts it. */
  static List<Resource> failures(String condition, Map<String, Object> variables) {
    return List.of(
        machine("FailureMail", "failure-mail", "WorkflowRole", FailureMail.definition(), variables)
            .when(condition)
            .saying(
                "States.ALL does not catch every error, so another workflow tells of failures."),
        rule().when(condition));
  }

  private static Resource rule() {
    return Resource.of(
        "FailureRule",
        "AWS::Events::Rule",
        Json.object(
            "EventPattern",
            Json.object(
                "source",
                List.of("aws.states"),
                "detail-type",
                List.of("Step Functions Execution Status Change"),
                "detail",
                Json.object(
                    "status",
                    List.of("FAILED", "TIMED_OUT", "ABORTED"),
                    "stateMachineArn",
                    List.of(Intrinsic.ref("MigrationStateMachine")))),
            "Targets",
            List.of(
                Json.object(
                    "Id",
                    "mail",
                    "Arn",
                    Intrinsic.ref("FailureMail"),
                    "RoleArn",
                    Intrinsic.att("WorkflowRole", "Arn")))));
  }

  static Resource machine(
      String name,
      String suffix,
      String role,
      Map<String, Object> definition,
      Map<String, Object> variables) {
    return Resource.of(
        name,
        "AWS::StepFunctions::StateMachine",
        Json.object(
            "StateMachineName",
            Intrinsic.named(suffix),
            "RoleArn",
            Intrinsic.att(role, "Arn"),
            "DefinitionString",
            Intrinsic.document(definition, variables)));
  }
}
