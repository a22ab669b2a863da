package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Slots;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.telemetry.Event;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a migration from harming its servers, in every phase: warns, holds comparisons up while a
 * standby is behind, and ends a run that has become a danger. Behind a fence only a lost slot ends
 * it: what is nearly over is not to begin anew. Owns a thread and two sessions.
 */
final class SafetyGuard implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SafetyGuard.class);
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);

  /** Growing means by more than this part of the limit: a slot that is caught up with shrinks. */
  private static final int SLACK = 10;

  private final MigrationConfig config;
  private final Databases databases;
  private final Supervision run;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread =
      Thread.ofPlatform().name("governor").daemon().unstarted(this::watch);
  private final Set<String> warned = new HashSet<>();
  private Optional<Connection> source = Optional.empty();
  private Optional<Connection> target = Optional.empty();
  private long leastWal = Long.MAX_VALUE;

  /** The slot that holds back most. */
  private String worst;

  private SafetyGuard(MigrationConfig config, Databases databases, Supervision run) {
    this.config = config;
    this.databases = databases;
    this.run = run;
    this.worst = SourceObjects.slotName(config);
  }

  /** Guards from now on. */
  static SafetyGuard over(MigrationConfig config, Databases databases, Supervision run) {
    var guard = new SafetyGuard(config, databases, run);
    guard.thread.start();
    return guard;
  }

  private void watch() {
    try {
      // The first look is at what was there before this run.
      do {
        look();
      } while (!closed.await(BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      drop();
    }
  }

  private void look() {
    try {
      if (source.isEmpty()) {
        source = Optional.of(databases.source().open("watch"));
      }
      if (target.isEmpty()) {
        target = Optional.of(databases.target().open("watch"));
      }
      SafetyReading reading = SafetyReading.ofSource(source.get(), config);
      if (reading.slot().isEmpty()) {
        // Whatever a slot will hold back is of this run, also before the next look.
        leastWal = 0;
      }
      judge(reading);
      judge(SafetyReading.ofTarget(target.get(), config));
    } catch (SQLException e) {
      // The workflow finds out for itself whether a server is gone for good.
      LOG.debug("Looking at the servers: {}", SqlFailures.describe(e));
      drop();
    } catch (MigrationException e) {
      LOG.debug("Looking at the servers: {}", e.what());
      drop();
    }
  }

  private void judge(SafetyReading reading) {
    reading
        .slot()
        .filter(slot -> slot.walStatus() == Slots.WalStatus.LOST)
        .ifPresent(
            slot ->
                end(
                    new MigrationException(
                        ErrorCode.SLOT_LOST,
                        "The source has removed WAL that slot " + slot.name() + " needed")));
    worst = reading.slot().map(Slots.Slot::name).orElseGet(() -> SourceObjects.slotName(config));
    reading.gauges().forEach(this::judge);
    boolean behind =
        reading.gauges().stream()
            .anyMatch(
                g -> g.name().equals(SafetyReading.REPLICA_LAG) && g.level() != Gauge.Level.OK);
    if (run.throttle(behind)) {
      run.recorder()
          .event(
              behind
                  ? Event.warning(
                      "governor.paused",
                      "A standby of the source is behind (load.max_replica_lag): comparisons wait")
                  : Event.info("governor.goes-on", "The source's standbys have caught up"));
    }
  }

  private void judge(Gauge gauge) {
    if (gauge.level() == Gauge.Level.OK) {
      if (warned.remove(gauge.name())) {
        run.recorder()
            .event(Event.info("governor.eased", gauge.name() + " is " + gauge.text() + " again"));
      }
    } else if (warned.add(gauge.name())) {
      run.recorder().event(Event.warning("governor.warning", gauge.name() + " is " + gauge.text()));
    }
    if (gauge.name().equals(SafetyReading.WAL)) {
      judgeWal(gauge);
    } else if (gauge.level() == Gauge.Level.DANGER
        && !gauge.name().equals(SafetyReading.CONNECTIONS)) {
      boolean room = gauge.name().equals(SafetyReading.TARGET_SIZE);
      endUnlessFrozen(
          new MigrationException(
              room ? ErrorCode.DISK_FULL : ErrorCode.SOURCE_ENDANGERED,
              (room ? "The target: " : "The source: ") + gauge.name() + " is " + gauge.text()));
    }
  }

  /** A run that makes it less is not ended for what an earlier one left. */
  private void judgeWal(Gauge wal) {
    leastWal = Math.min(leastWal, wal.value());
    boolean grows = wal.value() > leastWal + wal.limit() / SLACK;
    if (wal.level() == Gauge.Level.DANGER && grows) {
      boolean release = config.safety().onMaxWal() == MigrationConfig.Safety.WalAction.RELEASE;
      String what = "Slot " + worst + " holds back " + wal.text();
      if (release) {
        run.demandRelease();
      }
      endUnlessFrozen(
          release
              ? new MigrationException(
                  ErrorCode.SOURCE_ENDANGERED,
                  what + ": it is dropped (safety.on_max_wal: release)",
                  "Run 'cleanup', empty the target, and start again when the target keeps up.",
                  null)
              : new MigrationException(
                  ErrorCode.SOURCE_ENDANGERED,
                  what + " (safety.max_wal)",
                  "It still does: give the target more strength and safety.max_wal more room and run"
                      + " the same command again, or run 'pgportage emergency-stop' to set the source"
                      + " free at once.",
                  null));
    }
  }

  private void endUnlessFrozen(MigrationException reason) {
    if (run.step().filter(StepName::isOfCutover).isEmpty()) {
      end(reason);
    }
  }

  private void end(MigrationException reason) {
    if (run.verdict().isEmpty()) {
      run.recorder()
          .event(
              new Event(
                  java.time.Instant.now(), Event.Level.ERROR, "governor.stop", reason.what()));
    }
    run.condemn(reason);
    databases.cut(purpose -> !Watchdog.KEPT.contains(purpose));
  }

  private void drop() {
    source.ifPresent(Database::cut);
    target.ifPresent(Database::cut);
    source = Optional.empty();
    target = Optional.empty();
  }

  @Override
  public void close() {
    closed.countDown();
    thread.interrupt();
  }
}
