package dev.pgportage.aws;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.aws.template.AwsTemplate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import software.amazon.awssdk.services.cloudformation.model.StackResourceSummary;

/**
 * What a stack made and tells, as the commands need it.
 *
 * @param name the stack's name
 * @param id its id
 * @param status as CloudFormation says it
 * @param answers its parameters
 * @param outputs what it tells
 * @param resources what it made
 */
record StackParts(
    String name,
    String id,
    String status,
    Map<String, String> answers,
    Map<String, String> outputs,
    List<StackResourceSummary> resources) {
  static final String TASK = "AWS::DMS::ReplicationTask";
  private static final String MACHINE = "AWS::StepFunctions::StateMachine";
  private static final String SERVICE = "AWS::ECS::Service";
  private static final String CLUSTER = "AWS::ECS::Cluster";
  private static final String BUCKET = "AWS::S3::Bucket";
  private static final String SUBSCRIPTION = "AWS::SNS::Subscription";

  static StackParts of(Stack stack) {
    var found = stack.require();
    return new StackParts(
        stack.name(),
        found.stackId(),
        found.stackStatusAsString(),
        Stack.answers(found),
        Stack.outputs(found),
        stack.resources(found.stackId()));
  }

  /**
   * The same, of a stack that is complete.
   *
   * @throws MigrationException AWS_STACK_BUSY or AWS_STACK_FAILED if it is not
   */
  static StackParts ofComplete(Stack stack) {
    StackParts parts = of(stack);
    if (parts.status.endsWith("_IN_PROGRESS")) {
      throw new MigrationException(
          ErrorCode.AWS_STACK_BUSY, "The stack " + parts.name + " is " + parts.status);
    }
    if (!List.of("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
        .contains(parts.status)) {
      throw new MigrationException(
          ErrorCode.AWS_STACK_FAILED, "The stack " + parts.name + " is " + parts.status);
    }
    return parts;
  }

  /**
   * An input of its workflow.
   *
   * @param output the output that tells it
   */
  String payload(String output) {
    String payload = outputs.get(output);
    if (payload == null) {
      throw withoutAutomation("has no output " + output);
    }
    return payload;
  }

  /** The workflow's state machine. */
  Optional<String> machine() {
    return Optional.ofNullable(outputs.get(AwsTemplate.MIGRATION_OUTPUT))
        .or(() -> physical(MACHINE).stream().findFirst());
  }

  /** The same; an error if the stack was made without. */
  String requireMachine() {
    return machine().orElseThrow(() -> withoutAutomation("has no workflow"));
  }

  MigrationException withoutAutomation(String why) {
    return new MigrationException(
        ErrorCode.AWS_STACK_FAILED,
        "The stack " + name + " " + why,
        "Was it made with EnableAutomation=false? Deploy it again with EnableAutomation=true.",
        null);
  }

  List<String> allMachines() {
    return physical(MACHINE);
  }

  Optional<String> task() {
    return physical(TASK).stream().findFirst();
  }

  /** The service of the native engine. */
  Optional<TaskService> service(AwsCalls calls) {
    return physical(SERVICE).stream()
        .findFirst()
        .flatMap(
            service ->
                physical(CLUSTER).stream()
                    .findFirst()
                    .map(
                        cluster ->
                            new TaskService(
                                calls,
                                cluster,
                                service,
                                Optional.ofNullable(answers.get("MigrationName")))));
  }

  List<String> buckets() {
    return physical(BUCKET);
  }

  Optional<String> subscription() {
    return physical(SUBSCRIPTION).stream().findFirst();
  }

  private List<String> physical(String type) {
    return there()
        .filter(resource -> resource.resourceType().equals(type))
        .map(StackResourceSummary::physicalResourceId)
        .toList();
  }

  private Stream<StackResourceSummary> there() {
    return resources.stream()
        .filter(resource -> resource.physicalResourceId() != null)
        .filter(resource -> !resource.physicalResourceId().isEmpty())
        .filter(resource -> !"DELETE_COMPLETE".equals(resource.resourceStatusAsString()));
  }
}
