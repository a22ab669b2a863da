package dev.pgportage.cli;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationFile;
import dev.pgportage.config.Problem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a command takes the migration's settings from. */
final class ConfigOptions {
  private static final Path DEFAULT_FILE = Path.of("migration.yaml");

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The migration's settings; by default ./migration.yaml.")
  private @Nullable Path file;

  @Option(
      names = "--source",
      paramLabel = "URL",
      description = "The source, such as postgresql://user@host:5432/database.")
  private @Nullable String source;

  @Option(names = "--target", paramLabel = "URL", description = "The target.")
  private @Nullable String target;

  @Option(names = "--name", paramLabel = "NAME", description = "The migration's name.")
  private @Nullable String name;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      description = "full-load, cdc or full-load-and-cdc.")
  private @Nullable String type;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Any key of the file, such as load.workers=8. May be repeated.")
  private List<String> settings = new ArrayList<>();

  /** Takes both databases from arguments, as if they were given as options. */
  void between(String sourceUrl, String targetUrl) {
    source = sourceUrl;
    target = targetUrl;
  }

  /** Takes a key's value from an option that has a name of its own. */
  void set(String key, Object value) {
    settings.add(key + "=" + value);
  }

  /** Whether there are settings, here or in the directory. */
  boolean isGiven() {
    return file != null || (source != null && target != null) || Files.exists(DEFAULT_FILE);
  }

  /** Where the settings' file lies; the present directory if there is none. */
  Path directory() {
    Path named = file == null ? DEFAULT_FILE : file;
    Path parent = named.toAbsolutePath().getParent();
    return parent == null ? Path.of("").toAbsolutePath() : parent;
  }

  /** Reads the settings, and prints warnings about them. */
  MigrationFile load(Shell shell) {
    List<MigrationFile.Option> options = options();
    MigrationFile read = read(options, shell);
    for (Problem warning : read.warnings()) {
      shell.err().println(shell.style().yellow("Warning:") + " " + warning);
    }
    return read;
  }

  private MigrationFile read(List<MigrationFile.Option> options, Shell shell) {
    if (file != null) {
      return MigrationFile.read(file, options, shell.environment());
    }
    // With both URLs given, a file lying about in the directory is somebody else's.
    if (source != null && target != null) {
      return MigrationFile.of(options, shell.environment());
    }
    if (!Files.exists(DEFAULT_FILE)) {
      throw new MigrationException(
          ErrorCode.CONFIG_NOT_FOUND,
          "There is no ./migration.yaml",
          "Write one with 'pgportage init', name another with --config, or give --source and"
              + " --target.",
          null);
    }
    return MigrationFile.read(DEFAULT_FILE, options, shell.environment());
  }

  private List<MigrationFile.Option> options() {
    var options = new ArrayList<MigrationFile.Option>();
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      if (equals < 1) {
        throw new MigrationException(
            ErrorCode.USAGE, "--set takes KEY=VALUE, such as --set load.workers=8");
      }
      String key = setting.substring(0, equals);
      options.add(new MigrationFile.Option("--set " + key, key, setting.substring(equals + 1)));
    }
    add(options, "source", source);
    add(options, "target", target);
    add(options, "name", name);
    add(options, "type", type);
    return options;
  }

  private static void add(List<MigrationFile.Option> options, String key, @Nullable String value) {
    if (value != null) {
      options.add(new MigrationFile.Option("--" + key, key, value));
    }
  }
}
