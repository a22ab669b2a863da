package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.cdc.Replication;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.schema.CatalogDiff;
import dev.pgportage.schema.IndexResources;
import dev.pgportage.schema.SchemaApplier;
import dev.pgportage.schema.SchemaPlan;
import dev.pgportage.schema.SchemaPlanner;
import dev.pgportage.schema.StructureCheck;
import dev.pgportage.schema.Table;
import dev.pgportage.schema.VerificationCounts;
import dev.pgportage.telemetry.Event;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** The schema's part in every step: what of it is made on the target when. */
final class SchemaStage implements AutoCloseable {
  private final Session session;
  private final Plan plan;
  private final SchemaPlan schema;
  private final SchemaApplier applier;

  private SchemaStage(Session session, Plan plan, SchemaPlan schema) {
    this.session = session;
    this.plan = plan;
    this.schema = schema;
    MigrationConfig.Load load = session.config().load();
    this.applier =
        new SchemaApplier(
            session.target(),
            session.run(),
            schema,
            new IndexResources(load.indexWorkers(), load.indexMemory()));
  }

  /**
   * Decides once what is done with every object, and makes what must be there before rows.
   *
   * @param drafted what the assessment would do with them, if it was made a moment ago
   */
  static SchemaStage prepare(Session session, Plan plan, Optional<SchemaPlan> drafted)
      throws SQLException {
    MigrationConfig.Schema settings = session.config().schema();
    SchemaPlan schema =
        new SchemaPlanner(session.source(), session.target(), settings)
            .resume(session.run(), plan.objects(), drafted);
    var stage = new SchemaStage(session, plan, schema);
    try {
      session.step(
          StepName.SCHEMA,
          Replicating.Done.class,
          () -> {
            if (settings.mode() != MigrationConfig.Schema.Mode.MANAGED
                && !stage.applier.hasBegun()) {
              stage.requireRowsFit();
            }
            stage.applier.applyPreData();
            return Replicating.Done.DONE;
          });
      return stage;
    } catch (SQLException | RuntimeException e) {
      stage.close();
      throw e;
    }
  }

  /** A schema the user made must hold the rows; what else is missing is told before they come. */
  private void requireRowsFit() {
    CatalogDiff.require(differences(CatalogDiff.Depth.ROWS));
    tell(differences(CatalogDiff.Depth.READY));
  }

  /** What is done with every object. */
  SchemaPlan plan() {
    return schema;
  }

  /** Waits for the keys and indexes begun so far. */
  void awaitIndexes() {
    applier.awaitIndexes();
  }

  /** Begins a loaded table's keys, indexes and statistics; returns at once, from any thread. */
  void tableLoaded(Table table) {
    applier.applyKeysAndIndexes(table);
  }

  /** Waits for all keys and indexes. */
  void finishIndexes() {
    applier.finishIndexes();
  }

  /** Triggers, which rest, and foreign keys, while replication goes on. */
  void constrain(Replication replication) {
    // What the source got since the load: its rows fit once they are applied.
    applier.finishIndexes();
    applier.applyDependents();
    if (replication.streams() > 1) {
      // Only while all streams stand at one position do rows of different ones fit together; that
      // would be too long for checking foreign keys, which wait until the target is open.
      atOnePosition(
          replication,
          () -> {
            bind();
            applier.refreshMaterializedViews();
          });
    } else {
      replication.whilePaused(
          () -> {
            bind();
            return true;
          });
      if (session.replicaRole()) {
        applier.validateForeignKeys();
      }
      applier.refreshMaterializedViews();
    }
    settle();
  }

  private void bind() {
    applier.createTriggers();
    if (session.replicaRole()) {
      applier.addForeignKeys();
    }
  }

  private void atOnePosition(Replication replication, Runnable work) {
    try {
      replication.<Boolean, SQLException>holdAt(
          session::mark,
          () -> {
            work.run();
            return true;
          });
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Sending a mark");
    }
  }

  /** Triggers, which rest, and foreign keys, where nothing replicates. */
  void constrainQuiet() {
    applier.applyDependents();
    applier.createTriggers();
    applier.addForeignKeys();
    applier.validateForeignKeys();
    applier.refreshMaterializedViews();
    settle();
  }

  private void settle() {
    applier.analyze(plan.objects());
    CatalogDiff.require(differences(CatalogDiff.Depth.READY));
  }

  private List<CatalogDiff.Difference> differences(CatalogDiff.Depth depth) {
    try (Connection source = session.source().open("schema");
        Connection target = session.target().open("schema")) {
      return CatalogDiff.between(source, target, plan.objects(), schema, depth);
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Comparing both catalogs");
    }
  }

  /** Tells what both sides hold, schema by schema, and what differs: the target is open already. */
  private void tellVerification() {
    try (Connection source = session.source().open("schema");
        Connection target = session.target().open("schema")) {
      for (VerificationCounts.Row row :
          VerificationCounts.between(source, target, plan.objects())) {
        String text =
            String.format(
                "Schema %s: %d tables, %d sequences, %d indexes on the source; %d, %d, %d on the"
                    + " target",
                row.schema(),
                row.source().tables(),
                row.source().sequences(),
                row.source().indexes(),
                row.target().tables(),
                row.target().sequences(),
                row.target().indexes());
        session
            .monitor()
            .event(
                row.equal()
                    ? Event.info("schema.counts", text)
                    : Event.warning("schema.counts", text));
      }
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Counting objects on both sides");
    }
    tell(differences(CatalogDiff.Depth.OPENED));
  }

  private void tell(List<CatalogDiff.Difference> differences) {
    for (CatalogDiff.Difference difference : differences) {
      session.monitor().event(Event.warning("schema.difference", difference.toString()));
    }
  }

  /**
   * Requires that the source's tables look as they did when the migration began.
   *
   * @throws dev.pgportage.MigrationException SCHEMA_CHANGED naming what changed
   */
  void requireUnchanged() {
    try (Connection source = session.source().open("schema")) {
      new StructureCheck(schema, session.config().filters()).requireUnchanged(source);
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Reading the schema of the source");
    }
  }

  /**
   * Opens the target: foreign keys, unless they are there, then triggers and row security in one
   * commit with the step's own note.
   *
   * @param lastLook keeps the target closed by failing; asked right before the commit
   */
  void open(LastLook lastLook) {
    applier.addForeignKeys();
    applier.open(
        transaction -> {
          lastLook.look();
          Resting.end(session, transaction);
          session.done(transaction, StepName.OPEN, Replicating.Done.DONE);
        });
  }

  /** Fails if the target must stay closed. */
  @FunctionalInterface
  interface LastLook {
    void look() throws SQLException;
  }

  /** What may follow after the target is open. */
  void finish() {
    applier.validateForeignKeys();
    applier.refreshMaterializedViews();
    tellVerification();
  }

  @Override
  public void close() {
    applier.close();
  }
}
