package dev.pgportage.cutover;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.state.ResourceLedger;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way back from a database's fence, by its entry in the resource ledger alone: restores the
 * former setting, and ends the sessions that were born read-only, so that pools reconnect.
 *
 * <p>Safe to run whether the fence stands or not, also when its raising never came to the setting.
 * An interrupt does not keep it from its work; a source that does not answer is asked again for a
 * while.
 */
final class FenceLowering {
  private static final Logger LOG = LoggerFactory.getLogger(FenceLowering.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration BEGINNING = Duration.ofSeconds(5);
  private static final int PAUSE_MILLIS = 20;
  private static final int RETRY_MILLIS = 500;

  private final Database source;
  private final ResourceLedger ledger;
  private final ResourceLedger.Resource entry;
  private boolean interrupted;

  FenceLowering(Database source, ResourceLedger ledger, ResourceLedger.Resource entry) {
    this.source = source;
    this.ledger = ledger;
    this.entry = entry;
  }

  /**
   * Lowers the fence.
   *
   * @param control a session on the target, for the ledger
   * @throws MigrationException UNFENCE_FAILED with the SQL to run by hand
   */
  void run(Connection control) {
    // The driver refuses to connect on an interrupted thread.
    interrupted = Thread.interrupted();
    try {
      restore();
      ledger.undone(control, entry);
    } catch (SQLException e) {
      // The entry stays open, so that the next run comes here again and finds nothing to do.
      LOG.warn("The {} is writable again; the state could not note it", source.side());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void restore() {
    long began = System.nanoTime();
    while (true) {
      try (Connection session = source.open("fence")) {
        restore(session);
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

  private void giveUpUnlessWorthwhile(long began, MigrationException failure) {
    boolean over = System.nanoTime() - began > PATIENCE.toNanos();
    if (over || failure.code().retry() == ErrorCode.Retry.NO) {
      throw new MigrationException(
          ErrorCode.UNFENCE_FAILED,
          "The "
              + source.side()
              + " database "
              + entry.name()
              + " could not be made writable again: "
              + failure.what(),
          "Run there at once, as the database's owner: " + entry.undoSql() + ";",
          failure);
    }
  }

  private void restore(Connection session) throws SQLException {
    boolean stood = new ReadOnlySetting(session).isOn();
    Sql.execute(session, entry.undoSql());
    if (!stood) {
      return;
    }
    var sessions = new SourceSessions(session, source);
    awaitBegun(sessions);
    var bornReadOnly = new HashSet<>(sessions.present());
    // One that is beginning may be our own and not have its name yet.
    awaitBegun(sessions);
    bornReadOnly.retainAll(sessions.present());
    sessions.end(bornReadOnly);
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
