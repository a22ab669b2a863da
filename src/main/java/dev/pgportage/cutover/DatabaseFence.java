package dev.pgportage.cutover;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.cutover.SourceSessions.Ending;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.state.ResourceLedger;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The database becomes read-only for every session that begins, and those that began before are
 * ended: their clients reconnect and may read, but not write.
 *
 * <p>A client can still ask for a writing transaction explicitly; one that does is found as a
 * writer, and the fence counts as breached. Needs to own the database (or be a member of the role
 * that does), and pg_signal_backend for sessions of other roles.
 */
final class DatabaseFence implements Fence {
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final Duration PATIENCE_WITH_FOREIGN = Duration.ofSeconds(3);

  private final Database source;
  private final ResourceLedger ledger;
  private ResourceLedger.@Nullable Resource entry;
  private @Nullable WriteCounters counters;

  DatabaseFence(Database source, ResourceLedger ledger) {
    this.source = source;
    this.ledger = ledger;
  }

  @Override
  public void raise(Connection control) {
    try (Connection session = source.open("fence")) {
      var sessions = new SourceSessions(session, source);
      Obstacles.requireNone(session, sessions);
      requireNoneLeft(control);
      var setting = new ReadOnlySetting(session);
      entry =
          ledger.plan(control, source.side(), RESOURCE, setting.database(), setting.restoring());
      setting.turnOn();
      ledger.made(control, entry);
      endFormer(sessions);
      requireNone(sessions.writers());
      counters = WriteCounters.read(session);
    } catch (SQLException e) {
      MigrationException failure =
          SqlFailures.translate(e, ErrorCode.FENCE_FAILED, "Fencing the " + source.side());
      lowerAfter(control, failure);
      throw failure;
    } catch (MigrationException e) {
      lowerAfter(control, e);
      throw e;
    }
  }

  /** Else the fence itself would be taken for the setting to go back to. */
  private void requireNoneLeft(Connection control) throws SQLException {
    Fence.lowerAll(control, source, ledger);
  }

  private void lowerAfter(Connection control, MigrationException failure) {
    try {
      lower(control);
    } catch (MigrationException e) {
      e.addSuppressed(failure);
      throw e;
    }
  }

  /**
   * Ends all sessions that began before the setting was changed. One that was just beginning then
   * may have read the old setting and not be visible yet: those are waited for first. One that
   * began since may be our own and not have its name yet: it is looked at again once it has begun.
   */
  private static void endFormer(SourceSessions sessions) throws SQLException {
    long began = System.nanoTime();
    awaitBegun(sessions, began);
    var former = new HashSet<>(sessions.present());
    awaitBegun(sessions, began);
    former.retainAll(sessions.present());
    for (List<Ending> still = sessions.end(former);
        !still.isEmpty();
        still = sessions.end(former)) {
      boolean allOurs = still.stream().allMatch(Ending::ours);
      if (isOver(began, allOurs ? PATIENCE : PATIENCE_WITH_FOREIGN)) {
        throw new MigrationException(
            ErrorCode.FENCE_FAILED,
            "These sessions do not end: "
                + String.join("; ", still.stream().map(Ending::description).toList()),
            "End them yourself (a superuser's only a superuser can end; for others grant"
                + " pg_signal_backend), then run the same command again; writers are let in again.",
            null);
      }
      pause();
    }
  }

  private static void awaitBegun(SourceSessions sessions, long began) throws SQLException {
    Set<Integer> beginning = Set.copyOf(sessions.beginning());
    while (sessions.beginning().stream().anyMatch(beginning::contains)) {
      if (isOver(began, PATIENCE)) {
        throw new MigrationException(
            ErrorCode.FENCE_FAILED,
            "Sessions do not finish to begin: processes " + beginning,
            "End them, then run the same command again; writers are let in again.",
            null);
      }
      pause();
    }
  }

  private static boolean isOver(long began, Duration patience) {
    return System.nanoTime() - began > patience.toNanos();
  }

  private static void pause() {
    try {
      Thread.sleep(10);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationException(ErrorCode.INTERRUPTED, "The cutover was stopped", e);
    }
  }

  private static void requireNone(List<String> writers) {
    if (!writers.isEmpty()) {
      throw new MigrationException(
          ErrorCode.FENCE_BREACHED, "Writing behind the fence: " + String.join("; ", writers));
    }
  }

  @Override
  public void requireSilent() {
    try (Connection session = source.open("fence")) {
      requireNone(new SourceSessions(session, source).writers());
      WriteCounters former = counters;
      var written = former == null ? List.of() : WriteCounters.read(session).writtenSince(former);
      if (!written.isEmpty()) {
        throw new MigrationException(
            ErrorCode.FENCE_BREACHED, "Written to behind the fence: " + written);
      }
      if (!new ReadOnlySetting(session).isOn()) {
        throw new MigrationException(
            ErrorCode.FENCE_BREACHED,
            "Somebody has lowered the fence: default_transaction_read_only is off again");
      }
    } catch (SQLException e) {
      throw SqlFailures.translate(
          e, ErrorCode.FENCE_FAILED, "Looking for writers on the " + source.side());
    }
  }

  @Override
  public void lower(Connection control) {
    ResourceLedger.Resource raised = entry;
    if (raised != null) {
      new FenceLowering(source, ledger, raised).run(control);
      entry = null;
    }
  }
}
