package dev.pgportage.aws;

import dev.pgportage.aws.AwsStatus.Service;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import software.amazon.awssdk.services.ecs.model.DesiredStatus;
import software.amazon.awssdk.services.ecs.model.StopTaskRequest;
import software.amazon.awssdk.services.ecs.model.UpdateServiceRequest;

/** The service of ECS in which pgportage replicates, and what is known of it. */
final class TaskService {
  private static final String NAMESPACE = "pgportage";
  private static final String INACTIVE = "INACTIVE";

  private final AwsCalls calls;
  private final String cluster;
  private final String service;
  private final Optional<String> migration;

  /**
   * A service.
   *
   * @param migration the migration's name, which its metrics are told by
   */
  TaskService(AwsCalls calls, String cluster, String service, Optional<String> migration) {
    this.calls = calls;
    this.cluster = cluster;
    this.service = service;
    this.migration = migration;
  }

  /** How it stands; nothing if it is gone. */
  Optional<Service> read() {
    return find()
        .map(
            found ->
                new Service(
                    found.serviceName(),
                    found.status(),
                    found.desiredCount(),
                    found.runningCount(),
                    found.pendingCount(),
                    found.events().stream().findFirst().map(event -> event.message()),
                    metric("LoadPercent"),
                    metric("LagSeconds")));
  }

  private Optional<software.amazon.awssdk.services.ecs.model.Service> find() {
    return calls.ask(
        "Looking at the service",
        () ->
            calls
                .clients()
                .containers()
                .describeServices(r -> r.cluster(cluster).services(service))
                .services()
                .stream()
                .filter(found -> !INACTIVE.equals(found.status()))
                .findFirst());
  }

  /** How far it is, in a line. */
  Optional<String> progress() {
    Optional<Double> loaded = metric("LoadPercent");
    Optional<Double> lag = metric("LagSeconds");
    return loaded.isEmpty() && lag.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "pgportage: full load "
                + loaded.map(p -> String.format(Locale.ROOT, "%.0f %%", p)).orElse("unknown")
                + lag.map(s -> String.format(Locale.ROOT, ", %.0f s behind", s)).orElse(""));
  }

  private Optional<Double> metric(String name) {
    return migration.flatMap(
        value -> new Metrics(calls).newest(NAMESPACE, name, Metrics.dimension("Migration", value)));
  }

  /** Ends the service and every other task of the cluster, and waits until they have ended. */
  List<String> stop() {
    List<String> running = running();
    if (find().isPresent()) {
      calls.change(
          "Ending the service",
          "ecs:UpdateService",
          UpdateServiceRequest.builder().cluster(cluster).service(service).desiredCount(0).build(),
          calls.clients().containers()::updateService);
    }
    for (String task : running) {
      calls.change(
          "Stopping the task " + task,
          "ecs:StopTask",
          StopTaskRequest.builder()
              .cluster(cluster)
              .task(task)
              .reason("pgportage aws delete")
              .build(),
          calls.clients().containers()::stopTask);
    }
    while (!calls.isRehearsal() && !running().isEmpty()) {
      calls.pause("No longer waiting; tasks of pgportage still end");
    }
    return running;
  }

  private List<String> running() {
    return calls.ask(
        "Listing the tasks of " + cluster,
        () ->
            calls
                .clients()
                .containers()
                .listTasksPaginator(r -> r.cluster(cluster).desiredStatus(DesiredStatus.RUNNING))
                .taskArns()
                .stream()
                .toList());
  }
}
