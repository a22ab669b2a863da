package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.MigrationConfig.Schema.Mode;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.schema.SchemaApplier;
import dev.pgportage.schema.SchemaItem;
import dev.pgportage.schema.SchemaItem.Decision;
import dev.pgportage.schema.SchemaPlan;
import dev.pgportage.schema.SchemaPlanner;
import dev.pgportage.schema.StructureCheck;
import dev.pgportage.state.StateStore;
import dev.pgportage.telemetry.Monitor;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Makes a migration's schema and nothing else; what is made is noted as {@code migrate} does. */
final class SchemaRun {
  private final MigrationConfig config;
  private final Monitor monitor;

  SchemaRun(MigrationConfig config, Monitor monitor) {
    this.config = config;
    this.monitor = monitor;
  }

  /** How far the schema is made. */
  enum Upto {
    /** What must be there before rows. */
    TABLES,
    /** Keys and indexes too, for rows that others carry. */
    INDEXES,
    /** All of it, open at once. */
    ALL
  }

  SchemaReport run(Upto upto) throws SQLException {
    if (config.schema().mode() != Mode.MANAGED) {
      return present(upto);
    }
    var assessing = new Assessing(config);
    Optional<SchemaPlan> drafted = Optional.empty();
    if (!hasBegun()) {
      SchemaPlan draft = planner().draft(assessing.resolve().objects());
      draft.requireUnblocked();
      drafted = Optional.of(draft);
    }
    Entry.enter(config);
    try (Session session =
        Session.open(config, Databases.of(config), new Supervision(monitor, new StopSignal()))) {
      if (upto != Upto.TABLES && session.isDone(StepName.ASSESS)) {
        throw new MigrationException(
            ErrorCode.WRONG_STEP, "'pgportage migrate' has begun with " + config.name());
      }
      Optional<Plan> kept = session.outcome(StepName.ASSESS, Plan.class);
      ObjectSet objects = kept.isPresent() ? kept.get().objects() : assessing.resolve().objects();
      SchemaPlan plan = planner().resume(session.run(), objects, drafted);
      requireUnchanged(plan);
      return make(session, plan, upto);
    }
  }

  /** What 'migrate' takes off a schema the user made, and brings back; nothing is done. */
  private SchemaReport present(Upto upto) throws SQLException {
    if (upto != Upto.TABLES) {
      throw new MigrationException(
          ErrorCode.WRONG_STEP, "schema.mode is not managed: the schema is yours to make");
    }
    var target = new Database(config.target(), Databases.application(config.name()));
    Optional<SchemaPlan> kept;
    try (Connection connection = target.open("status")) {
      kept =
          StateStore.find(connection, config.name()).isEmpty()
              ? Optional.empty()
              : SchemaPlanner.kept(connection, config.name());
    }
    SchemaPlan plan =
        kept.isPresent() ? kept.get() : planner().draft(new Assessing(config).resolve().objects());
    return new SchemaReport(config.name(), true, false, 0, 0, plan.items());
  }

  private boolean hasBegun() throws SQLException {
    var target = new Database(config.target(), Databases.application(config.name()));
    try (Connection connection = target.open("status")) {
      return Entry.hasBegun(StateStore.find(connection, config.name()));
    }
  }

  private SchemaPlanner planner() {
    String application = Databases.application(config.name());
    return new SchemaPlanner(
        new Database(config.source(), application),
        new Database(config.target(), application),
        config.schema());
  }

  private void requireUnchanged(SchemaPlan plan) throws SQLException {
    var source = new Database(config.source(), Databases.application(config.name()));
    try (Connection connection = source.open("schema")) {
      new StructureCheck(plan, config.filters()).requireUnchanged(connection);
    }
  }

