package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.demo.DemoProof;
import dev.pgportage.demo.Shop;
import dev.pgportage.demo.ShopWriter;
import dev.pgportage.testing.TestDatabase;
import dev.pgportage.workflow.ValidationReport;
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
  private static final String DISK_FULL = "53100";
  private static final String VIEW = "shop.category_sales";

  /** Its rows are in no WAL: only a cutover or a rollback carries them, not what flows back. */
  private static final String UNLOGGED = "shop.session_cache";

  private static final String LARGE_OBJECT = "large object ";

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
  private final long seed;
  private final int density;
  private final boolean crosses;
  private final boolean spools;
  private final long began = System.nanoTime();

  /**
   * A migration between fresh databases: two of five seeds also go back, and forward again, and two
   * of five let changes wait on a small disk that may be lost.
   *
   * @param density about how many faults befall it where 1 lets one do so
   * @param injected gets every fault
   * @param log is told what is done, moment by moment
   */
  ChaosRun(
      ChaosServers servers,
      long seed,
      int density,
      List<ChaosFaults.Injected> injected,
      Consumer<String> log)
      throws IOException, SQLException {
    this.servers = servers;
    this.log = log;
    this.seed = seed;
    this.density = density;
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
    if (isDense()) {
      // Else the load would be over before the second fault, and a busy machine taken for a stall.
      journey.set("load.max_rate", "600kB").set("safety.stall_after", "6s");
    }
    service = new ChaosService(journey, servers, this::note, isDense() || seed % 25 == 0);
    faults =
        new ChaosFaults(
            servers,
            service,
            journey,
            random,
            spools ? Optional.of(spool) : Optional.empty(),
            injected);
  }

  private boolean isDense() {
    return density > 1;
  }

  /** Runs to the end of the migration; fails if anything is lost, doubled, different or left. */
  void run() throws Exception {
    try (Connection owner = journey.source().writer()) {
      Shop.create(owner, 0.05);
    }
    int wanted = 3 + (int) (seed % 4);
    int inCutover = random.nextInt(Math.min(3, wanted) + 1);
    try (var writer = ShopWriter.start(journey.source()::writer, 2, Duration.ofMillis(4))) {
      service.start();
      untilReady((wanted - inCutover) * density);
      if (spools) {
        whileChangesWait();
      }
      move("cutover", isDense() ? inCutover + 1 : inCutover, writer);
      if (crosses) {
        backAndForth(writer);
      }
      writer.close();
      // After a cutover the disk that is full at times is the application's, too.
      List<SQLException> failures =
          writer.failures().stream().filter(e -> !DISK_FULL.equals(e.getSQLState())).toList();
      if (!failures.isEmpty()) {
        throw new AssertionError("The application failed: " + failures);
      }
      service.awaitCutOver();
      end();
      assertExact(writer);
    }
    journey.cleanUp();
    if (servers.spoolDisk().isPresent()) {
      assertThat(servers.spoolDisk().orElseThrow()).isEmptyDirectory();
    }
  }

  private void untilReady(int times) throws Exception {
    List<String> phases = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      phases.add(PHASES.get(random.nextInt(PHASES.size())));
    }
    phases.sort((a, b) -> Integer.compare(PHASES.indexOf(a), PHASES.indexOf(b)));
    for (String phase : phases) {
      awaitPhase(phase);
      if (isDense()) {
        letWork();
      } else {
        Thread.sleep(random.nextInt(400));
      }
      faults.inject(faults.any());
    }
    service.awaitReady();
  }

  /**
   * After a fault, mostly until the program is at work again; else while it is still recovering.
   */
  private void letWork() throws InterruptedException {
    if (random.nextInt(4) > 0) {
      service.awaitAtWork();
    }
    service.tend(random.nextInt(1200));
  }

  /** More changes than the target can take at once, which then are on this machine only. */
  private void whileChangesWait() throws Exception {
    int times = 1 + random.nextInt(2) + (isDense() ? 1 : 0);
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
  }

  /** With the writes on the target, back to the source, and to the target for good. */
  private void backAndForth(ShopWriter writer) throws Exception {
    int more = isDense() ? 2 : 0;
    amid(writer, "cut-over", journey.target(), 1 + random.nextInt(2) + more);
    move("rollback", random.nextInt(3) + more, writer);
    amid(writer, "ready", journey.source(), 1 + random.nextInt(2) + more);
    move("cutover", random.nextInt(2) + more, writer);
    service.awaitCutOver();
    // Nobody writes: the application still asks the source, which refuses.
    requireSame(Set.of());
    writer.switchTo(journey.target()::writer);
    awaitWrites(writer);
  }

  /** Faults while the application writes to one side and changes flow to the other. */
  private void amid(ShopWriter writer, String phase, TestDatabase open, int times)
      throws Exception {
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
    if (!validate().equal()) {
      throw new AssertionError("Both sides differ after the writes have ended");
    }
    service.endIt();
  }

  /**
   * The command that has cut over may still run the migration and end with the request, or the
   * service may take over just when nobody seemed to run it.
   */
  private ValidationReport validate() throws Exception {
    for (int attempt = 1; ; attempt++) {
      try {
        return journey.migration().validate();
      } catch (MigrationException e) {
        boolean handedOver = e.code() == ErrorCode.INTERRUPTED || e.code() == ErrorCode.LEASE_HELD;
        if (!handedOver || attempt == MOST_CUTOVERS) {
          throw e;
        }
        service.awaitCutOver();
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

  /**
   * Asks for a cutover or a rollback until it has happened; after every failure the side the writes
   * are on must be writable.
   */
  private void move(String command, int most, ShopWriter writer) throws Exception {
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
          return;
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
    journey.assertSameSchema();
    // What is written after the last cutover comes back with a rollback only.
    requireSame(crosses ? Set.of("rows of " + UNLOGGED, LARGE_OBJECT) : Set.of());
    note(writer.acknowledged().size() + " transactions, all there");
  }

  /**
   * Requires that both sides hold the same.
   *
   * @param but how names begin of what may differ
   */
  private void requireSame(Set<String> but) throws SQLException {
    journey.target().executeAsSuperuser("REFRESH MATERIALIZED VIEW " + VIEW);
    journey.refreshOnSource(VIEW);
    var onSource = Contents.rows(journey.source());
    var onTarget = Contents.rows(journey.target());
    onSource.keySet().removeIf(name -> but.stream().anyMatch(name::startsWith));
    onTarget.keySet().removeIf(name -> but.stream().anyMatch(name::startsWith));
    assertThat(Contents.differences(onSource, onTarget)).as("source <> target").isEmpty();
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
