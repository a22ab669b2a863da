package dev.pgportage.job;

import dev.pgportage.config.Environment;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.MigrationFile;
import dev.pgportage.pg.Database;
import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What the job is told: where both databases are, without passwords. Each of the cluster's
 * processes has these in its own environment or pass file.
 *
 * @param migration the migration's name
 * @param source the source's URL
 * @param target the target's URL
 * @param round the round to do, after which the job ends; negative for every round of the migration
 * @param workers how many workers
 */
record JobSettings(String migration, String source, String target, long round, int workers)
    implements Serializable {
  private static final List<String> KNOWN =
      List.of("--migration", "--source", "--target", "--round", "--workers");

  static JobSettings of(String[] arguments) {
    Map<String, String> given = new HashMap<>();
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      given.put(arguments[i], arguments[i + 1]);
    }
    if (arguments.length % 2 != 0
        || !KNOWN.containsAll(given.keySet())
        || !given.keySet().containsAll(List.of("--migration", "--source", "--target"))) {
      throw new IllegalArgumentException(
          "Arguments: --migration NAME --source URL --target URL [--workers 4] [--round ID]");
    }
    return new JobSettings(
        given.getOrDefault("--migration", ""),
        given.getOrDefault("--source", ""),
        given.getOrDefault("--target", ""),
        Long.parseLong(given.getOrDefault("--round", "-1")),
        Integer.parseInt(given.getOrDefault("--workers", "4")));
  }

  /** The one round to do. */
  OptionalLong only() {
    return round < 0 ? OptionalLong.empty() : OptionalLong.of(round);
  }

  /** Both databases, with this process's passwords. */
  Both databases() {
    MigrationConfig config =
        MigrationFile.of(
                List.of(
                    new MigrationFile.Option("--migration", "name", migration),
                    new MigrationFile.Option("--source", "source", source),
                    new MigrationFile.Option("--target", "target", target)),
                Environment.ofProcess())
            .config();
    String application = "pgportage " + migration;
    return new Both(
        new Database(config.source(), application), new Database(config.target(), application));
  }

  /** Both databases. */
  record Both(Database source, Database target) {}
}
