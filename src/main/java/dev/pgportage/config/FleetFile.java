package dev.pgportage.config;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.FleetSettings.Create;
import dev.pgportage.config.Problem.Place;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.pg.Side;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Many migrations in one file: limits over all of them, defaults for each, migrations written out,
 * and a server whose databases become migrations of their own.
 *
 * <p>Read in two steps, because what is discovered is known only once the server was asked: {@link
 * #read}, then {@link #members} with the databases there are.
 */
public final class FleetFile {
  private static final String MIGRATIONS = "migrations";

  private final Environment environment;
  private final SettingValues values;
  private final Optional<YamlNode.Keys> defaults;
  private final List<YamlNode.Keys> written;
  private final String origin;

  private FleetFile(
      String origin,
      Environment environment,
      SettingValues values,
      Optional<YamlNode.Keys> defaults,
      List<YamlNode.Keys> written) {
    this.origin = origin;
    this.environment = environment;
    this.values = values;
    this.defaults = defaults;
    this.written = List.copyOf(written);
  }

  /**
   * What all migrations together may take.
   *
   * @param running how many load at once
   * @param workers how many chunks are copied at once by all of them
   * @param bytesPerSecond how much all loads read; 0 for no limit
   * @param connections how many connections to one server they may need; 0 if it does not matter
   */
  public record Limits(int running, int workers, long bytesPerSecond, int connections) {}

  /**
   * A server whose databases become migrations.
   *
   * @param source the database its list is read from
   * @param target the database from which missing ones are made
   * @param create whether missing ones are made
   */
  public record Discovery(Endpoint source, Endpoint target, boolean create) {}

  /**
   * One migration of the fleet.
   *
   * @param group the group it belongs to; empty for none
   * @param config its settings, limits applied
   */
  public record Member(String group, MigrationConfig config) {}

  /**
   * Reads a file.
   *
   * @throws MigrationException CONFIG_NOT_FOUND, or CONFIG_INVALID with all problems
   */
  public static FleetFile read(Path file, Environment environment) {
    var problems = new Problems();
    String origin = file.toString();
    YamlNode root =
        new YamlReader(origin, problems)
            .read(MigrationFile.text(file))
            .orElseGet(() -> new YamlNode.Nothing(Place.named(origin)));
    if (!problems.isEmpty()) {
      throw problems.failure();
    }
    var reader = new FleetReader(problems);
    reader.read(root);
    var values = new SettingValues(FleetSettings.LIST, origin, environment, problems);
    values.addFile(reader.rest());
    var read = new FleetFile(origin, environment, values, reader.defaults(), reader.migrations());
    read.check(problems);
    if (!problems.isEmpty()) {
      throw problems.failure();
    }
    return read;
  }

  private void check(Problems problems) {
    boolean source = values.find(FleetSettings.SOURCE).isPresent();
    boolean target = values.find(FleetSettings.TARGET).isPresent();
    if (source != target) {
      Setting<String> missing = source ? FleetSettings.TARGET : FleetSettings.SOURCE;
      problems.error(values.place(missing), missing.key(), "is missing", missing.kind().allowed());
    } else if (source) {
      endpoint(FleetSettings.SOURCE, Side.SOURCE, problems);
      endpoint(FleetSettings.TARGET, Side.TARGET, problems);
    } else if (written.isEmpty()) {
      problems.error(
          Place.named(origin),
          MIGRATIONS,
          "the fleet is empty",
          "write migrations, or discover.source and discover.target");
    }
  }

  /** What all migrations together may take. */
  public Limits limits() {
    return new Limits(
        Math.toIntExact(values.get(FleetSettings.RUNNING)),
        Math.toIntExact(values.get(FleetSettings.WORKERS)),
        values.get(FleetSettings.MAX_RATE),
        Math.toIntExact(values.get(FleetSettings.CONNECTIONS)));
  }

  /** The server to discover, if one is. */
  public Optional<Discovery> discovery() {
    var problems = new Problems();
    Optional<Endpoint> source = endpoint(FleetSettings.SOURCE, Side.SOURCE, problems);
    Optional<Endpoint> target = endpoint(FleetSettings.TARGET, Side.TARGET, problems);
    if (source.isEmpty() || target.isEmpty()) {
      return Optional.empty();
    }
    boolean create = values.get(FleetSettings.CREATE) == Create.MISSING;
    return Optional.of(new Discovery(source.get(), target.get(), create));
  }

  private Optional<Endpoint> endpoint(Setting<String> setting, Side side, Problems problems) {
    return values
        .raw(setting)
        .flatMap(
            template -> {
              Place place = values.place(setting);
              if (!DatabaseTemplate.isOne(template)) {
                problems.error(place, setting.key(), "has no {database}", setting.kind().allowed());
                return Optional.empty();
              }
              String url = DatabaseTemplate.fill(template, values.get(FleetSettings.DATABASE));
              return new ConnectionUrl(side, place, environment, problems).read(url);
            });
  }

  /**
   * The migrations, those written out first.
   *
   * @param databases the names of the databases there are; none if nothing is discovered
   * @throws MigrationException CONFIG_INVALID with all problems of all of them
   */
  public List<Member> members(List<String> databases) {
    var problems = new Problems();
    var members = new ArrayList<Member>();
    for (YamlNode.Keys keys : written) {
      member(keys, problems).ifPresent(members::add);
    }
    var patterns =
        new DatabaseFilter(
            values.list(FleetSettings.INCLUDE),
            values.list(FleetSettings.EXCLUDE),
            values.get(FleetSettings.DATABASE));
    patterns.of(databases).forEach(name -> discovered(name, problems).ifPresent(members::add));
    distinct(members, problems);
    connections(members, problems);
    if (!problems.isEmpty()) {
      throw problems.failure();
    }
    if (members.isEmpty()) {
      throw new MigrationException(
          ErrorCode.NOTHING_SELECTED,
          "No database of the server is left by discover.include and discover.exclude",
          "Widen them.",
          null);
    }
    return List.copyOf(members);
  }

  private Optional<Member> member(YamlNode.Keys keys, Problems problems) {
    var rest = new ArrayList<YamlNode.Entry>();
    String group = "";
    for (YamlNode.Entry entry : keys.entries()) {
      if (!entry.key().equals("group")) {
        rest.add(entry);
      } else if (entry.value() instanceof YamlNode.Text text
          && FleetSettings.GROUP.kind().parser().apply(text.text()).isPresent()) {
        group = text.text();
      } else {
        problems.error(
            entry.place(), "group", "is not allowed", FleetSettings.GROUP.kind().allowed());
      }
    }
    return resolve(group, new YamlNode.Keys(keys.place(), rest), problems);
  }

  private Optional<Member> discovered(String database, Problems problems) {
    Place source = values.place(FleetSettings.SOURCE);
    Place target = values.place(FleetSettings.TARGET);
    var entries =
        List.of(
            entry(source, Settings.NAME, DatabaseTemplate.migrationFor(database)),
            entry(source, Settings.SOURCE, filled(FleetSettings.SOURCE, database)),
            entry(target, Settings.TARGET, filled(FleetSettings.TARGET, database)));
    String group = values.find(FleetSettings.GROUP).orElse("");
    return resolve(group, new YamlNode.Keys(source, entries), problems);
  }

  private String filled(Setting<String> template, String database) {
    return DatabaseTemplate.fill(values.raw(template).orElseThrow(), database);
  }

  private static YamlNode.Entry entry(Place place, Setting<?> setting, String text) {
    return new YamlNode.Entry(place, setting.key(), new YamlNode.Text(place, text));
  }

  private Optional<Member> resolve(String group, YamlNode.Keys keys, Problems problems) {
    var own = new Problems();
    var settings = new SettingValues(origin, environment, own);
    defaults.ifPresent(settings::addFile);
    settings.addFile(keys);
    share(settings);
    Optional<MigrationFile> file = MigrationFile.resolve(settings, environment, own);
    own.errors().stream().filter(problems::isNew).forEach(problems::add);
    return file.map(resolved -> new Member(group, resolved.config()));
  }

  /** Gives a migration its share of what all of them may take. */
  private void share(SettingValues settings) {
    Limits limits = limits();
    long workers = Math.max(1, limits.workers() / limits.running());
    for (Setting<Long> setting :
        List.of(Settings.LOAD_WORKERS, Settings.INDEX_WORKERS, Settings.VALIDATION_WORKERS)) {
      if (settings.get(setting) > workers) {
        set(settings, FleetSettings.WORKERS, setting, Long.toString(workers));
      }
    }
    if (limits.bytesPerSecond() > 0) {
      long rate = Math.max(1, limits.bytesPerSecond() / limits.running());
      long given = settings.get(Settings.MAX_RATE);
      if (given == 0 || given > rate) {
        set(settings, FleetSettings.MAX_RATE, Settings.MAX_RATE, rate + "B");
      }
    }
  }

  private static void set(
      SettingValues settings, Setting<?> limit, Setting<?> setting, String text) {
    settings.addOption(new MigrationFile.Option(limit.key(), setting.key(), text));
  }

  /** Slots are named after migrations, and a name is one in a whole server. */
  private void distinct(List<Member> members, Problems problems) {
    Map<String, Integer> seen = new HashMap<>();
    for (Member member : members) {
      MigrationConfig config = member.config();
      if (seen.merge(config.name(), 1, Integer::sum) == 2) {
        problems.error(
            Place.named(origin),
            "name",
            "two migrations are called " + config.name(),
            "give each a name of its own");
      }
      String target = config.target().toString();
      if (seen.merge("target " + target, 1, Integer::sum) == 2) {
        problems.error(
            Place.named(origin),
            "target",
            "two migrations go to " + target,
            "a database of its own for each");
      }
    }
  }

  private void connections(List<Member> members, Problems problems) {
    Limits limits = limits();
    int most = ConnectionNeed.most(members.stream().map(Member::config).toList(), limits.running());
    if (limits.connections() > 0 && most > limits.connections()) {
      problems.error(
          values.place(FleetSettings.CONNECTIONS),
          FleetSettings.CONNECTIONS.key(),
          "%d migrations, %d of them loading, may need %d connections to one server"
              .formatted(members.size(), Math.min(members.size(), limits.running()), most),
          "at least that, or lower limits.running or limits.workers");
    }
  }
}
