package dev.pgportage.cli;

import dev.pgportage.config.FleetFile.Member;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.fleet.FleetMonitor;
import dev.pgportage.fleet.MemberResult;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.workflow.StatusMetrics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The metrics of a fleet while it runs: migrations that have the same {@code metrics.port} are
 * answered as one text, told apart by their label. Thread-safe.
 */
final class FleetMetrics implements FleetMonitor, AutoCloseable {
  private final FleetMonitor next;
  private final Map<String, StatusMetrics> metrics = new LinkedHashMap<>();
  private final List<MetricsServer> servers = new ArrayList<>();

  /**
   * Begins to answer where the members' settings say so.
   *
   * @param next told of everything, too
   * @throws dev.pgportage.MigrationException USAGE if a port is another's
   */
  FleetMetrics(List<Member> members, FleetMonitor next) {
    this.next = next;
    var ports = new LinkedHashMap<Integer, List<MigrationConfig>>();
    for (Member member : members) {
      member
          .config()
          .notifications()
          .metricsPort()
          .ifPresent(
              port -> ports.computeIfAbsent(port, _ -> new ArrayList<>()).add(member.config()));
    }
    try {
      ports.forEach(this::serve);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void serve(int port, List<MigrationConfig> configs) {
    var all = new ArrayList<StatusMetrics>();
    for (MigrationConfig config : configs) {
      Monitor follower = next.of(config.name());
      StatusMetrics one =
          all.isEmpty()
              ? new StatusMetrics(config, follower)
              : all.getFirst().beside(config, follower);
      all.add(one);
      metrics.put(config.name(), one);
    }
    servers.add(
        MetricsServer.at(
            port,
            all.getFirst(),
            () -> {
              all.stream().skip(1).forEach(StatusMetrics::refresh);
              return all.getFirst().get();
            }));
  }

  @Override
  public Monitor of(String migration) {
    return Optional.<Monitor>ofNullable(metrics.get(migration)).orElseGet(() -> next.of(migration));
  }

  @Override
  public void waiting(String migration) {
    next.waiting(migration);
  }

  @Override
  public void ended(MemberResult<?> result) {
    next.ended(result);
  }

  @Override
  public void close() {
    servers.forEach(MetricsServer::close);
    metrics.values().forEach(StatusMetrics::close);
  }
}
