package dev.pgportage.aws;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.cloudformation.model.Output;
import software.amazon.awssdk.services.cloudformation.model.Parameter;
import software.amazon.awssdk.services.cloudformation.model.StackEvent;
import software.amazon.awssdk.services.cloudformation.model.StackResourceSummary;
import software.amazon.awssdk.services.cloudformation.model.StackStatus;
import software.amazon.awssdk.services.cloudformation.model.StackSummary;

/** One stack as CloudFormation knows it. Not thread-safe. */
final class Stack {
  private static final String CANCELLED = "Resource creation cancelled";

  private final AwsCalls calls;
  private final String name;
  private final Set<String> seen = new HashSet<>();
  private final List<StackEvent> failures = new ArrayList<>();

  Stack(AwsCalls calls, String name) {
    this.calls = calls;
    this.name = name;
  }

  String name() {
    return name;
  }

  /** The stack, if there is one; by its id also one that was deleted. */
  Optional<software.amazon.awssdk.services.cloudformation.model.Stack> find(String nameOrId) {
    return calls
        .askUnless(
            "Looking for the stack " + name,
            () -> calls.clients().stacks().describeStacks(r -> r.stackName(nameOrId)),
            Stack::isMissing)
        .flatMap(found -> found.stacks().stream().findFirst());
  }

  /**
   * The stack.
   *
   * @throws MigrationException AWS_STACK_UNKNOWN if there is none
   */
  software.amazon.awssdk.services.cloudformation.model.Stack require() {
    return find(name)
        .orElseThrow(
            () ->
                new MigrationException(
                    ErrorCode.AWS_STACK_UNKNOWN,
                    "There is no stack " + name + " in " + calls.clients().region()));
  }

  private static boolean isMissing(SdkException e) {
    return e instanceof AwsServiceException answer
        && AwsFailures.code(answer).equals("ValidationError")
        && AwsFailures.message(answer).contains("does not exist");
  }

  /** What it tells when it is made. */
  static Map<String, String> outputs(
      software.amazon.awssdk.services.cloudformation.model.Stack stack) {
    return stack.outputs().stream()
        .collect(Collectors.toMap(Output::outputKey, Output::outputValue));
  }

  /** Its parameters; secret ones are stars. */
  static Map<String, String> answers(
      software.amazon.awssdk.services.cloudformation.model.Stack stack) {
    return stack.parameters().stream()
        .collect(Collectors.toMap(Parameter::parameterKey, Parameter::parameterValue));
  }

  /** All it made. */
  List<StackResourceSummary> resources(String id) {
    return calls.ask(
        "Listing the resources of the stack " + name,
        () ->
            calls
                .clients()
                .stacks()
                .listStackResourcesPaginator(r -> r.stackName(id))
                .stackResourceSummaries()
                .stream()
                .toList());
  }

  /**
   * What the newest deleted stack of this name had of a type: CloudFormation tells it for 90 days.
   * Who may not ask is told nothing.
   */
  Optional<String> deleted(String type) {
    return calls
        .askUnless(
            "Looking for the deleted stack " + name,
            () ->
                calls
                    .clients()
                    .stacks()
                    .listStacksPaginator(r -> r.stackStatusFilters(StackStatus.DELETE_COMPLETE))
                    .stackSummaries()
                    .stream()
                    .filter(found -> found.stackName().equals(name))
                    .max(Comparator.comparing(StackSummary::creationTime))
                    .map(StackSummary::stackId),
            AwsServiceException.class::isInstance)
        .flatMap(id -> id)
        .flatMap(
            id ->
                resources(id).stream()
                    .filter(resource -> resource.resourceType().equals(type))
                    .map(StackResourceSummary::physicalResourceId)
                    .findFirst());
  }

  /** Takes note of what happened up to now, so that only what comes is told. */
  void skipEvents(String id) {
    fresh(id);
    failures.clear();
  }

  /**
   * Tells the stack's events until its operation has ended.
   *
   * @return its last status
   */
  String follow(String id) {
    while (true) {
      // Asked first: events of its end are there then.
      Optional<software.amazon.awssdk.services.cloudformation.model.Stack> now = find(id);
      for (StackEvent event : fresh(id)) {
        calls.hurry();
        calls.tell(text(event));
      }
      String status = now.map(s -> s.stackStatusAsString()).orElse("DELETE_COMPLETE");
      if (!status.endsWith("_IN_PROGRESS")) {
        return status;
      }
      calls.pause("No longer watching; the stack " + name + " is " + status);
    }
  }

  /** What failed first, which is the reason of all else. */
  Optional<String> firstFailure() {
    return failures.stream()
        .filter(event -> !cause(event).contains(CANCELLED))
        .findFirst()
        .map(
            event ->
                event.logicalResourceId() + " (" + event.resourceType() + "): " + cause(event));
  }

  /** Everything that failed, each once. */
  List<String> allFailures() {
    return failures.stream()
        .filter(event -> !event.logicalResourceId().equals(name))
        .map(event -> event.logicalResourceId() + ": " + cause(event))
        .distinct()
        .toList();
  }

  private static String cause(StackEvent event) {
    @Nullable String reason = event.resourceStatusReason();
    return reason == null ? "no reason given" : reason;
  }

  /** Events not seen before, oldest first. */
  private List<StackEvent> fresh(String id) {
    var fresh = new ArrayList<StackEvent>();
    calls.ask(
        "Reading the events of the stack " + name,
        () -> {
          for (StackEvent event :
              calls
                  .clients()
                  .stacks()
                  .describeStackEventsPaginator(r -> r.stackName(id))
                  .stackEvents()) {
            if (!seen.add(event.eventId())) {
              break;
            }
            fresh.add(event);
          }
          return true;
        });
    Collections.reverse(fresh);
    fresh.stream()
        .filter(event -> event.resourceStatusAsString().endsWith("_FAILED"))
        .forEach(failures::add);
    return fresh;
  }

  private static String text(StackEvent event) {
    String line =
        String.format(
            "%-28s %-36s %s",
            event.resourceStatusAsString(), event.logicalResourceId(), event.resourceType());
    return event.resourceStatusReason() == null
        ? line
        : line + "\n    " + event.resourceStatusReason();
  }
}
