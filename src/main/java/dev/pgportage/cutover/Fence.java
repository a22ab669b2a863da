package dev.pgportage.cutover;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.state.ResourceLedger;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * What keeps writers off the source while the writes move over. Not thread-safe.
 *
 * <p>Either it stands, or the source is as it was: a fence that cannot be raised wholly is lowered
 * before the failure is thrown.
 */
public sealed interface Fence permits DatabaseFence, ExternalFence {
  /** The kind of a fence's entries in the resource ledger. */
  String RESOURCE = "fence";

  /** The fence a migration's settings ask for; not yet raised. */
  static Fence of(MigrationConfig.Cutover settings, Database source, String migration) {
    return switch (settings.fence()) {
      case DATABASE -> new DatabaseFence(source, new ResourceLedger(migration));
      case EXTERNAL -> new ExternalFence(source, settings.silence());
    };
  }

  /**
   * Stops the writers, and returns once none is left.
   *
   * @param control a session on the target in auto-commit mode, for the ledger
   * @throws MigrationException FENCE_FAILED naming who could not be stopped
   */
  void raise(Connection control);

  /**
   * Requires that nobody but this program has a writing transaction open on the source.
   *
   * @throws MigrationException FENCE_BREACHED naming who has
   */
  void requireSilent();

  /**
   * Opens the source to writers again; does nothing if it is open.
   *
   * @param control a session on the target in auto-commit mode, for the ledger
   * @throws MigrationException UNFENCE_FAILED with the SQL to run by hand
   */
  void lower(Connection control);

  /** What would keep the fence from being raised now; changes nothing. */
  static List<String> obstacles(MigrationConfig.Cutover settings, Database source) {
    if (settings.fence() == MigrationConfig.Cutover.Fence.EXTERNAL) {
      return List.of();
    }
    try (Connection session = source.open("fence")) {
      return Obstacles.found(session, new SourceSessions(session, source));
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.FENCE_FAILED, "Looking for what is in the way");
    }
  }

  /**
   * Lowers the fence a process left on one side, by the ledger alone.
   *
   * @return whether there was one
   */
  static boolean lowerLeft(Connection control, Database database, String migration)
      throws SQLException {
    return lowerAll(control, database, new ResourceLedger(migration));
  }

  /** Lowers every fence the ledger knows on one side; tells whether there was any. */
  static boolean lowerAll(Connection control, Database database, ResourceLedger ledger)
      throws SQLException {
    List<ResourceLedger.Resource> left =
        ledger.open(control, RESOURCE).stream()
            .filter(resource -> resource.side() == database.side())
            .toList();
    for (ResourceLedger.Resource resource : left) {
      new FenceLowering(database, ledger, resource).run(control);
    }
    return !left.isEmpty();
  }
}
