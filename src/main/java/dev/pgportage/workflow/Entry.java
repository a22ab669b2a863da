package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Database;
import dev.pgportage.state.StateStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/** A migration's entry in the target's state: from there on it is known, and can be resumed. */
final class Entry {
  private Entry() {}

  /** Whether a step of the migration was begun; a mere entry may hold fixes only. */
  static boolean hasBegun(Optional<StateStore.Migration> entry) {
    return entry.isPresent() && !entry.get().phase().equals(StateStore.NEW);
  }

  /**
   * Enters the migration, unless it is there; one that has not begun takes the settings of now.
   *
   * @throws MigrationException CONFIG_CHANGED if it was begun with others
   */
  static void enter(MigrationConfig config) throws SQLException {
    var target = new Database(config.target(), Databases.application(config.name()));
    String source = Fingerprints.source(config);
    try (Connection connection = target.open("status")) {
      StateStore.create(connection);
      StateStore.enter(
          connection, config.name(), config.type().toString(), source, config.settingsHash());
      StateStore.Migration entered = StateStore.find(connection, config.name()).orElseThrow();
      if (!entered.source().equals(source)) {
        throw new MigrationException(
            ErrorCode.CONFIG_CHANGED,
            "Migration " + config.name() + " was begun from another source database");
      }
      if (!entered.settingsHash().equals(config.settingsHash())) {
        throw new MigrationException(
            ErrorCode.CONFIG_CHANGED,
            "Migration " + config.name() + " was begun with another type, filters or schema mode");
      }
    }
  }
}
