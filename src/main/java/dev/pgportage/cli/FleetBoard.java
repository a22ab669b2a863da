package dev.pgportage.cli;

import dev.pgportage.cli.FleetStatusCommand.Row;
import dev.pgportage.config.FleetFile.Member;
import dev.pgportage.fleet.Fleet;
import dev.pgportage.fleet.FleetMonitor;
import dev.pgportage.fleet.MemberResult;
import dev.pgportage.workflow.StatusReport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * One dashboard over all migrations of a fleet, on loopback: a page that asks again by itself, and
 * the same for programs. Whoever looks sees the states on the targets, as old as some seconds,
 * however many look. Thread-safe.
 */
final class FleetBoard implements AutoCloseable {
  private static final Duration FRESH = Duration.ofSeconds(3);
  private static final int REFRESH_SECONDS = 5;

  private final List<Member> members;
  private final LocalServer server;
  private List<MemberResult<StatusReport>> read = List.of();
  private Instant readAt = Instant.EPOCH;

  /**
   * Serves it until it is closed.
   *
   * @param port 0 for any that is free
   */
  FleetBoard(List<Member> members, int port) {
    this.members = members;
    server =
        new LocalServer(
            port,
            "the fleet's dashboard",
            "Give another one with --port.",
            Map.of(
                "/",
                new LocalServer.Answer("text/html; charset=utf-8", REFRESH_SECONDS, this::page),
                "/api/v1/fleet",
                new LocalServer.Answer("application/json", 0, this::json)));
  }

  /** Where it is. */
  String address() {
    return server.address();
  }

  private synchronized List<MemberResult<StatusReport>> read() {
    if (Duration.between(readAt, Instant.now()).compareTo(FRESH) > 0) {
      read = new Fleet(members, FleetMonitor.none()).status();
      readAt = Instant.now();
    }
    return read;
  }

  private String page() {
    return new FleetPage(read().stream().map(Row::of).toList(), Instant.now()).render();
  }

  private String json() {
    return JsonOutput.result(
        "fleet status",
        MigrationCommand.DONE,
        read().stream().map(FleetSubcommand.Part::of).toList());
  }

  @Override
  public void close() {
    server.close();
  }
}
