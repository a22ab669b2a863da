package dev.pgportage.demo;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.Environment;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.MigrationFile;
import dev.pgportage.cutover.CutoverReport;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.workflow.Migration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The whole journey on this machine: two embedded servers, a shop whose application writes all the
 * time, a migration under it, and a count of what arrived. Leaves nothing behind.
 *
 * <p>Not thread-safe, but for {@link #stop()}.
 */
public final class Demo {
  private static final Duration AT_READY = Duration.ofSeconds(2);
  private static final Duration AFTERWARDS = Duration.ofSeconds(3);

  private final Options options;
  private final Monitor monitor;
  private final Showing showing;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile Optional<LiveMigration> running = Optional.empty();

  /**
   * How the demonstration runs.
   *
   * @param targetMajor the target's major version, 15 to 18; the source is PostgreSQL 15
   * @param scale how large the shop is, about times 60 MB
   * @param writers how many threads the application has
   * @param byHand whether it waits at READY until somebody cuts over on the dashboard
   */
  public record Options(int targetMajor, double scale, int writers, boolean byHand) {
    /** PostgreSQL 15 to 18, about 60 MB, three writers, and no waiting. */
    public static Options usual() {
      return new Options(18, 1, 3, false);
    }
  }

  /** Who shows the migration while it runs. */
  @FunctionalInterface
  public interface Showing {
    /** Begins to show a migration; what is returned is told of its progress. */
    Monitor begin(MigrationConfig config);
  }

  /**
   * A demonstration.
   *
   * @param monitor told of the demonstration's own steps
   * @param showing shows the migration
   */
  public Demo(Options options, Monitor monitor, Showing showing) {
    this.options = options;
    this.monitor = monitor;
    this.showing = showing;
  }

  /**
   * Runs it to its end.
   *
   * @throws MigrationException DEMO_UNAVAILABLE if something is missing on this machine,
   *     INTERRUPTED after {@link #stop()}, or why the migration failed
   */
  public DemoReport run() {
    long began = System.nanoTime();
    requireClientPrograms();
    say("Starting PostgreSQL " + DemoServers.SOURCE_MAJOR + " and " + options.targetMajor());
    try (var servers = DemoServers.start(options.targetMajor())) {
      check();
      say("Filling a shop of about " + Math.round(options.scale() * 60) + " MB");
      try (Connection owner = servers.sourceApp()) {
        Shop.create(owner, options.scale());
      }
      check();
      say("The shop's application writes from now on, " + options.writers() + " threads");
      try (var writer =
          ShopWriter.start(servers::sourceApp, options.writers(), Duration.ofMillis(5))) {
        return carry(servers, config(servers), writer, began);
      }
    } catch (MigrationException e) {
      // The migration's own farewell says how it goes on; this one is gone with its servers.
      throw e.code() == ErrorCode.INTERRUPTED && stopped.getCount() == 0 ? interrupted() : e;
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "The demonstration");
    }
  }

  /** Asks a running demonstration to end soon and take everything away. Thread-safe. */
  public void stop() {
    stopped.countDown();
    running.ifPresent(LiveMigration::stop);
  }

  private DemoReport carry(
      DemoServers servers, MigrationConfig config, ShopWriter writer, long began)
      throws SQLException {
    var migration = new Migration(config, Monitor.none());
    try (var live = new LiveMigration(config, showing.begin(config))) {
      running = Optional.of(live);
      check();
      live.awaitReady();
      cutOver(migration);
      live.await();
    }
    Duration freeze = freeze(migration);
    Set<UUID> before = writer.acknowledged();
    List<DemoReport.Table> tables;
    try (Connection asOpened = DemoProof.freeze(servers.targetSuperuser());
        Connection source = servers.sourceSuperuser()) {
      writer.switchTo(servers::targetApp);
      say("The application works on the target");
      pause(AFTERWARDS);
      writer.close();
      say("Counting on both sides, by SQL of the demonstration's own");
      tables = DemoProof.compare(source, asOpened);
    }
    Set<UUID> all = writer.acknowledged();
    int lost = lost(servers, all);
    migration.cleanup();
    return new DemoReport(
        servers.toString(),
        tables,
        freeze,
        writer.longestPause(),
        before.size(),
        all.size() - before.size(),
        lost,
        writer.failures().stream().map(SqlFailures::describe).distinct().toList(),
        traces(servers),
        Duration.ofNanos(System.nanoTime() - began));
  }

  /** Cuts over, or leaves that to whoever looks at the dashboard. */
  private void cutOver(Migration migration) {
    if (options.byHand()) {
      say("READY; the application writes on until you cut over on the dashboard");
      return;
    }
    pause(AT_READY);
    say("READY; cutting over while the application writes on");
    migration.cutover();
  }

  private static Duration freeze(Migration migration) {
    return Duration.ofMillis(
        migration.report().cutover().map(CutoverReport::freezeMillis).orElse(0L));
  }

  private static int lost(DemoServers servers, Set<UUID> acknowledged) throws SQLException {
    try (Connection target = servers.targetSuperuser()) {
      return DemoProof.lost(acknowledged, target).size();
    }
  }

  private static Set<String> traces(DemoServers servers) throws SQLException {
    try (Connection source = servers.sourceSuperuser();
        Connection target = servers.targetSuperuser()) {
      var traces = new HashSet<String>();
      DemoProof.traces(source).forEach(trace -> traces.add("source: " + trace));
      DemoProof.traces(target).forEach(trace -> traces.add("target: " + trace));
      return traces;
    }
  }

  /** Reads the settings from a file as a user's migration does. */
  private static MigrationConfig config(DemoServers servers) {
    try {
      Path directory = Files.createTempDirectory("pgportage-demo-");
      Path file = directory.resolve("migration.yaml");
      try {
        Files.writeString(file, servers.migrationYaml());
        return MigrationFile.read(file, List.of(), new Environment(Map.of(), directory)).config();
      } finally {
        Files.deleteIfExists(file);
        Files.delete(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void requireClientPrograms() {
    String directory = System.getenv("PGPORTAGE_PG_BIN");
    for (String program : List.of("pg_dump", "pg_restore")) {
      String path = directory == null ? program : Path.of(directory, program).toString();
      if (!Command.of(List.of(), path, "--version").run().succeeded()) {
        throw new MigrationException(
            ErrorCode.DEMO_UNAVAILABLE,
            "The demonstration needs " + program + ", which is not on the PATH",
            "Install it (Debian: apt-get install postgresql-client), or set PGPORTAGE_PG_BIN to"
                + " its directory.",
            null);
      }
    }
  }

  private void say(String what) {
    monitor.event(Event.info("demo", what));
  }

  private void check() {
    pause(Duration.ZERO);
  }

  private void pause(Duration duration) {
    try {
      if (stopped.await(duration.toMillis(), TimeUnit.MILLISECONDS)) {
        throw interrupted();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted();
    }
  }

  private static MigrationException interrupted() {
    return new MigrationException(
        ErrorCode.INTERRUPTED,
        "The demonstration was stopped",
        "Everything it made was removed; 'pgportage demo' starts anew.",
        null);
  }
}
