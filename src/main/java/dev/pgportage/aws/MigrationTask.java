package dev.pgportage.aws;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import software.amazon.awssdk.services.databasemigration.model.Filter;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTaskStats;
import software.amazon.awssdk.services.databasemigration.model.StopReplicationTaskRequest;
import software.amazon.awssdk.services.databasemigration.model.TableStatistics;

/** The replication task of DMS and what is known of it. */
final class MigrationTask {
  private final AwsCalls calls;
  private final String arn;

  MigrationTask(AwsCalls calls, String arn) {
    this.calls = calls;
    this.arn = arn;
  }

  /** The part of its ARN that metrics and slots are named by. */
  String id() {
    return arn.substring(arn.lastIndexOf(':') + 1);
  }

  Optional<ReplicationTask> find() {
    return calls.ask(
        "Looking at the DMS task",
        () ->
            calls
                .clients()
                .dms()
                .describeReplicationTasksPaginator(
                    r -> r.filters(is("replication-task-arn", arn)).withoutSettings(true))
                .stream()
                .flatMap(page -> page.replicationTasks().stream())
                .findFirst());
  }

  /** How the task stands, in a line. */
  Optional<String> progress() {
    return find().map(MigrationTask::text);
  }

  static String text(ReplicationTask task) {
    ReplicationTaskStats stats = task.replicationTaskStats();
    if (stats == null) {
      return "DMS task: " + task.status();
    }
    return String.format(
        Locale.ROOT,
        "DMS task: %s, full load %d %%, tables: %d loaded, %d loading, %d queued, %d with errors",
        task.status(),
        number(stats.fullLoadProgressPercent()),
        number(stats.tablesLoaded()),
        number(stats.tablesLoading()),
        number(stats.tablesQueued()),
        number(stats.tablesErrored()));
  }

  private static int number(Integer given) {
    return given == null ? 0 : given;
  }

  /** What DMS has done for each table. */
  List<TableStatistics> tables() {
    return calls.ask(
        "Reading the task's table statistics",
        () ->
            calls
                .clients()
                .dms()
                .describeTableStatisticsPaginator(r -> r.replicationTaskArn(arn))
                .stream()
                .flatMap(page -> page.tableStatistics().stream())
                .toList());
  }

  /**
   * The newest value of one of the task's metrics, in the last minutes.
   *
   * @param instance the identifier of the instance it runs on
   */
  Optional<Double> metric(String name, String instance) {
    return new Metrics(calls)
        .newest(
            "AWS/DMS",
            name,
            Metrics.dimension("ReplicationInstanceIdentifier", instance),
            Metrics.dimension("ReplicationTaskIdentifier", id()));
  }

  /** The identifier of the instance it runs on. */
  Optional<String> instance(ReplicationTask task) {
    return calls.ask(
        "Looking at the replication instance",
        () ->
            calls
                .clients()
                .dms()
                .describeReplicationInstances(
                    r -> r.filters(is("replication-instance-arn", task.replicationInstanceArn())))
                .replicationInstances()
                .stream()
                .map(instance -> instance.replicationInstanceIdentifier())
                .findFirst());
  }

  /** Stops it if it runs, and waits until it has stopped. */
  void stop() {
    Optional<ReplicationTask> task = find();
    if (task.isEmpty() || !List.of("running", "starting").contains(task.get().status())) {
      return;
    }
    boolean asked =
        calls
            .change(
                "Stopping the DMS task",
                "dms:StopReplicationTask",
                StopReplicationTaskRequest.builder().replicationTaskArn(arn).build(),
                calls.clients().dms()::stopReplicationTask)
            .isPresent();
    while (asked) {
      String status = find().map(ReplicationTask::status).orElse("deleted");
      if (!List.of("running", "starting", "stopping").contains(status)) {
        return;
      }
      calls.pause("No longer waiting; the DMS task is " + status);
    }
  }

  private static Filter is(String name, String value) {
    return Filter.builder().name(name).values(value).build();
  }
}
