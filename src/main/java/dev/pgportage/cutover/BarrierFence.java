package dev.pgportage.cutover;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.cutover.SourceSessions.Ending;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.state.ResourceLedger;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A barrier in the database itself: it is put up, sessions that began before are ended, and it is
 * noted in the ledger first, so that whoever comes later can take it away.
 *
 * <p>The session that put it up is kept until it is lowered or left standing: whoever takes the
 * migration over ends it first, so that a process that slept meanwhile cannot lower what is another
 * one's by now.
 */
final class BarrierFence implements Fence {
  private static final Logger LOG = LoggerFactory.getLogger(BarrierFence.class);
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final Duration PATIENCE_WITH_FOREIGN = Duration.ofSeconds(3);

  private final Database source;
  private final Database state;
  private final ResourceLedger ledger;
  private final Kind kind;
  private List<ResourceLedger.Resource> entries = List.of();
  private @Nullable Connection held;
  private @Nullable Barrier barrier;
  private @Nullable WriteCounters counters;

  /** What is put up. */
  @FunctionalInterface
  interface Kind {
    Barrier of(Connection session) throws SQLException;
  }

  /**
   * A fence not yet raised.
   *
   * @param state where the ledger is, should the session that is used for it be lost
   */
  BarrierFence(Database source, Database state, ResourceLedger ledger, Kind kind) {
    this.source = source;
    this.state = state;
    this.ledger = ledger;
    this.kind = kind;
  }

  @Override
  public void raise(Connection control) {
    try {
      // Else the fence itself would be taken for the state to go back to.
      Fence.lowerAll(control, source, ledger);
      Connection session = source.open(SESSION);
      held = session;
      SourceSessions.of(session, source).endPredecessors();
      Barrier putting = kind.of(session);
      barrier = putting;
      Obstacles.requireNone(session, putting);
      entries = plan(control, putting);
      CrashPoint.FENCE_AFTER_PLAN.pass();
      putting.put();
      CrashPoint.FENCE_AFTER_PUT.pass();
      ledger.made(control, entries);
      SourceSessions sessions = putting.sessions();
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

  private List<ResourceLedger.Resource> plan(Connection control, Barrier putting)
      throws SQLException {
    var planned = new ArrayList<ResourceLedger.Resource>();
    for (Barrier.Part part : putting.parts()) {
      planned.add(ledger.plan(control, source.side(), part.kind(), part.name(), part.undoSql()));
      // Known at once, so that a failure in between lowers nothing that is not noted.
      entries = List.copyOf(planned);
    }
    return entries;
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
    try (Connection session = source.open("silence")) {
      requireNone(SourceSessions.of(session, source).writers());
      WriteCounters former = counters;
      var written = former == null ? List.of() : WriteCounters.read(session).writtenSince(former);
      if (!written.isEmpty()) {
        throw new MigrationException(
            ErrorCode.FENCE_BREACHED, "Written to behind the fence: " + written);
      }
      Barrier standing = barrier;
      Optional<String> gap = standing == null ? Optional.empty() : standing.gap(session);
      if (gap.isPresent()) {
        throw new MigrationException(
            ErrorCode.FENCE_BREACHED, "Somebody has lowered the fence: " + gap.get());
      }
    } catch (SQLException e) {
      throw SqlFailures.translate(
          e, ErrorCode.FENCE_FAILED, "Looking for writers on the " + source.side());
    }
  }

  @Override
  public void lower(Connection control) {
    try {
      if (!entries.isEmpty()) {
        new FenceLowering(source, ledger, entries).by(held, state).run(control);
        entries = List.of();
      }
    } finally {
      leave();
    }
  }

  @Override
  public void leave() {
    Connection session = held;
    held = null;
    barrier = null;
    try {
      if (session != null) {
        session.close();
      }
    } catch (SQLException e) {
      LOG.debug("Closing the fence's session: {}", SqlFailures.describe(e));
    }
  }
}
