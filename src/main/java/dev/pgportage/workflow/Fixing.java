package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.assess.Remedy;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.state.ResourceLedger;
import dev.pgportage.state.StateStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Runs the remedies that are safe, before the migration begins. Each is in the ledger before it is
 * run, so that cleanup takes it back.
 */
final class Fixing {
  private static final String FIX = "fix";

  private final MigrationConfig config;

  Fixing(MigrationConfig config) {
    this.config = config;
  }

  /**
   * Runs remedies in their order, each in a transaction of its own.
   *
   * @throws MigrationException USAGE if the migration has begun, LEASE_HELD if another process
   *     works on it, or why a statement failed; what was run before it stays, and is in the ledger
   */
  void run(List<Remedy> remedies) throws SQLException {
    String application = Databases.application(config.name());
    var source = new Database(config.source(), application);
    var target = new Database(config.target(), application);
    Entry.enter(config);
    try (var lease = StateStore.lease(target, config.name(), "assess --apply-fixes");
        Connection control = target.open("control");
        Connection sourceSession = source.open("control")) {
      lease.check();
      if (Entry.hasBegun(StateStore.find(control, config.name()))) {
        throw new MigrationException(
            ErrorCode.USAGE,
            "Migration " + config.name() + " has begun: fixes are for before it begins",
            "Run the statements of --fix-sql by hand, if they still make sense.",
            null);
      }
      for (Remedy remedy : remedies) {
        apply(remedy, remedy.side() == Side.SOURCE ? sourceSession : control, control);
      }
    }
  }

  private void apply(Remedy remedy, Connection where, Connection control) throws SQLException {
    var ledger = new ResourceLedger(config.name());
    ResourceLedger.Resource entry =
        ledger.plan(control, remedy.side(), FIX, remedy.sql(), remedy.reverse().orElseThrow());
    CrashPoint.FIX_BEFORE.pass();
    try {
      // Whoever waits for a table's lock makes everybody else wait behind.
      Sql.execute(where, "SET lock_timeout = '2s'");
      Sql.execute(where, remedy.sql());
    } catch (SQLException e) {
      ledger.undone(control, entry);
      throw SqlFailures.translate(
          e, ErrorCode.SQL_FAILED, "Running on the " + remedy.side() + ": " + remedy.sql());
    }
    CrashPoint.FIX_AFTER.pass();
    ledger.made(control, entry);
  }
}
