package dev.pgportage.workflow;

import dev.pgportage.pg.ExportedSnapshot;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.state.TableState;
import dev.pgportage.validation.Subject;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;

/**
 * A full load without replication: one snapshot copied and proven against itself while the source
 * goes on, then opened.
 */
final class Copying {
  private final Session session;
  private final Plan plan;
  private final StopSignal stop;
  private final SchemaStage schema;

  Copying(Session session, Plan plan, StopSignal stop, SchemaStage schema) {
    this.session = session;
    this.plan = plan;
    this.stop = stop;
    this.schema = schema;
  }

  Outcome run() throws SQLException {
    if (!session.isDone(StepName.VALIDATION)) {
      copyAndProve();
    }
    session.step(StepName.CONSTRAINTS, Replicating.Done.class, this::constrain);
    session.step(StepName.SEQUENCES, Replicating.Done.class, this::setSequences);
    session.step(
        StepName.OPEN,
        Replicating.Done.class,
        () -> {
          // Nothing is fenced: what is written to the source meanwhile is not carried over anyway.
          schema.open(() -> {});
          return Replicating.Done.DONE;
        });
    new Finishing(session, schema).run(Phases.LOADED);
    return Outcome.LOADED;
  }

  /**
   * Tables copied under one snapshot cannot be completed under another when nothing replicates the
   * difference: after an interruption all of them begin anew.
   */
  private void copyAndProve() throws SQLException {
    session.steps().forget(session.control(), session.run(), StepName.LOAD.label());
    session.steps().forget(session.control(), session.run(), StepName.LARGE_OBJECTS.label());
    for (Map.Entry<QualifiedName, TableState> entry :
        session.loadLedger().tables(session.control()).entrySet()) {
      if (entry.getValue() instanceof TableState.Copied copied) {
        session.loadLedger().save(session.control(), entry.getKey(), copied.recopying(Lsn.ZERO));
      }
    }
    try (ExportedSnapshot snapshot = ExportedSnapshot.take(session.source())) {
      new LoadStep(session, plan, stop, schema, () -> {}, Map.of()).run(() -> snapshot);
      session.step(StepName.VALIDATION, Replicating.Done.class, () -> prove(snapshot));
    }
  }

  private Replicating.Done prove(ExportedSnapshot source) {
    try (var target = ExportedSnapshot.take(session.target())) {
      new Proving(session, Proofs.none())
          .compare(
              source,
              target,
              plan.objects().rowHolders().stream()
                  .map(member -> Subject.whole(member.table()))
                  .toList(),
              Optional.empty())
          .orThrow();
      return Replicating.Done.DONE;
    }
  }

  private Replicating.Done constrain() {
    schema.constrainQuiet();
    return Replicating.Done.DONE;
  }

  private Replicating.Done setSequences() throws SQLException {
    session.carrySequences(plan.objects().sequences());
    return Replicating.Done.DONE;
  }
}
