package dev.pgportage.aws;

import dev.pgportage.aws.AwsStatus.Execution;
import dev.pgportage.aws.AwsStatus.Link;
import dev.pgportage.aws.AwsStatus.Table;
import dev.pgportage.aws.AwsStatus.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import software.amazon.awssdk.services.databasemigration.model.TableStatistics;
import software.amazon.awssdk.services.sfn.model.DescribeExecutionResponse;

/** Reads where a migration on AWS stands. */
final class StatusReading {
  private static final String PENDING = "PendingConfirmation";

  private final AwsCalls calls;
  private final StackParts parts;

  StatusReading(AwsCalls calls, StackParts parts) {
    this.calls = calls;
    this.parts = parts;
  }

  AwsStatus read() {
    Optional<Execution> execution = parts.machine().flatMap(this::execution);
    Optional<Task> task = parts.task().flatMap(this::task);
    return new AwsStatus(
        parts.name(),
        parts.status(),
        execution,
        task,
        parts.service(calls).flatMap(TaskService::read),
        links(),
        hints(execution, task));
  }

  private Optional<Execution> execution(String machine) {
    var workflow = new Workflow(calls, machine);
    return workflow
        .newest()
        .map(
            item -> {
              DescribeExecutionResponse found = workflow.describe(item.executionArn());
              return new Execution(
                  found.name(),
                  found.statusAsString(),
                  found.startDate(),
                  Optional.ofNullable(found.stopDate()),
                  workflow.state(item.executionArn()),
                  Optional.ofNullable(found.error())
                      .map(
                          error ->
                              error
                                  + Optional.ofNullable(found.cause())
                                      .map(c -> ": " + c)
                                      .orElse("")));
            });
  }

  private Optional<Task> task(String arn) {
    var task = new MigrationTask(calls, arn);
    return task.find().map(found -> read(task, found));
  }

  private static Task read(MigrationTask task, ReplicationTask found) {
    boolean replicates = found.status().equals("running");
    Optional<String> instance = replicates ? task.instance(found) : Optional.empty();
    Integer percent =
        found.replicationTaskStats() == null
            ? null
            : found.replicationTaskStats().fullLoadProgressPercent();
    return new Task(
        found.status(),
        Optional.ofNullable(found.lastFailureMessage())
            .or(() -> Optional.ofNullable(found.stopReason())),
        percent == null ? 0 : percent,
        instance.flatMap(name -> task.metric("CDCLatencySource", name)),
        instance.flatMap(name -> task.metric("CDCLatencyTarget", name)),
        found.status().equals("ready")
            ? List.of()
            : task.tables().stream().map(StatusReading::table).toList());
  }

  private static Table table(TableStatistics table) {
    return new Table(
        table.schemaName(),
        table.tableName(),
        String.valueOf(table.tableState()),
        number(table.fullLoadRows()),
        number(table.inserts()) + number(table.updates()) + number(table.deletes()),
        table.validationState() == null ? "Not enabled" : table.validationState(),
        number(table.validationPendingRecords()),
        number(table.validationFailedRecords()));
  }

  private static long number(Long given) {
    return given == null ? 0 : given;
  }

  private List<Link> links() {
    return parts.outputs().entrySet().stream()
        .filter(output -> output.getValue().startsWith("https://"))
        .sorted(Map.Entry.comparingByKey())
        .map(output -> new Link(output.getKey(), output.getValue()))
        .toList();
  }

  private List<String> hints(Optional<Execution> execution, Optional<Task> task) {
    var hints = new ArrayList<String>();
    if (isSubscriptionPending()) {
      hints.add(
          "The mail address is not confirmed: open the mail of AWS Notifications and confirm the"
              + " subscription, or no mail comes");
    }
    if (execution.isEmpty() && parts.machine().isPresent()) {
      hints.add("The workflow was never started: pgportage aws start");
    }
    if (execution.filter(e -> !List.of("RUNNING", "SUCCEEDED").contains(e.status())).isPresent()) {
      hints.add("The workflow failed: correct what it says, then: pgportage aws start");
    }
    task.filter(t -> !t.wrong().isEmpty())
        .ifPresent(t -> hints.add(t.wrong().size() + " tables differ or have errors, see above"));
    return hints;
  }

  /** Whether the mails are confirmed; who may not ask hears nothing. */
  boolean isSubscriptionPending() {
    Optional<String> arn = parts.subscription();
    if (arn.isEmpty()) {
      return false;
    }
    if (!arn.get().startsWith("arn:")) {
      return true;
    }
    return calls
        .askUnless(
            "Looking at the subscription",
            () ->
                calls
                    .clients()
                    .topics()
                    .getSubscriptionAttributes(r -> r.subscriptionArn(arn.get())),
            _ -> true)
        .map(found -> "true".equals(found.attributes().get(PENDING)))
        .orElse(false);
  }
}
