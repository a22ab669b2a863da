package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.pg.ExportedSnapshot;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.schema.Table;
import dev.pgportage.state.ValidationResults;
import dev.pgportage.telemetry.Event;
import dev.pgportage.validation.Validator;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * Compares tables of both sides in two snapshots that show the same moment, and keeps the results.
 */
final class Proving {
  private static final int LISTED = 20;

  private final Session session;

  Proving(Session session) {
    this.session = session;
  }

  /** Compares both sides as they are now: only where nobody writes. */
  ValidationReport quiet(List<Table> tables, Optional<Lsn> at) {
    try (var source = ExportedSnapshot.take(session.source());
        var target = ExportedSnapshot.take(session.target())) {
      return compare(source, target, tables, at);
    }
  }

  /** Compares two snapshots that show the same moment. */
  ValidationReport compare(
      ExportedSnapshot source, ExportedSnapshot target, List<Table> tables, Optional<Lsn> at) {
    if (tables.isEmpty()) {
      return new ValidationReport(session.config().name(), at, List.of());
    }
    var options = new Validator.Options(session.config().validation().workers(), LISTED, at);
    var validator = new Validator(source, target, options, session.monitor());
    try (Connection connection = session.target().open("results")) {
      return new ValidationReport(
          session.config().name(),
          at,
          validator.compare(tables, comparison -> save(connection, comparison.result())));
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Keeping results of the validation");
    }
  }

  private void save(Connection connection, ValidationResults.Result result) {
    if (!result.equal()) {
      session
          .monitor()
          .event(Event.warning("validation.difference", ValidationReport.describe(result)));
    }
    try {
      session.results().save(connection, result);
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Keeping a result of the validation");
    }
  }
}
