package dev.pgportage.assess;

import dev.pgportage.ErrorCode;
import dev.pgportage.assess.AssessmentReport.Outcome;
import dev.pgportage.assess.AssessmentReport.Status;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.pg.SqlStates;
import dev.pgportage.schema.SchemaPlan;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Asks every check of the registry, on two sessions of its own.
 *
 * <p>Changes nothing on either database. A check that fails is a finding, never a pass; only a lost
 * connection ends the assessment.
 */
public final class Assessment {
  private final AssessmentContext context;
  private final Subjects subjects;
  private final List<Finding> findings = new ArrayList<>();
  private final List<Outcome> outcomes = new ArrayList<>();

  private Assessment(AssessmentContext context, Subjects subjects) {
    this.context = context;
    this.subjects = subjects;
  }

  /**
   * What came of an assessment.
   *
   * @param schema what would be done with the schema's objects, where pgportage is to make it and
   *     could tell
   */
  public record Result(AssessmentReport report, Optional<SchemaPlan> schema) {}

  /**
   * Assesses a migration.
   *
   * @throws dev.pgportage.MigrationException if a database cannot be reached
   */
  public static Result run(AssessmentContext context) {
    return run(context, Checks.ALL);
  }

  /** Assesses a migration with some of the checks. */
  static Result run(AssessmentContext context, List<Check> checks) {
    try (var source = context.source().open("assess");
        var target = context.target().open("assess");
        var subjects =
            new Subjects(
                Session.on(context.source(), source), Session.on(context.target(), target))) {
      if (checks.contains(SchemaChecks.SCHEMA) && SchemaChecks.SCHEMA.scope().holds(context)) {
        subjects.beginDraft(context);
      }
      var assessment = new Assessment(context, subjects);
      for (Check check : checks) {
        assessment.ask(check);
      }
      return new Result(
          assessment.report(), subjects.schemaDraftIfBegun().flatMap(SchemaDraft::plan));
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Assessing the databases");
    }
  }

  private AssessmentReport report() throws SQLException {
    findings.sort(Comparator.comparing(Finding::severity));
    return new AssessmentReport(findings, outcomes, Inventory.of(subjects, context));
  }

  private void ask(Check check) throws SQLException {
    for (Side side : check.sides()) {
      if (!check.scope().holds(context)) {
        note(check, side, Status.SKIPPED, "made " + check.scope().text());
        continue;
      }
      var examination = new Examination(check, side, context, subjects);
      try {
        check.body().examine(examination);
      } catch (SQLException e) {
        settle(subjects.source().connection(), e);
        settle(subjects.target().connection(), e);
        examination.unknown(SqlFailures.describe(e), check.fix());
      }
      findings.addAll(examination.findings());
      note(check, side, statusOf(examination), "");
    }
  }

  /** Makes the session fit for the next check; throws the failure on if the session is lost. */
  private static void settle(Connection connection, SQLException failure) throws SQLException {
    if (SqlStates.isConnectionFailure(failure) || connection.isClosed()) {
      throw failure;
    }
    if (!connection.getAutoCommit()) {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  private static Status statusOf(Examination examination) {
    if (examination.isUnknown()) {
      return Status.UNKNOWN;
    }
    return examination.findings().isEmpty() ? Status.PASSED : Status.FOUND;
  }

  private void note(Check check, Side side, Status status, String note) {
    outcomes.add(new Outcome(check.id(), check.title(), side, status, note));
  }
}
