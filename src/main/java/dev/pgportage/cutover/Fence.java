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
public sealed interface Fence permits BarrierFence, ExternalFence {
  /** The ledger's word for a database that is read-only. */
  String RESOURCE = "fence";

  /** The ledger's word for a role that may not log in. */
  String ROLE = "locked-role";

  /** What a fence's sessions are called. */
  String SESSION = "fence";

  /** Whether an entry of the resource ledger is a fence's. */
  static boolean isKind(String kind) {
    return kind.equals(RESOURCE) || kind.equals(ROLE);
  }

  /**
   * The fence a migration's settings ask for; not yet raised.
   *
   * @param state where the migration's ledger is
   */
  static Fence of(
      MigrationConfig.Cutover settings, Database source, Database state, String migration) {
    return settings.fence() == MigrationConfig.Cutover.Fence.EXTERNAL
        ? new ExternalFence(source, settings.silence())
        : new BarrierFence(
            source,
            state,
            new ResourceLedger(migration),
            session -> barrier(settings, source, session));
  }

  private static Barrier barrier(
      MigrationConfig.Cutover settings, Database source, Connection session) throws SQLException {
    return settings.fence() == MigrationConfig.Cutover.Fence.ROLES
        ? new LockedRoles(session, source, settings.roles())
        : new ReadOnlySetting(session, source);
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
   * @throws MigrationException UNFENCE_FAILED with the SQL to run by hand, LEASE_LOST if the fence
   *     is not this process's any more
   */
  void lower(Connection control);

  /** Lets go of it and leaves it standing. */
  void leave();

  /** What would keep the fence from being raised now; changes nothing. */
  static List<String> obstacles(MigrationConfig.Cutover settings, Database source) {
    if (settings.fence() == MigrationConfig.Cutover.Fence.EXTERNAL) {
      return List.of();
    }
    try (Connection session = source.open("rehearsal")) {
      return Obstacles.found(session, barrier(settings, source, session));
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

  /**
   * Lowers every fence the ledger knows on one side, once nobody from before can touch it any more;
   * tells whether there was any.
   */
  static boolean lowerAll(Connection control, Database database, ResourceLedger ledger)
      throws SQLException {
    List<ResourceLedger.Resource> left =
        ledger.open(control).stream()
            .filter(resource -> isKind(resource.kind()) && resource.side() == database.side())
            .toList();
    if (left.isEmpty()) {
      return false;
    }
    try (Connection session = database.open("silence")) {
      SourceSessions.of(session, database).endPredecessors();
    }
    new FenceLowering(database, ledger, left).run(control);
    return true;
  }
}
