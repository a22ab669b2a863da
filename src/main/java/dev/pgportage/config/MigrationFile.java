package dev.pgportage.config;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig.Apply;
import dev.pgportage.config.MigrationConfig.Cutover;
import dev.pgportage.config.MigrationConfig.Filters;
import dev.pgportage.config.MigrationConfig.Load;
import dev.pgportage.config.MigrationConfig.Schema;
import dev.pgportage.config.MigrationConfig.Spool;
import dev.pgportage.config.MigrationConfig.Validation;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.pg.Side;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A migration's settings as they were read, from {@code migration.yaml} or the command line, with
 * what is doubtful in them.
 *
 * @param config the settings
 * @param warnings what works but should be looked at; no secrets
 */
public record MigrationFile(MigrationConfig config, List<Problem> warnings) {
  private static final int MAX_NAME = 40;

  /** Copies the list. */
  public MigrationFile {
    warnings = List.copyOf(warnings);
  }

  /**
   * A setting given on the command line; it replaces the file's.
   *
   * @param name the option as the user typed it, for messages: {@code --source}
   * @param key the setting's path
   * @param value its text, as it would stand in the file; lists separated by commas
   */
  public record Option(String name, String key, String value) {
    /** The option's name; the value may hold a password. */
    @Override
    public String toString() {
      return name;
    }
  }

  /**
   * Reads a file and the command line's options.
   *
   * @throws MigrationException CONFIG_NOT_FOUND, or CONFIG_INVALID with all problems
   */
  public static MigrationFile read(Path file, List<Option> options, Environment environment) {
    var problems = new Problems();
    var values = new SettingValues(file.toString(), environment, problems);
    Optional<YamlNode> root = new YamlReader(file.toString(), problems).read(text(file));
    if (root.isEmpty() && !problems.isEmpty()) {
      throw problems.failure();
    }
    root.ifPresent(values::addFile);
    options.forEach(values::addOption);
    return resolve(values, environment, problems).orElseThrow(problems::failure);
  }

