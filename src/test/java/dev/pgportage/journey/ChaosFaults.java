package dev.pgportage.journey;

import dev.pgportage.demo.EmbeddedServer;
import dev.pgportage.testing.ChaosProxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Lets faults befall a migration and its surroundings, each for a moment. */
final class ChaosFaults {
  private final ChaosServers servers;
  private final ChaosService service;
  private final Journey journey;
  private final Random random;
  private final List<Injected> injected;
  private final Optional<Path> spool;

  /** A fault, and in which phase it befell the migration. */
  record Injected(Fault fault, String phase) {}

  /**
   * Faults that follow from a sequence of random numbers.
   *
   * @param spool where changes wait, if that may be disturbed, too
   * @param injected gets what was injected
   */
  ChaosFaults(
      ChaosServers servers,
      ChaosService service,
      Journey journey,
      Random random,
      Optional<Path> spool,
      List<Injected> injected) {
    this.servers = servers;
    this.service = service;
    this.journey = journey;
    this.random = random;
    this.spool = spool;
    this.injected = injected;
  }

  /** One that is possible here. */
  Fault any() {
    List<Fault> faults =
        Arrays.stream(Fault.values())
            .filter(fault -> spool.isPresent() || !fault.isOfSpool())
            .toList();
    while (true) {
      Fault fault = faults.get(random.nextInt(faults.size()));
      boolean possible =
          switch (fault) {
            case DISK_FULL -> servers.disk().isPresent();
            case CLOCK -> service.fakesTime();
            case SPOOL_FULL -> servers.spoolDisk().isPresent();
            default -> true;
          };
      if (possible) {
        return fault;
      }
    }
  }

  /** Lets it happen; it has passed when this returns, its consequences have not. */
  void inject(Fault fault) throws Exception {
    var now = new Injected(fault, service.phase());
    injected.add(now);
    service.note(now.fault() + " in " + now.phase());
    switch (fault) {
      case KILL -> service.kill();
      case TERMINATE -> service.terminate();
      case PAUSE -> service.pause(seconds(1, 4));
      case ZOMBIE -> service.replaceByAnother(seconds(1, 3));
      case CLOCK -> service.moveClock(random.nextInt(-40, 40));
      case SOURCE_CRASH -> crash(servers.source());
      case TARGET_CRASH -> crash(servers.target());
      case SOURCE_CUT -> servers.toSource().cut();
      case TARGET_CUT -> servers.toTarget().cut();
      case SOURCE_SLOW -> slow(servers.toSource());
      case TARGET_SLOW -> slow(servers.toTarget());
      case SOURCE_SILENT -> silent(servers.toSource());
      case TARGET_SILENT -> silent(servers.toTarget());
      case SOURCE_SESSIONS -> service.endSessions(journey.source());
      case TARGET_SESSIONS -> service.endSessions(journey.target());
      case DISK_FULL -> fillDisk();
      case SPOOL_FULL -> fillSpool();
      case SPOOL_GONE -> loseSpool();
    }
  }

  private long seconds(int least, int most) {
    return random.nextInt(least * 1000, most * 1000);
  }

  private void crash(EmbeddedServer server) throws Exception {
    server.stopImmediately();
    Thread.sleep(random.nextInt(1500));
    server.start();
  }

  private void slow(ChaosProxy proxy) throws Exception {
    proxy.slow(true);
    service.tend(seconds(1, 3));
    proxy.slow(false);
  }

  private void silent(ChaosProxy proxy) throws Exception {
    proxy.silent(true);
    service.tend(random.nextBoolean() ? seconds(1, 3) : seconds(10, 14));
    if (random.nextBoolean()) {
      proxy.cut();
    }
    proxy.silent(false);
  }

  private void fillDisk() throws Exception {
    Path disk = servers.disk().orElseThrow();
    Path ballast = disk.resolve("ballast");
    long room = disk.toFile().getUsableSpace();
    // What a server keeps free for itself decides whether a statement fails or the server does.
    long left = random.nextBoolean() ? 0 : 8L << 20;
    ChaosServers.run(
        "fallocate", "-l", Long.toString(Math.max(1, room - left)), ballast.toString());
    service.tend(seconds(1, 4));
    Files.deleteIfExists(ballast);
    if (!answers(servers.target())) {
      service.note("the target died of its full disk");
      servers.target().stopImmediately();
      servers.target().start();
    }
  }

  private void fillSpool() throws Exception {
    Path disk = servers.spoolDisk().orElseThrow();
    Path ballast = disk.resolve("ballast");
    ChaosServers.run(
        "fallocate",
        "-l",
        Long.toString(Math.max(1, disk.toFile().getUsableSpace())),
        ballast.toString());
    service.tend(seconds(1, 4));
    Files.deleteIfExists(ballast);
  }

  /** As when the machine is lost, and another one goes on. */
  private void loseSpool() throws Exception {
    service.killAndWait();
    try (var files = Files.walk(spool.orElseThrow())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.delete(file);
      }
    }
  }

  private static boolean answers(EmbeddedServer server) {
    try (Connection connection = server.superuser("postgres")) {
      return connection.isValid(5);
    } catch (SQLException e) {
      return false;
    }
  }
}
