package dev.pgportage.workflow;

import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Database;
import dev.pgportage.state.EventLog;
import dev.pgportage.state.StateStore;
import dev.pgportage.state.StepAttempts;
import dev.pgportage.state.StepLog;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Reads the audit trail of a migration, without taking part in it. */
final class HistoryReader {
  private final MigrationConfig config;

  HistoryReader(MigrationConfig config) {
    this.config = config;
  }

  /**
   * Everything that was ever tried, and everything that was ever told.
   *
   * @throws MigrationException MIGRATION_UNKNOWN if it was never begun
   */
  HistoryReport read() throws SQLException {
    var target = new Database(config.target(), Databases.application(config.name()));
    try (Connection state = target.open("status")) {
      StateStore.Migration migration = new StatusReader(config).migration(state);
      return new HistoryReport(
          migration.name(),
          migration.createdAt(),
          migration.phase(),
          migration.phaseSince(),
          steps(state, config),
          new StepAttempts(config.name()).all(state),
          new EventLog(config.name()).after(state, 0).stream().map(EventLog.Entry::event).toList());
    }
  }

  /** The steps of a migration's type; those not begun yet are pending. */
  static List<StepLog.Step> steps(Connection state, MigrationConfig config) throws SQLException {
    Map<String, StepLog.Step> begun =
        new StepLog(config.name())
            .all(state).stream().collect(Collectors.toMap(StepLog.Step::name, step -> step));
    return StepName.of(config.type()).stream()
        .filter(step -> step.isUsual() || begun.containsKey(step.label()))
        .map(StepName::label)
        .map(name -> begun.getOrDefault(name, StepLog.Step.pending(name)))
        .toList();
  }
}
