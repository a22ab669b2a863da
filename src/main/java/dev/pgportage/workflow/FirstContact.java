package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Slots;
import dev.pgportage.state.StateStore;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * The first look at both databases: whoever has just typed a wrong address is told at once. Where
 * either side knows the migration, its address was right before, and what is down may come back.
 */
final class FirstContact {
  private final MigrationConfig config;
  private final Database source;
  private final Database target;

  FirstContact(MigrationConfig config) {
    this.config = config;
    source = new Database(config.source(), Databases.application(config.name()));
    target = new Database(config.target(), Databases.application(config.name()));
  }

  /**
   * Reaches both.
   *
   * @throws MigrationException why one cannot be reached, if the migration is new or waiting cannot
   *     help
   */
  void requireUnlessKnown() throws SQLException {
    if (!isEntered()) {
      source.open("probe").close();
    }
  }

  private boolean isEntered() throws SQLException {
    try (Connection connection = target.open("probe")) {
      return StateStore.find(connection, config.name()).isPresent();
    } catch (MigrationException e) {
      if (e.code().retry() == ErrorCode.Retry.YES && sourceHasSlot(e)) {
        return true;
      }
      throw e;
    }
  }

  /** Whether the source, at least, has met the migration before. */
  private boolean sourceHasSlot(MigrationException targetIsDown) throws SQLException {
    try (Connection connection = source.open("probe")) {
      return Slots.find(connection, SourceObjects.slotName(config)).isPresent();
    } catch (MigrationException e) {
      targetIsDown.addSuppressed(e);
      return false;
    }
  }
}
