package dev.pgportage.schema;

import dev.pgportage.MigrationException;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.SchemaItem.Stage;
import dev.pgportage.state.Run;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Makes the schema on the target, stage by stage, each object in one transaction with the note that
 * it is done: calling a stage again does only what is missing.
 *
 * <p>The stages in their order: {@link #applyPreData}; {@link #applyKeysAndIndexes} for each table
 * as it is loaded, from any thread; {@link #finishIndexes}; {@link #applyDependents}; {@link
 * #createTriggers}; {@link #addForeignKeys}; {@link #validateForeignKeys}; {@link #open}; {@link
 * #refreshMaterializedViews} and {@link #analyze} whenever it is useful. All but {@link
 * #applyKeysAndIndexes} throw a {@link MigrationException}: SCHEMA_APPLY_FAILED,
 * CONSTRAINT_VIOLATED or PRIVILEGE_MISSING, naming the object.
 */
public final class SchemaApplier implements AutoCloseable {
  /** What the resource ledger calls things taken off the tables of a schema the user made. */
  public static final String PARKED = "parked";

  /** Once the target is open, forced row security counts for the view's owner, as on the source. */
  private static final String ROWS_AS_ITS_OWNER_SEES_THEM = "SET LOCAL row_security = on; ";

  private final SchemaPlan plan;
  private final ItemRunner runner;
  private final IndexBuild build;
  private final Set<QualifiedName> analyzed = ConcurrentHashMap.newKeySet();

  /** An applier that builds so many indexes at once, with the memory the server gives them. */
  public SchemaApplier(Database target, Run run, SchemaPlan plan, int workers) {
    this(target, run, plan, new IndexResources(workers, 0));
  }

  /**
   * An applier that goes on where the last run stopped.
   *
   * @param resources what index builds may take
   */
  public SchemaApplier(Database target, Run run, SchemaPlan plan, IndexResources resources) {
    this.plan = plan;
    runner = new ItemRunner(target, run, plan);
    build = new IndexBuild(runner, plan, resources);
  }

  /** Whether anything of the plan is done, by this run or an earlier one. */
  public boolean hasBegun() {
    return plan.items().stream().anyMatch(runner::isDone);
  }

  /** Makes everything that must be there before rows. */
  public void applyPreData() {
    plan.requireUnblocked();
    runner.runAll(plan.of(Stage.PRE_DATA));
  }

  /**
   * Begins a loaded table's keys and indexes, then its statistics, and returns at once. A failure
   * of any of them is thrown by the next call, or by {@link #finishIndexes}.
   */
  public void applyKeysAndIndexes(Table table) {
    build.begin(
        table.name(),
        connection -> {
          // A partition's are gathered with those of its root.
          if (table.partitionRoot().isEmpty()) {
            analyze(connection, table.name());
          }
        });
  }

  private void analyze(Connection connection, QualifiedName table) throws SQLException {
    Sql.execute(connection, "ANALYZE " + table.sql());
    connection.commit();
    analyzed.add(table);
  }

  /** Waits for the keys and indexes begun so far. */
  public void awaitIndexes() {
    build.await();
  }

  /** Waits for all keys and indexes, those of tables nobody named included, and ties them up. */
  public void finishIndexes() {
    Stream.of(Stage.KEYS, Stage.INDEXES)
        .flatMap(stage -> plan.of(stage).stream())
        .flatMap(item -> item.table().stream())
        .distinct()
        .filter(this::isNotPartitioned)
        .forEach(table -> build.begin(table, _ -> {}));
    build.await();
    runner.runAll(plan.of(Stage.KEYS));
    runner.runAll(plan.of(Stage.INDEXES));
  }

  /** Partitioned tables' own keys are empty shells, made at last in their order. */
  private boolean isNotPartitioned(QualifiedName table) {
    return !plan.isPartitioned(table);
  }

  /** Makes what needs a key: some views and functions, checks that are made apart. */
  public void applyDependents() {
    runner.runAll(plan.of(Stage.NEEDS_KEYS));
  }

  /** Makes triggers and rules; those on tables rest until {@link #open}. */
  public void createTriggers() {
    runner.runAll(plan.of(Stage.TRIGGERS));
  }

  /**
   * Adds the foreign keys, without looking at the rows where that is possible: it is not for
   * partitioned tables on targets before 18.
   */
  public void addForeignKeys() {
    runner.runAll(plan.of(Stage.FOREIGN_KEYS));
  }

  /** Checks the rows against the foreign keys; replication may go on meanwhile. */
  public void validateForeignKeys() {
    plan.of(Stage.VALIDATION).stream().filter(item -> !runner.isDone(item)).forEach(build::submit);
    build.await();
  }

  /** Something done in the transaction of others. */
  @FunctionalInterface
  public interface Last {
    /** Runs before the commit. */
    void accept(Connection transaction) throws SQLException;
  }

  /**
   * Opens the target in one transaction: triggers and rules fire as on the source, row security is
   * on.
   *
   * @param last done in the same transaction, as its last act: the note that the target is open
   */
  public void open(Last last) {
    runner.runTogether(plan.of(Stage.OPENING), last);
  }

  /** Fills the materialized views that hold rows on the source, in the order they depend. */
  public void refreshMaterializedViews() {
    build.submit(
        connection -> {
          for (SchemaItem item : plan.of(Stage.AFTER)) {
            try {
              Sql.execute(connection, ROWS_AS_ITS_OWNER_SEES_THEM + item.sql());
              connection.commit();
            } catch (SQLException e) {
              throw ItemRunner.failure(item, e);
            }
          }
        });
    build.await();
  }

  /** Gathers the planner's statistics of all tables of the set, but for those just loaded. */
  public void analyze(ObjectSet set) {
    analyze(set.tables().stream().map(ObjectSet.Member::table).toList());
  }

  /** The same of these tables. */
  public void analyze(List<Table> all) {
    List<Table> tables =
        all.stream()
            .filter(table -> table.partitionRoot().isEmpty())
            .filter(table -> !analyzed.contains(table.name()))
            .toList();
    for (Table table : tables) {
      build.submit(connection -> analyze(connection, table.name()));
    }
    build.await();
  }

  /** Stops what is under way; it is made anew by the next run. */
  @Override
  public void close() {
    build.close();
  }
}
