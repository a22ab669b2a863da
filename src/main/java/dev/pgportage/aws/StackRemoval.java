package dev.pgportage.aws;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.aws.template.AwsTemplate;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.services.cloudformation.model.DeleteStackRequest;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.RevokeSecurityGroupIngressRequest;
import software.amazon.awssdk.services.ec2.model.SecurityGroupRule;

/**
 * Deletes a stack and whatever would keep it from being deleted: what still works in it, rules that
 * the workflow added to groups of others, and what lies in its buckets.
 */
final class StackRemoval {
  private static final int TRIES = 2;

  private final AwsCalls calls;
  private final Stack stack;
  private final List<String> removed = new ArrayList<>();

  StackRemoval(AwsCalls calls, Stack stack) {
    this.calls = calls;
    this.stack = stack;
  }

  /** Ends what works in the stack: executions, DMS's task, pgportage's service and tasks. */
  void halt(StackParts parts) {
    for (String machine : parts.allMachines()) {
      stopExecutions(new Workflow(calls, machine));
    }
    parts.task().ifPresent(task -> new MigrationTask(calls, task).stop());
    parts.service(calls).ifPresent(service -> removed.addAll(service.stop()));
  }

  /**
   * Deletes it after {@link #halt}; can be run again after any failure.
   *
   * @return what was removed
   * @throws MigrationException CLEANUP_INCOMPLETE naming what is left and why
   */
  List<String> run(StackParts parts) {
    removeRules(parts.name());
    for (int attempt = 1; ; attempt++) {
      List<String> left = emptyBuckets(parts.buckets());
      if (calls.isRehearsal() || parts.status().equals("DELETE_COMPLETE")) {
        delete(parts.id());
        return removed;
      }
      stack.skipEvents(parts.id());
      delete(parts.id());
      String status = stack.follow(parts.id());
      if (status.equals("DELETE_COMPLETE")) {
        removed.add("stack " + parts.name());
        return removed;
      }
      left.addAll(stack.allFailures());
      if (attempt == TRIES) {
        throw incomplete(parts, status, left);
      }
      calls.tell("Not all could be deleted; once more");
    }
  }

  private void stopExecutions(Workflow workflow) {
    for (var execution : workflow.running()) {
      workflow.stop(execution, AwsTemplate.MEANT + " by pgportage aws delete");
      removed.add("execution " + execution.name());
    }
  }

  private void delete(String id) {
    calls.change(
        "Deleting the stack " + stack.name(),
        "cloudformation:DeleteStack",
        DeleteStackRequest.builder().stackName(id).build(),
        calls.clients().stacks()::deleteStack);
  }

  /** Rules that the workflow added to groups which are not the stack's own. */
  private void removeRules(String name) {
    List<SecurityGroupRule> rules =
        calls.ask(
            "Looking for rules in security groups",
            () ->
                calls
                    .clients()
                    .network()
                    .describeSecurityGroupRulesPaginator(
                        r ->
                            r.filters(
                                Filter.builder()
                                    .name("tag:" + AwsTemplate.STACK_TAG)
                                    .values(name)
                                    .build()))
                    .securityGroupRules()
                    .stream()
                    .filter(rule -> !Boolean.TRUE.equals(rule.isEgress()))
                    .toList());
    for (SecurityGroupRule rule : rules) {
      calls.change(
          "Removing the rule " + rule.securityGroupRuleId() + " from " + rule.groupId(),
          "ec2:RevokeSecurityGroupIngress",
          RevokeSecurityGroupIngressRequest.builder()
              .groupId(rule.groupId())
              .securityGroupRuleIds(rule.securityGroupRuleId())
              .build(),
          calls.clients().network()::revokeSecurityGroupIngress);
      removed.add("rule " + rule.securityGroupRuleId() + " of " + rule.groupId());
    }
  }

  private List<String> emptyBuckets(List<String> buckets) {
    var left = new ArrayList<String>();
    for (String bucket : buckets) {
      BucketEmptying.Result result = new BucketEmptying(calls, bucket).run();
      left.addAll(result.left());
      if (result.removed() > 0 && !calls.isRehearsal()) {
        removed.add(result.removed() + " object versions of " + bucket);
        calls.tell("Emptied " + bucket + ": " + result.removed() + " versions");
      }
    }
    return left;
  }

  private static MigrationException incomplete(StackParts parts, String status, List<String> left) {
    return new MigrationException(
        ErrorCode.CLEANUP_INCOMPLETE,
        "The stack "
            + parts.name()
            + " is "
            + status
            + "; left are\n  "
            + String.join("\n  ", left.stream().distinct().toList()),
        "Correct what is said of each (a permission, something else that uses it), then run"
            + " 'pgportage aws delete' again.",
        null);
  }
}
