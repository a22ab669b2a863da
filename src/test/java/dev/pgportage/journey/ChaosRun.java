package dev.pgportage.journey;

import dev.pgportage.demo.DemoProof;
import dev.pgportage.demo.Shop;
import dev.pgportage.demo.ShopWriter;
import dev.pgportage.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
  private static final String MANY_CHANGES =
      """
      INSERT INTO shop.promotions (name, during, percent)
      SELECT gen_random_uuid(), 'empty', 1 FROM generate_series(1, 20000)
      """;

  private final ChaosServers servers;
  private final Random random;
  private final Journey journey;
  private final ChaosService service;
  private final ChaosFaults faults;
  private final Consumer<String> log;
  private final boolean crosses;
  private final boolean spools;
  private final long began = System.nanoTime();

  /**
   * A migration between fresh databases: two of five seeds also go back, and forward again, and two
   * of five let changes wait on a small disk that may be lost.
   *
   * @param log is told what is done, moment by moment
   */
  ChaosRun(ChaosServers servers, long seed, Consumer<String> log) throws IOException, SQLException {
    this.servers = servers;
    this.log = log;
    this.random = new Random(seed);
    crosses = seed % 5 == 1 || seed % 5 == 3;
    spools = seed % 5 >= 3;
    journey =
        (crosses
                ? Journey.of(
                    TestDatabase.reversibleSource(servers.source()),
                    TestDatabase.reversibleTarget(servers.target()))
                : Journey.of(
                    TestDatabase.source(servers.source()), TestDatabase.target(servers.target())))
            .set("load.chunk_size", "1MB")
            .set("load.workers", "2")
            .set("safety.stall_after", "4s")
            .set("safety.stall_limit", "5min");
    Path spool = servers.spoolDisk().orElse(journey.spools());
    if (spools) {
      journey
          .set("spool.directory", spool.toString())
          .set("spool.begin_at", "1MB")
          .set("spool.when_lost", "reload")
          .set("apply.batch_size", "1MB");
    }
    service = new ChaosService(journey, servers, log, seed % 25 == 0);
    faults =
        new ChaosFaults(
            servers,
            service,
            journey,
            random,
            spools ? Optional.of(spool) : Optional.empty(),
            this::note);
  }

  /**
   * Runs.
   *
   * @param wanted how many faults to inject before and in the first cutover
   * @return how many were injected
   */
  int run(int wanted) throws Exception {
    try (Connection owner = journey.source().writer()) {
      Shop.create(owner, 0.05);
    }
    int inCutover = random.nextInt(Math.min(3, wanted) + 1);
    int injected = 0;
    try (var writer = ShopWriter.start(journey.source()::writer, 2, Duration.ofMillis(4))) {
      service.start();
      List<String> phases = new ArrayList<>();
      for (int i = 0; i < wanted - inCutover; i++) {
        phases.add(PHASES.get(random.nextInt(PHASES.size())));
      }
      phases.sort((a, b) -> Integer.compare(PHASES.indexOf(a), PHASES.indexOf(b)));
      for (String phase : phases) {
        awaitPhase(phase);
        Thread.sleep(random.nextInt(400));
        faults.inject(faults.any());
        injected++;
      }
      service.awaitReady();
      if (spools) {
        injected += whileChangesWait();
      }
      injected += move("cutover", inCutover, writer);
      if (crosses) {
        injected += backAndForth(writer);
      }
      writer.close();
      if (!writer.failures().isEmpty()) {
        throw new AssertionError("The application failed: " + writer.failures());
      }
      service.awaitCutOver();
      end();
      assertExact(writer);
    }
    journey.cleanUp();
    return injected;
  }

  /** More changes than the target can take at once, which then are on this machine only. */
  private int whileChangesWait() throws Exception {
    int times = 1 + random.nextInt(2);
    for (int i = 0; i < times; i++) {
      service.await("ready");
      servers.toTarget().slow(true);
      journey.source().execute(MANY_CHANGES);
      service.tend(500L + random.nextInt(1500));
      faults.inject(faults.any());
      service.tend(random.nextInt(1500));
      servers.toTarget().slow(false);
    }
    service.awaitReady();
    return times;
  }

  /** With the writes on the target, back to the source, and to the target for good. */
  private int backAndForth(ShopWriter writer) throws Exception {
    int injected = amid(writer, "cut-over", journey.target(), 1 + random.nextInt(2));
    injected += move("rollback", random.nextInt(3), writer);
    injected += amid(writer, "ready", journey.source(), 1 + random.nextInt(2));
    injected += move("cutover", random.nextInt(2), writer);
    writer.switchTo(journey.target()::writer);
    service.awaitCutOver();
    awaitWrites(writer);
    return injected;
  }

  /** Faults while the application writes to one side and changes flow to the other. */
  private int amid(ShopWriter writer, String phase, TestDatabase open, int times) throws Exception {
    writer.switchTo(open::writer);
    service.await(phase);
    for (int i = 0; i < times; i++) {
      awaitWrites(writer);
      Thread.sleep(random.nextInt(1500));
      faults.inject(faults.any());
      service.tend(500);
      service.await(phase);
    }
    awaitWrites(writer);
    return times;
  }

  private void awaitWrites(ShopWriter writer) throws Exception {
    int before = writer.committed();
    long end = System.nanoTime() + PHASE_PATIENCE.toNanos();
    while (writer.committed() < before + 20) {
      if (System.nanoTime() > end) {
        throw new AssertionError("Nothing can be written: " + writer.failures());
      }
      service.tend();
      Thread.sleep(20);
    }
  }

  private void end() throws Exception {
    if (!crosses) {
      service.stop();
      return;
    }
    // Proven at one moment by the running service; then nothing is under way any more.
    if (!journey.migration().validate().equal()) {
      throw new AssertionError("Both sides differ after the writes have ended");
    }
    service.endIt();
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

  /**
   * Asks for a cutover or a rollback until it has happened; after every failure the side the writes
   * are on must be writable.
   */
  private int move(String command, int most, ShopWriter writer) throws Exception {
    int injected = 0;
    for (int attempt = 1; attempt <= MOST_CUTOVERS; attempt++) {
      try (var asked = service.command(command, "--yes")) {
        if (injected < most) {
          Thread.sleep(random.nextInt(3500));
          faults.inject(faults.any());
          injected++;
        }
        Program.Ended ended = service.tendUntilEnd(asked);
        note(command + " ended with " + ended.status() + " " + ChaosService.brief(ended.output()));
        if (ended.status() == 0 || hasMoved(command)) {
          return injected;
        }
      }
      if (command.equals("cutover")) {
        service.awaitReady();
      } else {
        service.await("cut-over", "rollback-open", "rollback-switch", "shut", "ready");
      }
      awaitWritable(command, writer);
    }
    throw new AssertionError("No " + command + " after " + MOST_CUTOVERS + " attempts");
  }

  private boolean hasMoved(String command) {
    return command.equals("cutover") ? service.isCutOver() : service.isRolledBack();
  }

  private void awaitWritable(String command, ShopWriter writer) throws Exception {
    int before = writer.committed();
    long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (writer.committed() == before) {
      if (hasMoved(command)) {
        return;
      }
      if (System.nanoTime() > end) {
        throw new AssertionError("Nothing can be written after a failed " + command);
      }
      service.tend();
      Thread.sleep(20);
    }
  }

  private void assertExact(ShopWriter writer) throws SQLException {
    try (Connection connection = journey.target().superuser()) {
      Set<UUID> lost = DemoProof.lost(writer.acknowledged(), connection);
      if (!lost.isEmpty()) {
        throw new AssertionError(lost.size() + " acknowledged transactions are not on the target");
      }
    }
    String view = "shop.category_sales";
    journey.target().executeAsSuperuser("REFRESH MATERIALIZED VIEW " + view);
    journey.refreshOnSource(view).assertArrived();
    note(writer.acknowledged().size() + " transactions, all there");
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
