package dev.pgportage.load;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig.Limits;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.Monitor;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a load from harming its source: bounds what is read, pauses while standbys fall behind, and
 * ends a load that has become a danger. Thread-safe.
 */
final class Governor {
  private static final Logger LOG = LoggerFactory.getLogger(Governor.class);

  private final Database source;
  private final Limits limits;
  private final Monitor monitor;
  private final Duration betweenLooks;
  private final RateLimit rate;
  private boolean paused;
  private boolean ended;
  private boolean toldOfAge;

  Governor(Database source, Limits limits, Monitor monitor, Duration betweenLooks) {
    this.source = source;
    this.limits = limits;
    this.monitor = monitor;
    this.betweenLooks = betweenLooks;
    this.rate = new RateLimit(limits.bytesPerSecond(), System.nanoTime());
  }

  /**
   * How many workers may copy: fewer than wanted where the source has too few connections left.
   *
   * @throws MigrationException TOO_MANY_CONNECTIONS if not one is left
   */
  int workers(int wanted) {
    long free = freeConnections();
    // One is for looking at the source meanwhile.
    long left = free - limits.connectionsKept() - 1;
    if (left < 1) {
      throw new MigrationException(
          ErrorCode.TOO_MANY_CONNECTIONS,
          "The source has "
              + Math.max(0, free)
              + " connections left, of which "
              + limits.connectionsKept()
              + " are to be kept free (load.keep_connections)");
    }
    if (left < wanted) {
      monitor.event(
          Event.warning(
              "load.fewer-workers",
              left
                  + " instead of "
                  + wanted
                  + " workers copy: the source has no more connections"));
    }
    return (int) Math.min(wanted, left);
  }

  private long freeConnections() {
    try (Connection connection = source.open("watch")) {
      return Sql.queryLong(
          connection,
          """
            WITH used AS (
              SELECT count(*) AS server,
                     count(*) FILTER (WHERE datname = current_database()) AS database,
                     count(*) FILTER (WHERE usename = session_user) AS role
              FROM pg_stat_activity WHERE usesysid IS NOT NULL AND pid <> pg_backend_pid()
            )
            SELECT least(
              current_setting('max_connections')::int - used.server - (
                SELECT sum(setting::int) FROM pg_settings
                WHERE name IN ('superuser_reserved_connections', 'reserved_connections')),
              (SELECT nullif(datconnlimit, -1) - used.database FROM pg_database
               WHERE datname = current_database()),
              (SELECT nullif(rolconnlimit, -1) - used.role FROM pg_roles
               WHERE rolname = session_user))
            FROM used
            """);
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Counting the source's connections");
    }
  }

  /** How much may be read in a second; 0 for no limit. */
  long bytesPerSecond() {
    return limits.bytesPerSecond();
  }

  /** Counts what a worker has read, and lets it wait as long as it must. */
  void read(long bytes) {
    try {
      await(rate.read(bytes, System.nanoTime()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationException(ErrorCode.INTERRUPTED, "The load was interrupted", e);
    }
  }

  private synchronized void await(long nanos) throws InterruptedException {
    long until = System.nanoTime() + nanos;
    for (long left = nanos; left > 0 && !ended; left = until - System.nanoTime()) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    while (paused && !ended) {
      wait();
    }
  }

  /** Lets nobody wait any more. */
  synchronized void end() {
    ended = true;
    notifyAll();
  }

  /**
   * Looks at the source again and again.
   *
   * @param stop ends the looking
   * @throws MigrationException SOURCE_ENDANGERED if the load must end
   */
  void watch(CountDownLatch stop) throws InterruptedException {
    @Nullable Connection connection = null;
    try {
      while (!stop.await(betweenLooks.toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          if (connection == null) {
            connection = source.open("watch");
          }
          judge(SourceReading.of(connection, source));
        } catch (SQLException e) {
          // The workers find out for themselves whether the source is gone for good.
          LOG.debug("Looking at the source: {}", SqlFailures.describe(e));
          Database.cut(connection);
          connection = null;
        } catch (MigrationException e) {
          if (!LoadFailures.isPassing(e)) {
            throw e;
          }
          LOG.debug("Looking at the source: {}", e.what());
        }
      }
    } finally {
      Database.cut(connection);
    }
  }

  /**
   * The same for a thread of its own.
   *
   * @param failed told why the load must end
   */
  void watch(CountDownLatch stop, Consumer<MigrationException> failed) {
    try {
      watch(stop);
    } catch (MigrationException e) {
      failed.accept(e);
    } catch (InterruptedException e) {
      failed.accept(new MigrationException(ErrorCode.INTERRUPTED, "The load was interrupted", e));
    } catch (RuntimeException | Error e) {
      failed.accept(
          new MigrationException(
              ErrorCode.INTERNAL, "Watching the source failed: " + e.getClass().getName(), e));
    }
  }

  private void judge(SourceReading reading) {
    reading.requireSafe(limits);
    if (reading.isOld(limits) && !toldOfAge) {
      toldOfAge = true;
      monitor.event(
          Event.warning(
              "load.old-snapshot",
              "The load's snapshot is "
                  + reading.snapshotAge()
                  + " transactions old; at load.max_snapshot_age ("
                  + limits.snapshotAge()
                  + ") the load ends"));
    }
    Optional<String> reason = reading.pause(limits);
    if (pause(reason.isPresent())) {
      monitor.event(
          reason
              .map(text -> Event.warning("load.paused", text))
              .orElseGet(() -> Event.info("load.goes-on", "Copying goes on")));
    }
  }

  /** Whether copying pauses. */
  synchronized boolean isPaused() {
    return paused;
  }

  /** Pauses or goes on; returns whether that is a change. */
  synchronized boolean pause(boolean wanted) {
    boolean changed = paused != wanted;
    paused = wanted;
    notifyAll();
    return changed;
  }
}
