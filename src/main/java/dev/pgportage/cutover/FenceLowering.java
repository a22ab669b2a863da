package dev.pgportage.cutover;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.pg.SqlStates;
import dev.pgportage.state.ResourceLedger;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way back from a fence, by its entries in the resource ledger alone: restores the former
 * state, and ends the sessions that were born read-only, so that pools reconnect.
 *
 * <p>Safe to run whether the fence stands or not, also when its raising never came to changing
 * anything. An interrupt does not keep it from its work; a source that does not answer is asked
 * again for a while. An entry that is not open any more was somebody else's to lower: what stands
 * now is not ours.
 */
final class FenceLowering {
  private static final Logger LOG = LoggerFactory.getLogger(FenceLowering.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration BEGINNING = Duration.ofSeconds(5);
  private static final int PAUSE_MILLIS = 20;
  private static final int RETRY_MILLIS = 500;

  private final Database source;
  private final ResourceLedger ledger;
  private final List<ResourceLedger.Resource> entries;
  private @Nullable Connection held;
  private @Nullable Database state;
  private boolean interrupted;

  FenceLowering(Database source, ResourceLedger ledger, List<ResourceLedger.Resource> entries) {
    this.source = source;
    this.ledger = ledger;
    this.entries = entries;
  }

  /**
   * By the process that raised it.
   *
   * @param session the one that raised it: while it lives, nobody has taken over
   * @param ledgers where the ledger is read if its usual session is lost
   */
  FenceLowering by(@Nullable Connection session, Database ledgers) {
    held = session;
    state = ledgers;
    return this;
  }

  /**
   * Lowers the fence.
   *
   * @param control a session on the target, for the ledger
   * @throws MigrationException UNFENCE_FAILED with the SQL to run by hand, LEASE_LOST if it was
   *     lowered by another process
   */
  void run(Connection control) {
    // The driver refuses to connect on an interrupted thread.
    interrupted = Thread.interrupted();
    try {
      if (!isRestoredByHolder()) {
        restore(control);
      }
      note(control);
    } catch (SQLException | MigrationException e) {
      if (e instanceof MigrationException failure && isTelling(failure)) {
        throw failure;
      }
      // The entry stays open, so that the next run comes here again and finds nothing to do.
      LOG.warn("The {} is writable again; the state could not note it", source.side());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static boolean isTelling(MigrationException failure) {
    return failure.code() == ErrorCode.UNFENCE_FAILED || failure.code() == ErrorCode.LEASE_LOST;
  }

  private boolean isRestoredByHolder() {
    Connection holder = held;
    if (holder == null) {
      return false;
    }
    try {
      restore(holder, entries);
      return true;
    } catch (SQLException e) {
      LOG.debug("The session that raised the fence: {}", SqlFailures.describe(e));
      return false;
    }
  }

  private void restore(Connection control) {
    long began = System.nanoTime();
    while (true) {
      // In this order: whoever takes over ends this session before the ledger's entry counts.
      try (Connection session = source.open(Fence.SESSION)) {
        restore(session, stillOpen(control));
        return;
      } catch (SQLException e) {
        giveUpUnlessWorthwhile(
            began, SqlFailures.translate(e, ErrorCode.UNFENCE_FAILED, "Lowering the fence"));
      } catch (MigrationException e) {
        giveUpUnlessWorthwhile(began, e);
      }
      pause(RETRY_MILLIS);
    }
  }

  private List<ResourceLedger.Resource> stillOpen(Connection control) throws SQLException {
    Set<Long> ids =
        onLedger(control, ledger::open).stream()
            .map(ResourceLedger.Resource::id)
            .collect(Collectors.toSet());
    List<ResourceLedger.Resource> ours =
        entries.stream().filter(entry -> ids.contains(entry.id())).toList();
    if (ours.isEmpty()) {
      throw new MigrationException(
          ErrorCode.LEASE_LOST,
          "Another process has lowered this one's fence on the "
              + source.side()
              + "; what stands there now is not this one's");
    }
    return ours;
  }

  private void giveUpUnlessWorthwhile(long began, MigrationException failure) {
    if (failure.code() == ErrorCode.LEASE_LOST) {
      throw failure;
    }
    boolean over = System.nanoTime() - began > PATIENCE.toNanos();
    if (over || failure.code().retry() == ErrorCode.Retry.NO) {
      throw new MigrationException(
          ErrorCode.UNFENCE_FAILED,
          "The "
              + source.side()
              + " database "
              + source.endpoint().database()
              + " could not be opened to writers again: "
              + failure.what(),
          "Run there at once, as the database's owner (for roles: as who may alter them), unless"
              + " another run has opened the other side meanwhile: "
              + entries.stream()
                  .map(entry -> entry.undoSql() + ";")
                  .collect(Collectors.joining(" ")),
          failure);
    }
  }

  private void restore(Connection session, List<ResourceLedger.Resource> open) throws SQLException {
    boolean stood = new ReadOnlySetting(session, source).isOn();
    for (ResourceLedger.Resource entry : open) {
      restore(session, entry);
    }
    if (stood && open.stream().anyMatch(entry -> entry.kind().equals(Fence.RESOURCE))) {
      endBornReadOnly(session);
    }
  }

  private static void restore(Connection session, ResourceLedger.Resource entry)
      throws SQLException {
    try {
      Sql.execute(session, entry.undoSql());
    } catch (SQLException e) {
      if (SqlStates.isConnectionFailure(e)) {
        throw e;
      }
      Sql.execute(session, "ROLLBACK");
      // A role that was dropped meanwhile does not write.
      if (!SqlStates.is(e, SqlStates.UNDEFINED_OBJECT)) {
        throw e;
      }
    }
  }

  private void endBornReadOnly(Connection session) throws SQLException {
    SourceSessions sessions = SourceSessions.of(session, source);
    awaitBegun(sessions);
    var bornReadOnly = new HashSet<>(sessions.present());
    // One that is beginning may be our own and not have its name yet.
    awaitBegun(sessions);
    bornReadOnly.retainAll(sessions.present());
    sessions.end(bornReadOnly);
  }

  private void note(Connection control) throws SQLException {
    onLedger(
        control,
        connection -> {
          ledger.undone(connection, entries);
          return entries;
        });
  }

  /** What is done on a session of the ledger. */
  private interface LedgerWork<T> {
    T on(Connection connection) throws SQLException;
  }

  /** On the ledger's usual session, or on a fresh one if that is lost. */
  private <T> T onLedger(Connection control, LedgerWork<T> work) throws SQLException {
    try {
      return work.on(control);
    } catch (SQLException e) {
      Database ledgers = state;
      if (ledgers == null) {
        throw e;
      }
      try (Connection fresh = ledgers.open(Fence.SESSION)) {
        return work.on(fresh);
      }
    }
  }

  private void awaitBegun(SourceSessions sessions) throws SQLException {
    Set<Integer> beginning = Set.copyOf(sessions.beginning());
    long began = System.nanoTime();
    while (sessions.beginning().stream().anyMatch(beginning::contains)
        && System.nanoTime() - began < BEGINNING.toNanos()) {
      pause(PAUSE_MILLIS);
    }
  }

  private void pause(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      interrupted = true;
    }
  }
}
