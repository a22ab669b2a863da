package dev.pgportage.aws;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import software.amazon.awssdk.services.sfn.model.DescribeExecutionResponse;
import software.amazon.awssdk.services.sfn.model.ExecutionListItem;
import software.amazon.awssdk.services.sfn.model.ExecutionStatus;
import software.amazon.awssdk.services.sfn.model.HistoryEvent;
import software.amazon.awssdk.services.sfn.model.StartExecutionRequest;
import software.amazon.awssdk.services.sfn.model.StopExecutionRequest;

/** One state machine of a stack and its executions. Not thread-safe. */
final class Workflow {
  private static final int RECENT = 10;

  private final AwsCalls calls;
  private final String machine;

  Workflow(AwsCalls calls, String machine) {
    this.calls = calls;
    this.machine = machine;
  }

  /** The execution that runs, or else the newest one. */
  Optional<ExecutionListItem> newest() {
    List<ExecutionListItem> found =
        calls.ask(
            "Listing the executions of " + machine,
            () ->
                calls
                    .clients()
                    .workflows()
                    .listExecutions(r -> r.stateMachineArn(machine).maxResults(RECENT))
                    .executions());
    return found.stream()
        .filter(execution -> execution.status() == ExecutionStatus.RUNNING)
        .findFirst()
        .or(() -> found.stream().findFirst());
  }

  /** All that run. */
  List<ExecutionListItem> running() {
    return calls.ask(
        "Listing the running executions of " + machine,
        () ->
            calls
                .clients()
                .workflows()
                .listExecutionsPaginator(
                    r -> r.stateMachineArn(machine).statusFilter(ExecutionStatus.RUNNING))
                .executions()
                .stream()
                .toList());
  }

  /**
   * Starts an execution.
   *
   * @param name the same name with the same input is the same execution
   * @return its ARN; nothing in a rehearsal
   */
  Optional<String> start(String name, String input) {
    return calls
        .change(
            "Starting the workflow",
            "states:StartExecution",
            StartExecutionRequest.builder()
                .stateMachineArn(machine)
                .name(name)
                .input(input)
                .build(),
            calls.clients().workflows()::startExecution)
        .map(started -> started.executionArn());
  }

  void stop(ExecutionListItem execution, String cause) {
    calls.change(
        "Stopping the execution " + execution.name(),
        "states:StopExecution",
        StopExecutionRequest.builder().executionArn(execution.executionArn()).cause(cause).build(),
        calls.clients().workflows()::stopExecution);
  }

  DescribeExecutionResponse describe(String execution) {
    return calls.ask(
        "Looking at the execution " + execution,
        () -> calls.clients().workflows().describeExecution(r -> r.executionArn(execution)));
  }

  /** The state an execution is in, or was in last. */
  Optional<String> state(String execution) {
    return calls
        .ask(
            "Reading the history of the execution",
            () ->
                calls
                    .clients()
                    .workflows()
                    .getExecutionHistoryPaginator(
                        r ->
                            r.executionArn(execution)
                                .reverseOrder(true)
                                .includeExecutionData(false)
                                .maxResults(100))
                    .events()
                    .stream()
                    .filter(event -> event.stateEnteredEventDetails() != null)
                    .findFirst())
        .map(event -> event.stateEnteredEventDetails().name());
  }

  /**
   * Tells the states an execution enters, each once, until it has ended. An execution that hands
   * over to a successor is followed into it.
   *
   * @param progress asked for a line at each look
   * @throws MigrationException AWS_WORKFLOW_FAILED with the state's own words
   */
  JsonNode follow(String execution, Supplier<Optional<String>> progress) {
    String current = execution;
    var told = new HashSet<String>();
    while (true) {
      JsonNode output = followOne(current, told, progress);
      if (!output.path("outcome").asText().equals("continued")) {
        return output;
      }
      current = output.path("successor").asText();
      calls.tell("Goes on in " + current);
    }
  }

  private JsonNode followOne(
      String execution, Set<String> told, Supplier<Optional<String>> progress) {
    long last = 0;
    while (true) {
      DescribeExecutionResponse now = describe(execution);
      for (HistoryEvent event : since(execution, last)) {
        last = Math.max(last, event.id());
        if (event.stateEnteredEventDetails() != null
            && told.add(event.stateEnteredEventDetails().name())) {
          calls.hurry();
          calls.tell(event.timestamp() + "  " + event.stateEnteredEventDetails().name());
        }
      }
      if (now.status() == ExecutionStatus.SUCCEEDED) {
        return json(now.output());
      }
      if (now.status() != ExecutionStatus.RUNNING) {
        throw failure(now);
      }
      progress.get().filter(told::add).ifPresent(calls::tell);
      calls.pause("No longer watching; the workflow goes on by itself");
    }
  }

  private List<HistoryEvent> since(String execution, long last) {
    var fresh = new ArrayList<HistoryEvent>();
    calls.ask(
        "Reading the history of the execution",
        () -> {
          for (HistoryEvent event :
              calls
                  .clients()
                  .workflows()
                  .getExecutionHistoryPaginator(
                      r -> r.executionArn(execution).reverseOrder(true).includeExecutionData(false))
                  .events()) {
            if (event.id() <= last) {
              break;
            }
            fresh.add(event);
          }
          return true;
        });
    Collections.reverse(fresh);
    return fresh;
  }

  private static MigrationException failure(DescribeExecutionResponse execution) {
    return new MigrationException(
        ErrorCode.AWS_WORKFLOW_FAILED,
        "The execution %s is %s: %s%s"
            .formatted(
                execution.name(),
                execution.statusAsString(),
                execution.error() == null ? "no error given" : execution.error(),
                execution.cause() == null ? "" : ": " + execution.cause()));
  }

  static JsonNode json(String text) {
    try {
      return new JsonMapper().readTree(text == null ? "{}" : text);
    } catch (JsonProcessingException e) {
      throw new MigrationException(
          ErrorCode.AWS_FAILED, "Step Functions sent something that is no JSON", e);
    }
  }
}
