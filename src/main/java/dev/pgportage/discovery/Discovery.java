package dev.pgportage.discovery;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.discovery.DiscoveryReport.Plan;
import dev.pgportage.discovery.DiscoveryReport.PlannedItem;
import dev.pgportage.discovery.DiscoveryReport.PlannedStream;
import dev.pgportage.discovery.DiscoveryReport.PlannedTable;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.schema.SchemaPlanner;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Looks at both databases and times small pieces of the work, in one session on either side that
 * may not write.
 */
public final class Discovery {
  private static final int OWN_SESSIONS = 1;

  private final Database source;
  private final Database target;
  private final MigrationConfig config;
  private final ObjectSet objects;

  /**
   * A discovery of a migration.
   *
   * @param objects what is migrated, resolved on the source
   */
  public Discovery(Database source, Database target, MigrationConfig config, ObjectSet objects) {
    this.source = source;
    this.target = target;
    this.config = config;
    this.objects = objects;
  }

  /**
   * Finds everything out.
   *
   * @param sample how long the source's counters are watched
   * @param pause waits for so long, or throws
   * @param streams among which streams the tables would be divided, if the schema is to be dumped
   *     and classified, too
   * @throws MigrationException if a database cannot be reached
   */
  public DiscoveryReport run(
      Duration sample, Consumer<Duration> pause, Optional<List<PlannedStream>> streams) {
    Instant now = Instant.now();
    long began = System.nanoTime();
    try (var there = source.open("discover");
        var here = target.open("discover")) {
      Site from = Site.on(source, there);
      Site to = Site.on(target, here);
      ServerFacts sourceFacts = ServerFacts.of(from, OWN_SESSIONS);
      ServerFacts targetFacts = ServerFacts.of(to, OWN_SESSIONS);
      Sizes sizes = Sizes.of(from, objects);
      // Before anything is measured: the measurements are not to be taken for the application.
      Activity activity = Activity.sample(from, objects, sample, pause);
      Measurements measured = new Measuring(from, to).run(objects);
      int free = Math.min(sourceFacts.connections().free(), targetFacts.connections().free());
      var estimating = new Estimating(config, objects, sizes, activity, measured, free);
      List<Parameter> parameters = Parameter.compare(from, to);
      List<ExtensionPair> extensions = ExtensionPair.of(from, to);
      List<Feature> features = Feature.usedOn(from);
      Optional<Plan> planned = streams.map(this::plan);
      return new DiscoveryReport(
          config.name(),
          now,
          Duration.ofNanos(System.nanoTime() - began),
          sourceFacts,
          targetFacts,
          parameters,
          sizes,
          activity,
          extensions,
          features,
          measured,
          estimating.run(),
          planned);
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Looking at the databases");
    }
  }

  private Plan plan(List<PlannedStream> streams) {
    return new Plan(
        objects.tables().stream()
            .map(
                member ->
                    new PlannedTable(
                        member.name().toString(),
                        member.replication(),
                        member.table().key().map(key -> key.columns()).orElse(List.of())))
            .toList(),
        objects.sequences().stream().map(sequence -> sequence.name().toString()).toList(),
        schema(),
        streams);
  }

  private Reading<List<PlannedItem>> schema() {
    try {
      return new Reading.Known<>(
          new SchemaPlanner(source, target, config.schema())
              .draft(objects).items().stream()
                  .map(
                      item ->
                          new PlannedItem(
                              item.toString(), item.decision(), item.stage(), item.reason()))
                  .toList());
    } catch (MigrationException e) {
      return new Reading.Unread<>(e.what(), e.remedy());
    }
  }
}
