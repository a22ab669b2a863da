package dev.pgportage.config;

import dev.pgportage.pg.Endpoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * How many connections to one server migrations need at the most: each its control, its stream and
 * its applier, those that load their workers besides, those that prove a pair for each table at
 * once.
 */
final class ConnectionNeed {
  /**
   * With one stream: lease, control, stream, apply, heartbeat, watch, and one for a moment's
   * question.
   */
  private static final int ALWAYS = 7;

  private ConnectionNeed() {}

  /** The most of any server, if so many of the migrations load at once. */
  static int most(List<MigrationConfig> migrations, int loading) {
    return Math.max(
        onOne(migrations, loading, MigrationConfig::source),
        onOne(migrations, loading, MigrationConfig::target));
  }

  private static int onOne(
      List<MigrationConfig> migrations, int loading, Function<MigrationConfig, Endpoint> side) {
    Map<String, List<MigrationConfig>> servers = new HashMap<>();
    for (MigrationConfig migration : migrations) {
      Endpoint endpoint = side.apply(migration);
      servers
          .computeIfAbsent(endpoint.host() + ":" + endpoint.port(), _ -> new ArrayList<>())
          .add(migration);
    }
    return servers.values().stream()
        .mapToInt(
            together ->
                together.size() * ALWAYS
                    + together.stream().mapToInt(one -> one.apply().streams() - 1).sum()
                    + together.stream()
                        .map(ConnectionNeed::workers)
                        .sorted(Comparator.reverseOrder())
                        .limit(loading)
                        .mapToInt(Integer::intValue)
                        .sum())
        .max()
        .orElse(0);
  }

  private static int workers(MigrationConfig migration) {
    return Math.max(
        migration.load().workers() + migration.load().indexWorkers(),
        migration.validation().workers());
  }
}
