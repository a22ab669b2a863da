package dev.pgportage.discovery;

import dev.pgportage.schema.ObjectSet;
import dev.pgportage.schema.SchemaItem;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Everything the discovery found out.
 *
 * @param migration the migration's name
 * @param takenAt when
 * @param took how long it took, the sample included
 * @param source the server the rows come from
 * @param target the server they go to
 * @param parameters every compared setting, in the order of the list
 * @param sizes how much there is
 * @param activity how fast it changes
 * @param extensions the source's extensions
 * @param features what the source uses
 * @param measurements what was timed
 * @param estimates what is reckoned from it
 * @param plan what would be migrated and how, if it was asked for
 */
public record DiscoveryReport(
    String migration,
    Instant takenAt,
    Duration took,
    ServerFacts source,
    ServerFacts target,
    List<Parameter> parameters,
    Sizes sizes,
    Activity activity,
    List<ExtensionPair> extensions,
    List<Feature> features,
    Measurements measurements,
    Estimates estimates,
    Optional<Plan> plan) {

  /** Copies the lists. */
  public DiscoveryReport {
    parameters = List.copyOf(parameters);
    extensions = List.copyOf(extensions);
    features = List.copyOf(features);
  }

  /**
   * The resolved object set, and what is done with everything of the schema.
   *
   * @param tables every table and how its rows travel
   * @param sequences the sequences' names
   * @param schema every entry of the dump as it is classified; or why there is no dump
   * @param streams among which streams the tables would be divided now; none if there is but one
   */
  public record Plan(
      List<PlannedTable> tables,
      List<String> sequences,
      Reading<List<PlannedItem>> schema,
      List<PlannedStream> streams) {
    /** Copies the lists. */
    public Plan {
      tables = List.copyOf(tables);
      sequences = List.copyOf(sequences);
      streams = List.copyOf(streams);
    }
  }

  /**
   * A stream of several (apply.streams).
   *
   * @param slot its slot's name
   * @param tables its tables; a partitioned one stands for all of its partitions
   */
  public record PlannedStream(String slot, List<String> tables) {
    /** Copies the list. */
    public PlannedStream {
      tables = List.copyOf(tables);
    }
  }

  /**
   * A table of the migration.
   *
   * @param name its name
   * @param replication how its rows travel
   * @param key the columns by which rows are told apart; empty if nothing tells them apart
   */
  public record PlannedTable(String name, ObjectSet.Replication replication, List<String> key) {
    /** Copies the list. */
    public PlannedTable {
      key = List.copyOf(key);
    }
  }

  /**
   * An entry of the schema.
   *
   * @param object kind and name, in pg_dump's words
   * @param decision what is done with it
   * @param stage when
   * @param reason why, where it is not simply made as it is; otherwise empty
   */
  public record PlannedItem(
      String object, SchemaItem.Decision decision, SchemaItem.Stage stage, String reason) {}

  /** The settings whose comparison gave this. */
  public List<Parameter> parameters(Parameter.Outcome outcome) {
    return parameters.stream().filter(p -> p.outcome() == outcome).toList();
  }
}
