package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.assess.Assessment;
import dev.pgportage.assess.AssessmentContext;
import dev.pgportage.assess.AssessmentReport;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.MigrationConfig.Filters;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.ServerVersion;
import dev.pgportage.pg.Side;
import dev.pgportage.schema.Catalog;
import dev.pgportage.schema.CatalogReader;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.schema.ObjectSets;
import dev.pgportage.schema.SchemaPlan;
import dev.pgportage.state.ResourceLedger;
import dev.pgportage.state.StateStore;
import dev.pgportage.state.StepLog;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Resolves what a migration is about, and has it assessed; changes nothing on either side. */
final class Assessing {
  private final MigrationConfig config;

  Assessing(MigrationConfig config) {
    this.config = config;
  }

  /** Resolves and assesses, whatever the findings. */
  AssessmentReport run() throws SQLException {
    return assess(resolve(isAssessed() ? ObjectSets::follow : ObjectSets::resolve)).report();
  }

  /**
   * What a migration is about, assessed, with nothing against it.
   *
   * @param schema what would be done with the schema's objects, if pgportage makes it
   */
  record Assessed(Plan plan, Optional<SchemaPlan> schema) {}

  /**
   * Resolves and assesses.
   *
   * @throws MigrationException if a finding blocks
   */
  Assessed passed() throws SQLException {
    Plan plan = resolve();
    Assessment.Result result = assess(plan);
    result
        .report()
        .failure()
        .ifPresent(
            failure -> {
              throw failure;
            });
    return new Assessed(plan, result.schema());
  }

  /** Resolves alone. */
  Plan resolve() throws SQLException {
    return resolve(ObjectSets::resolve);
  }

  /** How filters become an object set. */
  private interface Resolution {
    ObjectSet of(Catalog catalog, Filters filters, boolean largeObjects);
  }

  /** Whether the filters matched once; what they name may have been dropped since. */
  private boolean isAssessed() throws SQLException {
    var target = new Database(config.target(), Databases.application(config.name()));
    try (Connection connection = target.open("status")) {
      return StateStore.find(connection, config.name()).isPresent()
          && new StepLog(config.name()).isDone(connection, StepName.ASSESS.label());
    }
  }

  private Plan resolve(Resolution resolution) throws SQLException {
    String application = Databases.application(config.name());
    // Both are tried before anything is asked of either: a wrong password should cost no wait.
    try (Connection source = new Database(config.source(), application).open("assess");
        Connection target = new Database(config.target(), application).open("assess")) {
      ObjectSet objects = objects(CatalogReader.read(source), config, resolution);
      if (objects.rowHolders().isEmpty()) {
        throw new MigrationException(
            ErrorCode.NOTHING_SELECTED, "The source has no table that holds rows");
      }
      return new Plan(
          objects, ServerVersion.of(source).number(), ServerVersion.of(target).number());
    }
  }

  /** What the filters select of the source. */
  static ObjectSet objects(Catalog catalog, MigrationConfig config) {
    return objects(catalog, config, ObjectSets::resolve);
  }

  private static ObjectSet objects(Catalog catalog, MigrationConfig config, Resolution resolution) {
    // Large objects belong to no schema: they travel with the whole database only.
    boolean largeObjects = config.filters().isEmpty();
    return resolution.of(catalog, config.filters(), largeObjects);
  }

  private Assessment.Result assess(Plan plan) throws SQLException {
    String application = Databases.application(config.name());
    var source = new Database(config.source(), application);
    var target = new Database(config.target(), application);
    List<ResourceLedger.Resource> ours = ours(target);
    return Assessment.run(
        new AssessmentContext(
            source,
            target,
            config,
            plan.objects(),
            new AssessmentContext.Replication(
                SourceObjects.slotNames(config),
                names(ours, SourceObjects.SLOT),
                SourceObjects.publicationNames(config),
                names(ours, SourceObjects.PUBLICATION)),
            begun(target)));
  }

  private List<ResourceLedger.Resource> ours(Database target) throws SQLException {
    try (Connection connection = target.open("status")) {
      return StateStore.find(connection, config.name()).isEmpty()
          ? List.of()
          : new ResourceLedger(config.name()).open(connection);
    }
  }

  private boolean begun(Database target) throws SQLException {
    try (Connection connection = target.open("status")) {
      return Entry.hasBegun(StateStore.find(connection, config.name()));
    }
  }

  private static Set<String> names(List<ResourceLedger.Resource> resources, String kind) {
    return resources.stream()
        .filter(resource -> resource.side() == Side.SOURCE && resource.kind().equals(kind))
        .map(ResourceLedger.Resource::name)
        .collect(Collectors.toSet());
  }
}
