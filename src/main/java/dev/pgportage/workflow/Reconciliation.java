package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.ddl.Interim;
import dev.pgportage.ddl.Reshaping;
import dev.pgportage.ddl.Shape;
import dev.pgportage.ddl.ShapeReader.Reading;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.pg.SqlStates;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.schema.SchemaPlanner;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.state.LoadLedger;
import dev.pgportage.state.TableState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Carries a change of the source's schema into the migration: each call is one transaction on the
 * target, so that it is made or not, whenever the process dies.
 */
final class Reconciliation {
  private static final List<StepName> DONE_AGAIN =
      List.of(
          StepName.SCHEMA,
          StepName.RELOAD,
          StepName.CATCH_UP,
          StepName.CONSTRAINTS,
          StepName.VALIDATION,
          StepName.READY);

  private static final List<String> HELD_BY_OTHERS =
      List.of("2BP01", "0A000", "42P16", "42P07", "42704", "3F000");

  private final Session session;
  private final Plan plan;

  Reconciliation(Session session, Plan plan) {
    this.session = session;
    this.plan = plan;
  }

  private interface Work {
    void on(Connection transaction) throws SQLException;
  }

  /** Replaces the plan: the steps that follow make what is missing on the target by it. */
  void replan(Reading now, Reshaping reshaping, Reshaping.NewPlan next) throws SQLException {
    inOneCommit(
        transaction -> {
          SchemaPlanner.replace(transaction, session.run(), next.plan());
          session.restoredObjects().replace(transaction, next.done());
          LoadLedger ledger = session.loadLedger();
          for (QualifiedName table : reshaping.forgotten()) {
            ledger.forget(transaction, table);
          }
          rename(transaction, reshaping.renamed());
          keep(transaction, now.shape(), now.objects());
          for (StepName step : DONE_AGAIN) {
            session.steps().forget(transaction, session.run(), step.label());
          }
          session.schemaChanges().settle(transaction, session.run());
          session.results().expire(transaction);
        });
  }

  /**
   * Lets the stream go on.
   *
   * @throws MigrationException SCHEMA_APPLY_FAILED if a statement fails for another reason than
   *     that something on the target hangs on a column
   */
  void letIn(Interim interim) throws SQLException {
    inOneCommit(
        transaction -> {
          for (String sql : interim.statements()) {
            try {
              Sql.execute(transaction, sql);
            } catch (SQLException e) {
              throw SqlFailures.translate(
                  e, ErrorCode.SCHEMA_APPLY_FAILED, "Following the source's schema");
            }
          }
          rename(transaction, interim.renamed());
          keep(transaction, interim.shape(), interim.objects());
          suspend(transaction, interim.suspended());
          session.results().expire(transaction);
        });
  }

  /** Passes over a table's changes until its rows are loaded again. */
  void suspend(QualifiedName table) throws SQLException {
    inOneCommit(
        transaction -> {
          suspend(transaction, Set.of(table));
          session.results().expire(transaction);
        });
  }

  /** Whether a statement waits for others: a view of it, a name in use, a type not made yet. */
  static boolean isHeldByOthers(MigrationException failure) {
    return failure.getCause() instanceof SQLException cause
        && HELD_BY_OTHERS.stream().anyMatch(state -> SqlStates.is(cause, state));
  }

  private void inOneCommit(Work work) throws SQLException {
    try (Connection transaction = session.target().open("ddl")) {
      transaction.setAutoCommit(false);
      work.on(transaction);
      CrashPoint.DDL_BEFORE_COMMIT.pass();
      transaction.commit();
      CrashPoint.DDL_AFTER_COMMIT.pass();
    }
  }

  private void rename(Connection transaction, Map<QualifiedName, QualifiedName> names)
      throws SQLException {
    for (Map.Entry<QualifiedName, QualifiedName> name : names.entrySet()) {
      session.loadLedger().rename(transaction, name.getKey(), name.getValue());
    }
  }

  private void suspend(Connection transaction, Set<QualifiedName> tables) throws SQLException {
    for (QualifiedName table : tables) {
      session.loadLedger().forgetChunks(transaction, table);
      session.loadLedger().save(transaction, table, new TableState.Planned());
    }
  }

  private void keep(Connection transaction, Shape shape, ObjectSet objects) throws SQLException {
    session.schemaChanges().saveShape(transaction, session.run(), Session.write(shape));
    session.done(
        transaction,
        StepName.ASSESS,
        new Plan(objects, plan.sourceVersion(), plan.targetVersion()));
  }
}
