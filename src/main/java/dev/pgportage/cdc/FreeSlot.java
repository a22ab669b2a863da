package dev.pgportage.cdc;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.ServerVersion;
import dev.pgportage.pg.Slots;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** A slot before it is read: it must be there, whole, and nobody else's. Stateless. */
final class FreeSlot {
  private static final Duration SLOT_PATIENCE = Duration.ofSeconds(20);
  private static final long PAUSE_MILLIS = 100;

  private FreeSlot() {}

  /**
   * Waits until nobody reads the slot.
   *
   * @param streams whether large transactions may be sent before they commit
   * @return what pgoutput is to be told
   * @throws MigrationException SLOT_MISSING, SLOT_LOST, or SLOT_IN_USE if somebody else reads it
   */
  static Map<String, String> await(
      Database source, String slot, String publication, boolean streams) {
    try (Connection session = source.open("setup")) {
      awaitFree(session, source.application(), slot);
      var options = new HashMap<String, String>();
      boolean modern = ServerVersion.of(session).isAtLeast(14);
      options.put("proto_version", streams && modern ? "2" : "1");
      if (streams && modern) {
        options.put("streaming", "on");
      }
      options.put("publication_names", Quoting.identifier(publication));
      if (modern) {
        options.put("messages", "true");
      }
      return options;
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Looking at the slot " + slot);
    }
  }

  /** Waits until a reader that died is noticed by the server; one of this program is ended. */
  private static void awaitFree(Connection session, String application, String slot)
      throws SQLException {
    long deadline = System.nanoTime() + SLOT_PATIENCE.toNanos();
    while (true) {
      Slots.Slot state =
          Slots.find(session, slot)
              .orElseThrow(
                  () ->
                      new MigrationException(
                          ErrorCode.SLOT_MISSING, "The source has no slot " + slot));
      if (state.walStatus() == Slots.WalStatus.LOST) {
        throw new MigrationException(
            ErrorCode.SLOT_LOST, "The source has removed WAL that slot " + slot + " needed");
      }
      if (state.activePid().isEmpty()) {
        return;
      }
      if (System.nanoTime() > deadline) {
        throw new MigrationException(
            ErrorCode.SLOT_IN_USE,
            "Slot " + slot + " is read by process " + state.activePid().getAsLong());
      }
      Sql.query(
          session,
          """
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE pid = ? AND usename = current_user AND starts_with(application_name, ?)
          """,
          row -> row.getString(1),
          state.activePid().getAsLong(),
          application + " ");
      pause(PAUSE_MILLIS);
    }
  }

  /** Waits a moment. */
  static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationException(ErrorCode.INTERRUPTED, "Replication was stopped", e);
    }
  }
}
