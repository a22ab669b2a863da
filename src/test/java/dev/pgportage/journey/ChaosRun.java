package dev.pgportage.journey;

import dev.pgportage.demo.EmbeddedServer;
import dev.pgportage.demo.Shop;
import dev.pgportage.demo.ShopWriter;
import dev.pgportage.pg.Sql;
import dev.pgportage.testing.ChaosProxy;
import dev.pgportage.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * One migration of a shop under writes, with faults in moments that follow from a seed; then the
 * cutover, and the proof that nothing is lost, doubled, different or left.
 */
final class ChaosRun implements AutoCloseable {
  private static final List<String> PHASES =
      List.of(
          "schema",
          "slot",
          "load",
          "load",
          "load",
          "catch-up",
          "constraints",
          "validation",
          "ready",
          "ready");
  private static final Duration PHASE_PATIENCE = Duration.ofSeconds(60);
  private static final int MOST_CUTOVERS = 12;

  private final ChaosServers servers;
  private final Random random;
  private final Journey journey;
  private final ChaosService service;
  private final Consumer<String> log;
  private final long began = System.nanoTime();

  /**
   * A migration between fresh databases.
   *
   * @param log is told what is done, moment by moment
   */
  ChaosRun(ChaosServers servers, long seed, Consumer<String> log) throws IOException, SQLException {
    this.servers = servers;
    this.log = log;
    this.random = new Random(seed);
    journey =
        Journey.of(TestDatabase.source(servers.source()), TestDatabase.target(servers.target()))
            .set("load.chunk_size", "1MB")
            .set("load.workers", "2")
            .set("safety.stall_after", "4s")
            .set("safety.stall_limit", "5min");
    service = new ChaosService(journey, servers, log, seed % 25 == 0);
  }

  /**
   * Runs.
   *
   * @param faults how many to inject
   * @return how many were injected
   */
  int run(int faults) throws Exception {
    try (Connection owner = journey.source().writer()) {
      Shop.create(owner, 0.05);
    }
    int inCutover = random.nextInt(Math.min(3, faults) + 1);
    int injected = 0;
    try (var writer = ShopWriter.start(journey.source()::writer, 2, Duration.ofMillis(4))) {
      service.start();
      List<String> phases = new ArrayList<>();
      for (int i = 0; i < faults - inCutover; i++) {
        phases.add(PHASES.get(random.nextInt(PHASES.size())));
      }
      phases.sort((a, b) -> Integer.compare(PHASES.indexOf(a), PHASES.indexOf(b)));
      for (String phase : phases) {
        awaitPhase(phase);
        Thread.sleep(random.nextInt(400));
        inject(fault());
        injected++;
      }
      service.awaitReady();
      injected += cutOver(inCutover, writer);
      writer.close();
      if (!writer.failures().isEmpty()) {
        throw new AssertionError("The application failed: " + writer.failures());
      }
      service.awaitCutOver();
      service.stop();
      assertExact(writer);
    }
    journey.cleanUp();
    return injected;
  }

  private Fault fault() {
    List<Fault> faults = List.of(Fault.values());
    while (true) {
      Fault fault = faults.get(random.nextInt(faults.size()));
      boolean possible =
          switch (fault) {
            case DISK_FULL -> servers.disk().isPresent();
            case CLOCK -> service.fakesTime();
            default -> true;
          };
      if (possible) {
        return fault;
      }
    }
  }

  /** Waits until a step runs or is done, or the migration is further; not for ever. */
  private void awaitPhase(String phase) throws Exception {
    long end = System.nanoTime() + PHASE_PATIENCE.toNanos();
    while (System.nanoTime() < end && !hasBegun(phase)) {
      service.tend();
      Thread.sleep(150);
    }
  }

  private boolean hasBegun(String phase) {
    try {
      return journey
              .target()
              .number(
                  "SELECT count(*) FROM pgportage.step WHERE name = '"
                      + phase
                      + "' OR name = 'ready' AND status = 'done'")
          > 0;
    } catch (SQLException e) {
      return false;
    }
  }

  private void inject(Fault fault) throws Exception {
    note(fault + " in " + service.phase());
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
      note("the target died of its full disk");
      servers.target().stopImmediately();
      servers.target().start();
    }
  }

  private static boolean answers(EmbeddedServer server) {
    try (Connection connection = server.superuser("postgres")) {
      return connection.isValid(5);
    } catch (SQLException e) {
      return false;
    }
  }

  /**
   * Asks for the cutover until it has happened; after every failure the source must be writable.
   */
  private int cutOver(int faults, ShopWriter writer) throws Exception {
    int injected = 0;
    for (int attempt = 1; attempt <= MOST_CUTOVERS; attempt++) {
      try (var command = service.command("cutover", "--yes")) {
        if (injected < faults) {
          Thread.sleep(random.nextInt(3500));
          inject(fault());
          injected++;
        }
        Program.Ended ended = service.tendUntilEnd(command);
        note("cutover ended with " + ended.status() + " " + ChaosService.brief(ended.output()));
        if (ended.status() == 0 || service.isCutOver()) {
          return injected;
        }
      }
      service.awaitReady();
      awaitWritable(writer);
    }
    throw new AssertionError("Not cut over after " + MOST_CUTOVERS + " attempts");
  }

  private void awaitWritable(ShopWriter writer) throws Exception {
    int before = writer.committed();
    long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (writer.committed() == before) {
      if (service.isCutOver()) {
        return;
      }
      if (System.nanoTime() > end) {
        throw new AssertionError("The source is not writable after a failed cutover");
      }
      service.tend();
      Thread.sleep(20);
    }
  }

  private void assertExact(ShopWriter writer) throws SQLException {
    Set<UUID> lost = new HashSet<>(writer.acknowledged());
    lost.removeAll(committed(journey.target()));
    if (!lost.isEmpty()) {
      throw new AssertionError(lost.size() + " acknowledged transactions are not on the target");
    }
    journey.refreshOnSource("shop.category_sales").assertArrived();
    note(writer.acknowledged().size() + " transactions, all there");
  }

  private static Set<UUID> committed(TestDatabase database) throws SQLException {
    try (Connection connection = database.superuser()) {
      return new HashSet<>(
          Sql.query(
              connection, "SELECT tx FROM shop.committed", row -> row.getObject(1, UUID.class)));
    }
  }

  private void note(String what) {
    log.accept((System.nanoTime() - began) / 1_000_000 + " ms: " + what);
  }

  @Override
  public void close() throws SQLException, IOException {
    service.close();
    servers.toSource().silent(false);
    servers.toTarget().silent(false);
    servers.toSource().slow(false);
    servers.toTarget().slow(false);
    servers.source().start();
    servers.target().start();
    journey.close();
  }
}
