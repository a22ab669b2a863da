package dev.pgportage.cutover;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.state.ResourceLedger;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The database becomes read-only for every session that begins, and those that began before are
 * ended: their clients reconnect and may read, but not write.
 *
 * <p>Needs to own the database (or be a member of the role that does), and pg_signal_backend for
 * sessions of other roles. Source: PostgreSQL manual, "ALTER DATABASE",
 * default_transaction_read_only.
 */
final class DatabaseFence implements Fence {
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final String SETTING = "default_transaction_read_only";

  private final Database source;
  private final ResourceLedger ledger;
  private ResourceLedger.@Nullable Resource entry;
  private @Nullable String since;

  DatabaseFence(Database source, ResourceLedger ledger) {
    this.source = source;
    this.ledger = ledger;
  }

  @Override
  public void raise(Connection control) {
    try (Connection session = source.open("fence")) {
      SourceSessions.requireSight(session);
      requireNoExemption(session);
      String database = source.endpoint().database();
      entry = ledger.plan(control, Side.SOURCE, RESOURCE, database, undoSql(session));
      Sql.execute(session, alter() + " SET " + SETTING + " = on");
      ledger.made(control, entry);
      endSessions(session);
    } catch (SQLException e) {
      MigrationException failure =
          SqlFailures.translate(e, ErrorCode.FENCE_FAILED, "Fencing the source");
      lowerAfter(control, failure);
      throw failure;
    } catch (MigrationException e) {
      lowerAfter(control, e);
      throw e;
    }
  }

  private void lowerAfter(Connection control, MigrationException failure) {
    try {
      lower(control);
    } catch (MigrationException e) {
      e.addSuppressed(failure);
      throw e;
    }
  }

  private String alter() {
    return "ALTER DATABASE " + Quoting.identifier(source.endpoint().database());
  }

  /** A role's own setting beats the database's: such a role would write on behind the fence. */
  private static void requireNoExemption(Connection session) throws SQLException {
    List<String> exempt =
        Sql.query(
            session,
            """
            SELECT setrole::regrole::text FROM pg_db_role_setting s
            WHERE setrole <> 0
              AND (setdatabase = 0
                OR setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()))
              AND EXISTS (SELECT FROM unnest(setconfig) c
                          WHERE lower(c) LIKE 'default_transaction_read_only=%'
                            AND lower(c) NOT IN ('default_transaction_read_only=on',
                              'default_transaction_read_only=true',
                              'default_transaction_read_only=yes',
                              'default_transaction_read_only=1'))
            """,
            row -> row.getString(1));
    if (!exempt.isEmpty()) {
      throw new MigrationException(
          ErrorCode.FENCE_FAILED,
          "A setting of their own lets these roles write behind the fence: "
              + String.join(", ", exempt),
          "ALTER ROLE … RESET " + SETTING + " for them, or use 'cutover.fence: external'.",
          null);
    }
  }

  private String undoSql(Connection session) throws SQLException {
    Optional<String> former =
        Sql.queryText(
            session,
            """
            SELECT substr(c, strpos(c, '=') + 1)
            FROM pg_db_role_setting s, unnest(setconfig) c
            WHERE setrole = 0
              AND setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND lower(c) LIKE 'default_transaction_read_only=%'
            """);
    return former
        .map(value -> alter() + " SET " + SETTING + " = " + Quoting.literal(value))
        .orElse(alter() + " RESET " + SETTING);
  }

  private void endSessions(Connection session) throws SQLException {
    // A session reads its settings after it has begun: later ones than this moment are read-only.
    String now = Sql.queryText(session, "SELECT clock_timestamp()::text").orElseThrow();
    since = now;
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      List<String> still = SourceSessions.end(session, source.application(), now);
      if (still.isEmpty()) {
        return;
      }
      boolean hopeless = still.stream().anyMatch(other -> other.endsWith("not ours to end"));
      if (hopeless || System.nanoTime() > deadline) {
        throw new MigrationException(
            ErrorCode.FENCE_FAILED,
            "These sessions do not end: " + String.join("; ", still),
            "End them, or grant pg_signal_backend to the role (a superuser's sessions only a"
                + " superuser ends); the source is writable again.",
            null);
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(10);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationException(ErrorCode.INTERRUPTED, "The cutover was stopped", e);
    }
  }

  @Override
  public void requireSilent() {
    String raised = since;
    if (raised != null) {
      try (Connection session = source.open("fence")) {
        // One may have read its settings before the fence, and shown itself only after.
        List<String> late = SourceSessions.end(session, source.application(), raised);
        if (!late.isEmpty()) {
          throw new MigrationException(
              ErrorCode.FENCE_BREACHED, "Older than the fence: " + String.join("; ", late));
        }
      } catch (SQLException e) {
        throw SqlFailures.translate(e, ErrorCode.FENCE_FAILED, "Looking for older sessions");
      }
    }
    SourceSessions.requireNoWriter(source);
  }

  @Override
  public void lower(Connection control) {
    ResourceLedger.Resource raised = entry;
    if (raised != null) {
      lower(source, ledger, control, raised);
      entry = null;
    }
  }

  /** Restores the former setting, and ends the sessions that were born read-only. */
  static void lower(
      Database source,
      ResourceLedger ledger,
      Connection control,
      ResourceLedger.Resource resource) {
    try (Connection session = source.open("fence")) {
      Sql.execute(session, resource.undoSql());
      String now = Sql.queryText(session, "SELECT clock_timestamp()::text").orElseThrow();
      SourceSessions.end(session, source.application(), now);
      ledger.undone(control, resource);
    } catch (SQLException e) {
      throw unfenceFailed(resource, SqlFailures.describe(e), e);
    } catch (MigrationException e) {
      throw unfenceFailed(resource, e.what(), e);
    }
  }

  private static MigrationException unfenceFailed(
      ResourceLedger.Resource resource, String why, Exception cause) {
    return new MigrationException(
        ErrorCode.UNFENCE_FAILED,
        "The source database " + resource.name() + " could not be made writable again: " + why,
        "Run on the source at once, as the database's owner: SET default_transaction_read_only = off; "
            + resource.undoSql()
            + ";",
        cause);
  }
}
