package dev.pgportage.workflow;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.discovery.Discovery;
import dev.pgportage.discovery.DiscoveryReport;
import dev.pgportage.pg.Database;
import dev.pgportage.schema.Catalog;
import dev.pgportage.schema.CatalogReader;
import dev.pgportage.schema.ObjectSet;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/** Resolves what a migration is about, and finds out about both databases; changes nothing. */
final class Discovering {
  private final MigrationConfig config;
  private final StopSignal stop;

  Discovering(MigrationConfig config, StopSignal stop) {
    this.config = config;
    this.stop = stop;
  }

  DiscoveryReport run(Duration sample, boolean plan) throws SQLException {
    String application = Databases.application(config.name());
    var source = new Database(config.source(), application);
    var target = new Database(config.target(), application);
    return new Discovery(source, target, config, objects(source)).run(sample, stop::pause, plan);
  }

  /** Other than a migration, a look needs nothing to be there. */
  private ObjectSet objects(Database source) throws SQLException {
    try (Connection connection = source.open("discover")) {
      Catalog catalog = CatalogReader.read(connection);
      return catalog.tables().isEmpty() && config.filters().isEmpty()
          ? new ObjectSet(List.of(), catalog.sequences(), true)
          : Assessing.objects(catalog, config);
    }
  }
}