  private SchemaReport make(Session session, SchemaPlan plan, Upto upto) throws SQLException {
    int before = session.restoredObjects().read(session.control()).size();
    int workers = config.load().indexWorkers();
    try (var applier = new SchemaApplier(session.target(), session.run(), plan, workers)) {
      session.redo(
          StepName.SCHEMA,
          () -> {
            if (upto != Upto.TABLES) {
              // From here on rows that 'migrate' copied would meet keys and triggers.
              StateStore.phase(session.control(), session.run(), Phases.SCHEMA_MADE);
            }
            applier.applyPreData();
            return Replicating.Done.DONE;
          });
      if (upto == Upto.INDEXES) {
        applier.finishIndexes();
      } else if (upto == Upto.ALL) {
        finish(session, applier);
      }
    }
    int made = session.restoredObjects().read(session.control()).size() - before;
    List<SchemaItem> notable =
        plan.items().stream().filter(item -> item.decision() != Decision.APPLY).toList();
    return new SchemaReport(config.name(), false, upto == Upto.ALL, made, before, notable);
  }

  /**
   * Makes what of the schema must come after rows that others carried, and opens the target.
   *
   * @param last in the transaction that opens it
   * @return false if it was not pgportage that made the schema: then only the last is done
   */
  boolean open(Session session, SchemaApplier.Last last) throws SQLException {
    Optional<SchemaApplier> kept = kept(session);
    if (kept.isEmpty()) {
      last.accept(session.control());
      return false;
    }
    try (SchemaApplier applier = kept.get()) {
      complete(applier, last);
    }
    return true;
  }

  /** Gathers statistics of tables whose rows others carried; does nothing to a foreign schema. */
  void analyze(Session session, Predicate<QualifiedName> wanted) throws SQLException {
    Optional<SchemaApplier> kept = kept(session);
    if (kept.isPresent()) {
      try (SchemaApplier applier = kept.get()) {
        applier.analyze(
            new Assessing(config)
                .resolve().objects().tables().stream()
                    .map(ObjectSet.Member::table)
                    .filter(table -> wanted.test(table.name()))
                    .toList());
      }
    }
  }

  /** Fills the materialized views of a target that is open; does nothing to a foreign schema. */
  void refresh(Session session) throws SQLException {
    Optional<SchemaApplier> kept = kept(session);
    if (kept.isPresent()) {
      try (SchemaApplier applier = kept.get()) {
        applier.refreshMaterializedViews();
      }
    }
  }

  private Optional<SchemaApplier> kept(Session session) throws SQLException {
    if (SchemaPlanner.kept(session.control(), config.name()).isEmpty()) {
      return Optional.empty();
    }
    SchemaPlan plan = planner().resume(session.run(), new Assessing(config).resolve().objects());
    int workers = config.load().indexWorkers();
    return Optional.of(new SchemaApplier(session.target(), session.run(), plan, workers));
  }

  /**
   * Requires that the source's tables look as they did when the schema was made.
   *
   * @param others patterns of tables that are none of the application's
   */
  void requireUnchangedBut(Session session, List<String> others) throws SQLException {
    Optional<SchemaPlan> kept = SchemaPlanner.kept(session.control(), config.name());
    if (kept.isPresent()) {
      var exclude = new ArrayList<>(config.filters().exclude());
      exclude.addAll(others);
      var filters = new MigrationConfig.Filters(config.filters().include(), exclude);
      try (Connection connection = session.source().open("schema")) {
        new StructureCheck(kept.get(), filters).requireUnchanged(connection);
      }
    }
  }

  private static void finish(Session session, SchemaApplier applier) throws SQLException {
    complete(applier, _ -> {});
    applier.refreshMaterializedViews();
    StateStore.phase(session.control(), session.run(), Phases.SCHEMA_MADE);
  }

  private static void complete(SchemaApplier applier, SchemaApplier.Last last) {
    applier.finishIndexes();
    applier.applyDependents();
    applier.createTriggers();
    applier.addForeignKeys();
    applier.validateForeignKeys();
    applier.open(last);
  }
}
