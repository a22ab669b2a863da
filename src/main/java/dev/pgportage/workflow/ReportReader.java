package dev.pgportage.workflow;

import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.SettingsText;
import dev.pgportage.cutover.CutoverReport;
import dev.pgportage.cutover.RollbackReport;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Sql;
import dev.pgportage.state.RequestKind;
import dev.pgportage.state.Requests;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the record of a migration, without taking part in it. */
final class ReportReader {
  private final MigrationConfig config;

  ReportReader(MigrationConfig config) {
    this.config = config;
  }

  /**
   * Everything the state knows.
   *
   * @throws MigrationException MIGRATION_UNKNOWN if it was never begun
   */
  MigrationReport read() throws SQLException {
    var target = new Database(config.target(), Databases.application(config.name()));
    StatusReport status = new StatusReader(config).read();
    HistoryReport history = new HistoryReader(config).read();
    try (Connection state = target.open("status")) {
      return new MigrationReport(
          Instant.now(),
          status,
          history,
          outcome(state, RequestKind.CUTOVER, CutoverReport.class),
          outcome(state, RequestKind.ROLLBACK, RollbackReport.class),
          requests(state),
          resources(state),
          SettingsText.of(config),
          environment(state));
    }
  }

  private <T> Optional<T> outcome(Connection state, RequestKind kind, Class<T> type)
      throws SQLException {
    return Sql.queryFirst(
            state,
            """
            SELECT outcome FROM pgportage.request
            WHERE migration = ? AND kind = ? AND outcome IS NOT NULL
            ORDER BY id DESC LIMIT 1
            """,
            row -> row.getString(1),
            config.name(),
            kind.label())
        .map(json -> Session.read(json, type));
  }

  private List<MigrationReport.Asked> requests(Connection state) throws SQLException {
    return new Requests(config.name())
        .all(state).stream()
            .map(
                request ->
                    new MigrationReport.Asked(
                        request.kind(),
                        request.at(),
                        request.finishedAt(),
                        request
                            .error()
                            .map(json -> Session.read(json, RequestFailure.class))
                            .map(failure -> failure.code() + ": " + failure.what())))
            .toList();
  }

  private List<MigrationReport.Resource> resources(Connection state) throws SQLException {
    return Sql.query(
        state,
        """
        SELECT side, kind, name, made_at, undone_at FROM pgportage.resource
        WHERE migration = ? ORDER BY id
        """,
        row ->
            new MigrationReport.Resource(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                Optional.ofNullable(row.getTimestamp(4)).map(Timestamp::toInstant),
                Optional.ofNullable(row.getTimestamp(5)).map(Timestamp::toInstant)),
        config.name());
  }

  private Map<String, String> environment(Connection state) throws SQLException {
    var facts = new LinkedHashMap<String, String>();
    facts.put("source", config.source() + ", " + sourceVersion());
    facts.put("target", config.target() + ", PostgreSQL " + version(state));
    String own = ReportReader.class.getPackage().getImplementationVersion();
    facts.put("pgportage", own == null ? "not packaged" : own);
    facts.put("Java", System.getProperty("java.vm.name") + " " + Runtime.version());
    facts.put(
        "operating system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    return facts;
  }

  private static String version(Connection connection) throws SQLException {
    return Sql.queryText(connection, "SHOW server_version").orElse("unknown");
  }

  private String sourceVersion() {
    var source = new Database(config.source(), Databases.application(config.name()));
    try (Connection connection = source.open("status")) {
      return "PostgreSQL " + version(connection);
    } catch (SQLException | MigrationException e) {
      // The record is wanted most when a side is gone.
      return "which does not answer now";
    }
  }
}
