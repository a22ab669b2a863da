package dev.pgportage.schema;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.MigrationConfig.Filters;
import dev.pgportage.config.MigrationConfig.Schema.Mode;
import dev.pgportage.config.MigrationConfig.Schema.Park;
import dev.pgportage.pg.Database;
import dev.pgportage.state.Lease;
import dev.pgportage.state.Run;
import dev.pgportage.state.StateStore;
import dev.pgportage.testing.Programs;
import dev.pgportage.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** A schema on its way from one database to another, as the workflow would lead it. */
final class SchemaMigration implements AutoCloseable {
  private final TestDatabase sourceDatabase;
  private final TestDatabase targetDatabase;
  final Database source;
  final Database target;
  private final Lease lease;

  SchemaMigration(TestDatabase sourceDatabase, TestDatabase targetDatabase) throws SQLException {
    this.sourceDatabase = sourceDatabase;
    this.targetDatabase = targetDatabase;
    source = new Database(sourceDatabase.endpoint(), "pgportage test");
    target = new Database(targetDatabase.endpoint(), "pgportage test");
    try (Connection connection = target.open("state")) {
      StateStore.create(connection);
      StateStore.enter(connection, "test", "full-load", "source", "hash");
    }
    lease = StateStore.lease(target, "test", "the test");
  }

  Run run() {
    return lease.run();
  }

  Catalog catalog() throws SQLException {
    try (Connection connection = source.open("catalog")) {
      return CatalogReader.read(connection);
    }
  }

  ObjectSet set(Filters filters) throws SQLException {
    return ObjectSets.resolve(catalog(), filters, true);
  }

  SchemaPlanner planner(Mode mode) {
    return planner(new MigrationConfig.Schema(mode));
  }

  SchemaPlanner planner(MigrationConfig.Schema choices) {
    return new SchemaPlanner(source, target, choices);
  }

  SchemaPlanner planner(Mode mode, Park park) {
    return planner(new MigrationConfig.Schema(mode, park));
  }

  /** Leads the whole schema over, the rows copied by pg_dump and psql in between. */
  SchemaPlan carry(ObjectSet set) throws SQLException, IOException {
    SchemaPlan plan = planner(Mode.MANAGED).resume(run(), set);
    try (var applier = new SchemaApplier(target, run(), plan, 2)) {
      applier.applyPreData();
      copyRows();
      set.rowHolders().stream().limit(3).forEach(m -> applier.applyKeysAndIndexes(m.table()));
      applier.finishIndexes();
      applier.applyDependents();
      applier.createTriggers();
      applier.addForeignKeys();
      applier.validateForeignKeys();
      applier.refreshMaterializedViews();
      applier.analyze(set);
      applier.open(_ -> {});
      applier.refreshMaterializedViews();
    }
    return plan;
  }

  /** What the diff of both catalogs says. */
  List<CatalogDiff.Difference> differences(SchemaPlan plan, CatalogDiff.Depth depth)
      throws SQLException {
    return differences(set(Filters.none()), plan, depth);
  }

  /** The same over a set that filters left. */
  List<CatalogDiff.Difference> differences(ObjectSet set, SchemaPlan plan, CatalogDiff.Depth depth)
      throws SQLException {
    try (Connection here = source.open("diff");
        Connection there = target.open("diff")) {
      return CatalogDiff.between(here, there, set, plan, depth);
    }
  }

  private void copyRows() throws IOException {
    Path rows = Files.createTempFile("pgportage-rows", ".sql");
    try {
      Files.writeString(
          rows,
          Programs.dump(sourceDatabase.superuserUrl(), "--data-only", "--no-owner", "--no-blobs"));
      Programs.psql(targetDatabase.url(), rows);
    } finally {
      Files.delete(rows);
    }
  }

  /** The schema of a database as text, without what is never carried. */
  static String schemaOf(TestDatabase database) {
    return Programs.comparableDump(
        database.superuserUrl(),
        "--schema-only",
        "--no-owner",
        "--no-privileges",
        "--no-publications",
        "--no-subscriptions",
        "--exclude-schema=pgportage");
  }

  @Override
  public void close() {
    lease.close();
  }
}