  /**
   * Takes settings from the command line alone.
   *
   * @throws MigrationException CONFIG_INVALID with all problems
   */
  public static MigrationFile of(List<Option> options, Environment environment) {
    var problems = new Problems();
    var values = new SettingValues("command line", environment, problems);
    options.forEach(values::addOption);
    return resolve(values, environment, problems).orElseThrow(problems::failure);
  }

  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new MigrationException(ErrorCode.CONFIG_INVALID, file + " is not a text in UTF-8", e);
    } catch (IOException e) {
      String why = Files.exists(file) ? " cannot be read" : " does not exist";
      throw new MigrationException(ErrorCode.CONFIG_NOT_FOUND, file + why, e);
    }
  }

  /** The settings that values come to; empty if there are problems. */
  static Optional<MigrationFile> resolve(
      SettingValues values, Environment environment, Problems problems) {
    Ends ends = ends(values, environment, problems);
    Optional<String> name = values.find(Settings.NAME);
    MigrationConfig.Type type = values.get(Settings.TYPE);
    var filters = new Filters(values.list(Settings.INCLUDE), values.list(Settings.EXCLUDE));
    Schema schema = schema(values);
    Load load = load(values);
    Apply apply = apply(values);
    Cutover cutover = new CutoverSettings(values, environment, problems).read();
    Web web = WebSettings.read(values, problems);
    // Everything is read before problems are looked at: reading is what finds them.
    Validation validation = validation(values);
    MigrationConfig.Safety safety = safety(values);
    MigrationConfig.Ddl ddl = values.get(Settings.DDL);
    new Contradictions(values, problems).check(type, schema, apply, cutover);
    Notifications notifications = notifications(values, environment, problems);
    if (ends.source().isEmpty() || ends.target().isEmpty() || !problems.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new MigrationFile(
            new MigrationConfig(
                name.orElseGet(() -> nameFor(ends.source().get().database())),
                ends.source().get(),
                ends.target().get(),
                type,
                filters,
                schema,
                load,
                apply,
                validation,
                cutover,
                safety,
                ddl,
                notifications,
                web),
            problems.warnings()));
  }

  /** The two databases' endpoints; empty where one is missing or wrong. */
  private record Ends(Optional<Endpoint> source, Optional<Endpoint> target) {}

  private static Ends ends(SettingValues values, Environment environment, Problems problems) {
    Optional<Endpoint> source =
        endpoint(Settings.SOURCE, Side.SOURCE, values, environment, problems);
    Optional<Endpoint> target =
        endpoint(Settings.TARGET, Side.TARGET, values, environment, problems);
    source.ifPresent(from -> target.ifPresent(to -> checkDistinct(from, to, values, problems)));
    return new Ends(source, target);
  }

  private static Notifications notifications(
      SettingValues values, Environment environment, Problems problems) {
    return new Notifications(
        new ChannelsReader(values.origin(), environment, problems)
            .read(values.items(ChannelKeys.LIST)),
        values.get(AlertSettings.MAX_LAG),
        Math.toIntExact(values.get(AlertSettings.PER_HOUR)),
        values.find(AlertSettings.METRICS_PORT).map(Math::toIntExact));
  }

  private static Validation validation(SettingValues values) {
    return new Validation(
        Math.toIntExact(values.get(Settings.VALIDATION_WORKERS)),
        values.get(Settings.VALIDATION_RATE),
        values.get(Settings.VALIDATION_EVERY));
  }

  /** A length of time as the file writes it, such as {@code 5min}; empty if it is none. */
  public static Optional<Duration> duration(String text) {
    return Kind.duration(text.strip());
  }

  private static Schema schema(SettingValues values) {
    return new Schema(
        values.get(Settings.SCHEMA_MODE),
        values.get(Settings.SCHEMA_PARK),
        values.get(Settings.OWNERS),
        values.get(Settings.PRIVILEGES),
        values.get(Settings.ROLES));
  }

  private static Optional<Endpoint> endpoint(
      Setting<String> setting,
      Side side,
      SettingValues values,
      Environment environment,
      Problems problems) {
    Optional<String> text = values.raw(setting).map(String::strip).filter(raw -> !raw.isEmpty());
    if (text.isEmpty()) {
      if (!values.isGiven(setting) || values.raw(setting).isPresent()) {
        problems.error(
            values.place(setting), setting.key(), "is missing", setting.kind().allowed());
      }
      return Optional.empty();
    }
    return new ConnectionUrl(side, values.place(setting), environment, problems).read(text.get());
  }

  private static void checkDistinct(
      Endpoint source, Endpoint target, SettingValues values, Problems problems) {
    if (source.host().equalsIgnoreCase(target.host())
        && source.port() == target.port()
        && source.database().equals(target.database())) {
      problems.error(
          ErrorCode.SAME_DATABASE,
          values.place(Settings.TARGET),
          Settings.TARGET.key(),
          "is the source's database too",
          "another host, port or database");
    }
  }

  /** A database's name made fit to name a migration. */
  static String nameFor(String database) {
    String name = database.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
    return name.substring(0, Math.min(MAX_NAME, name.length()));
  }

  private static Load load(SettingValues values) {
    return new Load(
        Math.toIntExact(values.get(Settings.LOAD_WORKERS)),
        Math.toIntExact(values.get(Settings.INDEX_WORKERS)),
        values.get(Settings.CHUNK_SIZE),
        values.get(Settings.RECOPY_LIMIT),
        values.get(Settings.INDEX_MEMORY),
        new MigrationConfig.Limits(
            values.get(Settings.MAX_RATE),
            Math.toIntExact(values.get(Settings.KEEP_CONNECTIONS)),
            values.get(Settings.MAX_REPLICA_LAG),
            values.get(Settings.STOP_REPLICA_LAG),
            values.get(Settings.MAX_SNAPSHOT_AGE)),
        ExecutorKeys.read(values));
  }

  private static Apply apply(SettingValues values) {
    return new Apply(
        values.find(Settings.SLOT),
        Math.toIntExact(values.get(Settings.STREAMS)),
        Math.toIntExact(values.get(Settings.BATCH_ROWS)),
        values.get(Settings.BATCH_SIZE),
        values.get(Settings.HEARTBEAT),
        new Spool(
            values.get(SpoolKeys.DIRECTORY),
            values.get(SpoolKeys.SIZE),
            values.get(SpoolKeys.KEEP_FREE),
            values.get(SpoolKeys.BEGINS_AT),
            values.get(SpoolKeys.WHEN_LOST)));
  }

  private static MigrationConfig.Safety safety(SettingValues values) {
    return new MigrationConfig.Safety(
        values.get(SafetySettings.STALL_AFTER),
        values.get(SafetySettings.STALL_LIMIT),
        values.get(SafetySettings.MAX_WAL),
        values.get(SafetySettings.ON_MAX_WAL),
        values.get(SafetySettings.MAX_TARGET_SIZE));
  }
}
