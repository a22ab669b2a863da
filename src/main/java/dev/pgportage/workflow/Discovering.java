package dev.pgportage.workflow;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.discovery.Discovery;
import dev.pgportage.discovery.DiscoveryReport;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.schema.Catalog;
import dev.pgportage.schema.CatalogReader;
import dev.pgportage.schema.ObjectSet;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

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
    ObjectSet objects = objects(source);
    List<DiscoveryReport.PlannedStream> streams = plan ? streams(source, objects) : List.of();
    return new Discovery(source, target, config, objects)
        .run(sample, stop::pause, plan ? Optional.of(streams) : Optional.empty());
  }

  /** As the tables would be divided now; none if there is but one stream. */
  private List<DiscoveryReport.PlannedStream> streams(Database source, ObjectSet objects)
      throws SQLException {
    int most = config.apply().streams();
    if (most == 1) {
      return List.of();
    }
    List<List<QualifiedName>> divided;
    try (Connection connection = source.open("discover")) {
      divided = new TableTies(objects, Databases.of(config)).divided(connection, most);
    }
    return IntStream.rangeClosed(1, divided.size())
        .mapToObj(
            stream ->
                new DiscoveryReport.PlannedStream(
                    SourceObjects.slotName(config, stream),
                    divided.get(stream - 1).stream().map(QualifiedName::toString).toList()))
        .toList();
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
