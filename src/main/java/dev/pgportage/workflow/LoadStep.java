package dev.pgportage.workflow;

import dev.pgportage.load.FullLoad;
import dev.pgportage.load.TouchedKeys;
import dev.pgportage.pg.ExportedSnapshot;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.schema.Table;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The full load of what a snapshot shows, with keys and indexes as soon as their rows are there.
 */
final class LoadStep {
  private final Session session;
  private final Plan plan;
  private final StopSignal stop;
  private final SchemaStage schema;
  private final Runnable meanwhile;
  private final Map<QualifiedName, TouchedKeys> touched;

  /**
   * A load.
   *
   * @param meanwhile called now and then; throws to end it
   * @param touched the rows touched since, for tables begun under another snapshot
   */
  LoadStep(
      Session session,
      Plan plan,
      StopSignal stop,
      SchemaStage schema,
      Runnable meanwhile,
      Map<QualifiedName, TouchedKeys> touched) {
    this.touched = touched;
    this.meanwhile = meanwhile;
    this.session = session;
    this.plan = plan;
    this.stop = stop;
    this.schema = schema;
  }

  /**
   * Loads rows, then large objects; what is in the ledger already is not loaded again.
   *
   * @param snapshot asked only if rows are left to load
   */
  void run(Supplier<ExportedSnapshot> snapshot) throws SQLException {
    session.step(StepName.LOAD, Replicating.Done.class, () -> rows(snapshot.get()));
    session.step(StepName.LARGE_OBJECTS, Replicating.Done.class, this::largeObjects);
  }

  /** Loads tables that are new since, or whose rows have to come again. */
  void again(Supplier<ExportedSnapshot> snapshot, Set<QualifiedName> tables) throws SQLException {
    session.redo(
        StepName.RELOAD,
        () -> {
          ExportedSnapshot held = snapshot.get();
          copy(
              held,
              table -> {
                if (tables.contains(table.name())) {
                  schema.tableLoaded(table);
                }
              });
          schema.awaitIndexes();
          return Replicating.Done.DONE;
        });
  }

  private void copy(ExportedSnapshot snapshot, Consumer<Table> whenComplete) {
    var load =
        new FullLoad(
                session.copyRoute(),
                session.config().load(),
                session.loadLedger(),
                session.monitor())
            .copying(Elsewhere.of(session));
    var listener =
        new FullLoad.Listener() {
          @Override
          public void complete(Table table) {
            whenComplete.accept(table);
          }

          @Override
          public void meanwhile() {
            session.writeEvents();
            meanwhile.run();
          }
        };
    stop.interrupting(() -> load.run(plan.objects(), snapshot.snapshot(), touched, listener));
    snapshot.requireAlive();
  }

  private Replicating.Done rows(ExportedSnapshot snapshot) {
    copy(snapshot, schema::tableLoaded);
    schema.finishIndexes();
    return Replicating.Done.DONE;
  }

  private Replicating.Done largeObjects() {
    new RecopyStep(session, plan).copyLargeObjects();
    return Replicating.Done.DONE;
  }
}
