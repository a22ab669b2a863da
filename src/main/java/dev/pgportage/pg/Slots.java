package dev.pgportage.pg;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Replication slots of the source as its catalog shows them, and their end. Stateless. Source:
 * PostgreSQL manual, "pg_replication_slots".
 */
public final class Slots {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long PAUSE_MILLIS = 100;

  /** Whether the source still holds the WAL a slot needs. */
  public enum WalStatus {
    /** It does, within max_wal_size. */
    RESERVED,
    /** It does, beyond max_wal_size. */
    EXTENDED,
    /** It does, but the next checkpoint may remove it: max_slot_wal_keep_size is exceeded. */
    UNRESERVED,
    /** It does not: the slot is of no use any more. */
    LOST,
    /** PostgreSQL 12 cannot say, and never removes it. */
    UNKNOWN
  }

  /**
   * A slot as it was when looked at.
   *
   * @param name its name
   * @param plugin its output plugin; empty for a physical slot
   * @param database its database; empty for a physical slot
   * @param temporary whether it ends with its session
   * @param activePid the process that reads it, if one does
   * @param restart the oldest WAL it needs; 0/0 if it is lost
   * @param confirmedFlush everything before it was confirmed by the reader
   * @param walStatus whether its WAL is still there
   * @param safeWalBytes how much WAL may still be written before it may be lost, if there is a
   *     limit
   */
  public record Slot(
      String name,
      Optional<String> plugin,
      Optional<String> database,
      boolean temporary,
      OptionalLong activePid,
      Lsn restart,
      Lsn confirmedFlush,
      WalStatus walStatus,
      OptionalLong safeWalBytes) {}

  private Slots() {}

  /** The slot of that name, if there is one. */
  public static Optional<Slot> find(Connection source, String name) throws SQLException {
    return Sql.queryFirst(
        source,
        """
        SELECT slot_name, plugin, database, temporary, active_pid, restart_lsn,
          confirmed_flush_lsn, to_jsonb(s) ->> 'wal_status',
          (to_jsonb(s) ->> 'safe_wal_size')::bigint
        FROM pg_replication_slots s WHERE slot_name = ?
        """,
        Slots::slotOf,
        name);
  }

  /** The statement that drops a slot nobody reads; does nothing if it is not there. */
  public static String dropSql(String name) {
    return "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = "
        + Quoting.literal(name);
  }

  /**
   * Drops a slot, if it is there. A session of this program that reads it, such as one a killed
   * process left behind, is ended first.
   *
   * @param application the start of the application_name of this program's sessions
   * @throws MigrationException SLOT_IN_USE if somebody else reads it, or the reader does not end
   */
  public static void drop(Connection source, String name, String application) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try {
      while (!tryDrop(source, name, application)) {
        if (System.nanoTime() - deadline > 0) {
          throw inUse(name, "its reader does not end");
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Dropping the replication slot " + name);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationException(
          ErrorCode.INTERRUPTED, "Interrupted while dropping the replication slot " + name, e);
    }
  }

  private static boolean tryDrop(Connection source, String name, String application)
      throws SQLException {
    Optional<Slot> slot = find(source, name);
    if (slot.isEmpty()) {
      return true;
    }
    if (slot.get().activePid().isPresent()) {
      endReader(source, name, slot.get().activePid().getAsLong(), application);
      return false;
    }
    try {
      Sql.query(source, dropSql(name), row -> row.getString(1));
      return true;
    } catch (SQLException e) {
      if (SqlStates.is(e, SqlStates.OBJECT_IN_USE) || SqlStates.is(e, SqlStates.UNDEFINED_OBJECT)) {
        return false;
      }
      throw e;
    }
  }

  private static void endReader(Connection source, String name, long pid, String application)
      throws SQLException {
    boolean own =
        Sql.queryText(
                source,
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE pid = ? AND usename = current_user AND starts_with(application_name, ?)
                """,
                pid,
                application)
            .isPresent();
    // A reader that has ended in between is nobody's.
    if (!own && readerOf(source, name).equals(OptionalLong.of(pid))) {
      throw inUse(name, "process " + pid + " of the source, not one of pgportage's, reads it");
    }
  }

  private static OptionalLong readerOf(Connection source, String name) throws SQLException {
    return find(source, name).map(Slot::activePid).orElse(OptionalLong.empty());
  }

  private static MigrationException inUse(String name, String why) {
    return new MigrationException(
        ErrorCode.SLOT_IN_USE, "Replication slot " + name + " cannot be dropped: " + why);
  }

  private static Slot slotOf(ResultSet row) throws SQLException {
    String status = row.getString(8);
    return new Slot(
        row.getString(1),
        Optional.ofNullable(row.getString(2)),
        Optional.ofNullable(row.getString(3)),
        row.getBoolean(4),
        number(row, 5),
        lsn(row.getString(6)),
        lsn(row.getString(7)),
        status == null ? WalStatus.UNKNOWN : WalStatus.valueOf(status.toUpperCase(Locale.ROOT)),
        number(row, 9));
  }

  private static OptionalLong number(ResultSet row, int column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(value);
  }

  private static Lsn lsn(@Nullable String text) {
    return text == null ? Lsn.ZERO : Lsn.parse(text);
  }
}
