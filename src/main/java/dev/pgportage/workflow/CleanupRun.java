package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.cutover.Fence;
import dev.pgportage.cutover.SwitchHooks;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Slots;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.pg.SqlStates;
import dev.pgportage.schema.SchemaApplier;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.state.ResourceLedger;
import dev.pgportage.state.StateStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Takes back everything a migration made, newest first, by its ledger; then looks on both sides
 * whether anything of its name is left. The schema and the rows on the target stay.
 */
final class CleanupRun {
  private final MigrationConfig config;

  CleanupRun(MigrationConfig config) {
    this.config = config;
  }

  /**
   * Cleans up. Can be run again after any failure.
   *
   * @throws MigrationException MIGRATION_UNKNOWN, LEASE_HELD or CLEANUP_INCOMPLETE
   */
  CleanupReport run() throws SQLException {
    String application = Databases.application(config.name());
    var source = new Database(config.source(), application);
    var target = new Database(config.target(), application);
    requireKnown(target);
    var removed = new ArrayList<String>();
    var restored = new ArrayList<String>();
    try (var lease = StateStore.lease(target, config.name(), "cleanup");
        Connection control = target.open("control");
        Connection sourceSession = source.open("control")) {
      lease.check();
      var ledger = new ResourceLedger(config.name());
      for (ResourceLedger.Resource resource : ledger.open(control)) {
        if (resource.kind().equals(SchemaApplier.PARKED)) {
          restored.add(bringBack(control, ledger, resource));
          continue;
        }
        if (Fence.isKind(resource.kind())) {
          Fence.lowerLeft(control, resource.side() == Side.SOURCE ? source : target, config.name());
        } else {
          remove(resource, resource.side() == Side.SOURCE ? sourceSession : control, control);
        }
        ledger.undone(control, resource);
        removed.add(resource.side() + " " + resource.kind() + " " + resource.name());
        CrashPoint.CLEANUP_AFTER_SLOT.pass();
      }
      var left = new ArrayList<>(left(sourceSession, Side.SOURCE));
      left.addAll(left(control, Side.TARGET));
      if (!left.isEmpty()) {
        throw new MigrationException(
            ErrorCode.CLEANUP_INCOMPLETE, "Still there: " + String.join(", ", left));
      }
      List<String> elsewhere = Spools.elsewhere(control, config);
      Spools.remove(control, config).forEach(spool -> removed.add("spool " + spool));
      StateStore.remove(control, config.name());
      removed.add("target state of " + config.name());
      return new CleanupReport(config.name(), removed, restored, left, elsewhere);
    }
  }

  private void requireKnown(Database target) throws SQLException {
    try (Connection connection = target.open("probe")) {
      if (StateStore.find(connection, config.name()).isEmpty()) {
        throw new MigrationException(
            ErrorCode.MIGRATION_UNKNOWN,
            "The target has no migration named " + config.name() + ", so nothing to clean up");
      }
    }
  }

  private void remove(ResourceLedger.Resource resource, Connection connection, Connection control)
      throws SQLException {
    switch (resource.kind()) {
      case SourceObjects.SLOT ->
          Slots.drop(connection, resource.name(), Databases.application(config.name()));
      case WayBack.STATE -> WayBack.removeState(connection, config.name());
      case SwitchHooks.PAUSED -> new SwitchHooks(config).resumeLeft(control);
      // Where clients are led stays as it is; only how they were led before is forgotten.
      case SwitchHooks.ENTRY -> {}
      default -> undo(resource, connection);
    }
  }

  private static void undo(ResourceLedger.Resource resource, Connection connection)
      throws SQLException {
    try {
      Sql.execute(connection, resource.undoSql());
    } catch (SQLException e) {
      throw SqlFailures.translate(
          e,
          ErrorCode.CLEANUP_INCOMPLETE,
          "Removing " + resource.kind() + " " + resource.name() + " on the " + resource.side());
    }
  }

  /**
   * Brings back what was taken off a schema that the user made, in one commit with the note of it:
   * an index cannot be made twice.
   */
  private static String bringBack(
      Connection control, ResourceLedger ledger, ResourceLedger.Resource resource)
      throws SQLException {
    String name = resource.name().substring(resource.name().indexOf(' ') + 1);
    control.setAutoCommit(false);
    try (var statement = control.createStatement()) {
      statement.setEscapeProcessing(false);
      statement.execute("SET LOCAL default_tablespace = ''");
      statement.execute(resource.undoSql());
      ledger.undone(control, resource);
      CrashPoint.CLEANUP_BEFORE_COMMIT.pass();
      control.commit();
      return name + ": is back";
    } catch (SQLException e) {
      control.rollback();
      Optional<String> why = whyNot(e);
      if (why.isEmpty()) {
        throw SqlFailures.translate(
            e, ErrorCode.CLEANUP_INCOMPLETE, "Bringing back " + name + " on the target");
      }
      ledger.undone(control, resource);
      control.commit();
      return name + why.get();
    } finally {
      control.setAutoCommit(true);
    }
  }

  /** What cannot come back, and need not keep a migration from being given up. */
  private static Optional<String> whyNot(SQLException error) {
    if (SqlStates.is(error, SqlStates.FOREIGN_KEY_VIOLATION)) {
      return Optional.of(": stays NOT VALID, since rows it points at are not there");
    }
    boolean gone =
        Stream.of(SqlStates.UNDEFINED_TABLE, SqlStates.UNDEFINED_OBJECT, SqlStates.UNDEFINED_SCHEMA)
            .anyMatch(state -> SqlStates.is(error, state));
    return gone
        ? Optional.of(": not brought back, since what it belongs to is gone")
        : Optional.empty();
  }

  private List<String> left(Connection connection, Side side) throws SQLException {
    var slots = new ArrayList<>(SourceObjects.publicationNames(config));
    slots.add(SourceObjects.temporarySlotName(config));
    slots.add(WayBack.name(config));
    var publications = new ArrayList<>(SourceObjects.publicationNames(config));
    publications.add(WayBack.name(config));
    var left =
        new ArrayList<>(
            Sql.query(
                connection,
                """
                SELECT 'slot ' || slot_name FROM pg_replication_slots
                WHERE slot_name = ANY (?) AND database = current_database()
                UNION ALL
                SELECT 'publication ' || pubname FROM pg_publication WHERE pubname = ANY (?)
                """,
                row -> side + " " + row.getString(1),
                (Object) slots.toArray(String[]::new),
                publications.toArray(String[]::new)));
    if (side == Side.SOURCE && StateStore.find(connection, config.name()).isPresent()) {
      left.add("source state of " + config.name());
    }
    return left;
  }
}
